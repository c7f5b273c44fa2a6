package import AnswerCache
package import DNSWire
import Dispatch
package import Forwarding
import Glibc
package import QueryLog
import Sockets
import Synchronization

/// A running resolver: its workers, and what is common to them.
package final class ResolverServer: Sendable {
    package struct Settings: Sendable {
        /// Never empty.
        package var listen: [Endpoint]
        package var workers: Int
        /// Octets for all workers together.
        package var cacheOctets: Int
        package var cacheLimits: AnswerCache.Limits
        /// Of each worker.
        package var limits: WorkerLimits
        package var forwarding: ForwardingSettings

        package init(
            listen: [Endpoint], workers: Int, cacheOctets: Int, cacheLimits: AnswerCache.Limits,
            limits: WorkerLimits = WorkerLimits(), forwarding: ForwardingSettings = ForwardingSettings()
        ) {
            self.listen = listen
            self.workers = workers
            self.cacheOctets = cacheOctets
            self.cacheLimits = cacheLimits
            self.limits = limits
            self.forwarding = forwarding
        }
    }

    private let publisher: StatePublisher
    private let retired = RetiredStates()
    private let workers: [Worker]
    private let log: QueryLogWriter?
    /// Where it listens, with the ports that were taken where 0 was asked for.
    package let endpoints: [Endpoint]

    /// Binds every socket and begins to serve. When it returns, queries are answered.
    /// - Parameters:
    ///   - log: has a ring for each worker; nil logs nothing.
    ///   - onLoop: told from where a query of our own has come back, each time.
    ///   - onUpstreamTrouble: told by every worker why a connection to an upstream has failed, each time.
    package init(
        _ settings: Settings, state: ServingState, log: QueryLogWriter?,
        onLoop: @escaping @Sendable (Endpoint) -> Void = { _ in },
        onUpstreamTrouble: @escaping UpstreamTroubleHandler
    ) throws(ResolverStartError) {
        let (publisher, rates) = (StatePublisher(state), RateLimiter())
        do {
            workers = try (0..<settings.workers).map { number throws(SystemCallError) in
                try Worker(
                    number: number, publisher: publisher,
                    cache: AnswerCache(octets: settings.cacheOctets / settings.workers, limits: settings.cacheLimits),
                    cacheLimits: settings.cacheLimits, limits: settings.limits, rates: rates,
                    forwarding: settings.forwarding, log: log.map { ($0, $0.rings[number]) }, onLoop: onLoop,
                    onUpstreamTrouble: onUpstreamTrouble)
            }
        } catch {
            throw ResolverStartError(endpoint: settings.listen[0], cause: error)
        }
        let sockets = try settings.listen.map { endpoint throws(ResolverStartError) in
            try ListeningSockets(
                endpoint, workers: settings.workers, bufferOctets: settings.limits.datagramBufferOctets)
        }
        self.publisher = publisher
        self.log = log
        endpoints = sockets.map(\.endpoint)
        for (number, worker) in workers.enumerated() {
            worker.start(
                datagramSockets: sockets.map { $0.datagram[number] }, streamSockets: sockets.map { $0.stream[number] })
        }
    }

    /// Puts a new policy in force for every query that is read from now on.
    ///
    /// The replaced one is let go of elsewhere, as soon as no worker uses it: freeing millions of names is no work for
    /// a worker.
    package func publish(_ state: ServingState) { retired.add(publisher.publish(state)) }

    /// The state in force.
    package var state: ServingState { publisher.state() }

    /// What all workers have done so far.
    package func counters() -> WorkerCounters {
        var total = WorkerCounters()
        for worker in workers {
            total += worker.loop.sync { worker.counters }
            total.forwarding += worker.loop.sync { worker.forwarder.counters }
        }
        return total
    }

    /// Takes no more queries, answers those under way, writes the log to its end. Blocks for as long as that takes:
    /// at most the time-out of upstream queries.
    package func drain() -> WorkerCounters {
        let group = DispatchGroup()
        for worker in workers {
            group.enter()
            worker.drain { group.leave() }
        }
        group.wait()
        log?.finish()
        return counters()
    }
}

/// Told why a TCP or TLS connection to an upstream has failed; and, with no reason, that one works again.
package typealias UpstreamTroubleHandler = @Sendable (Upstream, _ reason: String?) -> Void

/// The sockets of one listen address, one of each kind for each worker.
private struct ListeningSockets {
    let endpoint: Endpoint
    private(set) var datagram: [CInt] = []
    private(set) var stream: [CInt] = []

    /// With port 0 the kernel gives a UDP port, which then has to be free for TCP too: that may take some tries.
    init(_ wanted: Endpoint, workers: Int, bufferOctets: Int) throws(ResolverStartError) {
        var attempt = 1
        while true {
            do {
                try self.init(binding: wanted, workers: workers, bufferOctets: bufferOctets)
                return
            } catch {
                guard wanted.port == 0, error.code == EADDRINUSE, attempt < 16 else {
                    throw ResolverStartError(endpoint: wanted, cause: error)
                }
                attempt += 1
            }
        }
    }

    private init(binding wanted: Endpoint, workers: Int, bufferOctets: Int) throws(SystemCallError) {
        do {
            // SO_REUSEPORT would let a second program of the same user share the port without a word.
            try Socket.checkIsFree(wanted)
            datagram.append(try Socket.boundUDP(to: wanted, bufferOctets: bufferOctets))
            endpoint = try Socket.localEndpoint(of: datagram[0])
            for _ in 1..<max(1, workers) {
                datagram.append(try Socket.boundUDP(to: endpoint, bufferOctets: bufferOctets))
            }
            for _ in 0..<workers { stream.append(try Socket.listeningTCP(on: endpoint)) }
        } catch {
            for descriptor in datagram + stream { close(descriptor) }
            throw error
        }
    }
}

/// An address that can't be listened on.
package struct ResolverStartError: Error, Sendable, CustomStringConvertible {
    package var endpoint: Endpoint
    private let cause: SystemCallError

    init(endpoint: Endpoint, cause: SystemCallError) {
        self.endpoint = endpoint
        self.cause = cause
    }

    package var description: String {
        let advice =
            switch cause.code {
            case EADDRINUSE: "another program listens there; stop it, or listen elsewhere (--listen)"
            case EACCES: "ports below 1024 need root or CAP_NET_BIND_SERVICE; or listen elsewhere (--listen)"
            case EADDRNOTAVAIL: "this host has no such address"
            case EMFILE, ENFILE: "too many open files; raise the limit (ulimit -n)"
            default: cause.call
            }
        return "can't listen on \(endpoint): \(unsafe String(cString: strerror(cause.code))): \(advice)"
    }
}
