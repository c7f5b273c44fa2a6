package import AnswerCache
package import DNSWire
import Dispatch
package import Forwarding
package import QueryLog
import Sockets
import Synchronization

/// A running resolver: its workers, and what is common to them.
package final class ResolverServer: Sendable {
    package struct Settings: Sendable {
        package var workers: Int
        /// Octets for all workers together.
        package var cacheOctets: Int
        package var cacheLimits: AnswerCache.Limits
        /// Of each worker.
        package var limits: WorkerLimits
        package var forwarding: ForwardingSettings

        package init(
            workers: Int, cacheOctets: Int, cacheLimits: AnswerCache.Limits, limits: WorkerLimits = WorkerLimits(),
            forwarding: ForwardingSettings = ForwardingSettings()
        ) {
            self.workers = workers
            self.cacheOctets = cacheOctets
            self.cacheLimits = cacheLimits
            self.limits = limits
            self.forwarding = forwarding
        }
    }

    private let publisher: StatePublisher
    private let states: StatesInUse
    private let workers: [Worker]
    private let log: QueryLogWriter?
    /// Where it listens.
    package let endpoints: [Endpoint]

    /// Begins to serve. When it returns, queries are answered.
    /// - Parameters:
    ///   - sockets: never empty, and made for as many workers.
    ///   - log: has a ring for each worker; nil logs nothing.
    ///   - onLoop: told from where a query of our own has come back, each time.
    ///   - onUpstreamTrouble: told by every worker why a connection to an upstream has failed, each time.
    package init(
        _ settings: Settings, on sockets: [ListeningSockets], state: ServingState, log: QueryLogWriter?,
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
            throw ResolverStartError(endpoint: sockets[0].endpoint, cause: error)
        }
        self.publisher = publisher
        states = StatesInUse(state)
        self.log = log
        endpoints = sockets.map(\.endpoint)
        for (number, worker) in workers.enumerated() {
            worker.start(
                datagramSockets: sockets.flatMap { $0.datagram[number] },
                streamSockets: sockets.flatMap { $0.stream[number] })
        }
    }

    /// Puts a new policy in force for every query that is read from now on.
    ///
    /// The replaced one is let go of elsewhere, as soon as no worker uses it: freeing millions of names is no work for
    /// a worker.
    package func publish(_ state: ServingState) {
        states.add(state)
        publisher.publish(state)
    }

    /// The state in force.
    package var state: ServingState { publisher.state() }

    /// What all workers have done so far, and by which rules. Waits for each worker's turn to end.
    package func report() -> EngineReport {
        var report = workersReport()
        report.policy = states.counts()
        return report
    }

    /// What all workers have done so far. Waits for each worker's turn to end.
    package var counters: WorkerCounters { workersReport().counters }

    private func workersReport() -> EngineReport {
        var report = EngineReport()
        for worker in workers { worker.loop.sync { report.add(worker) } }
        return report
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
        return counters
    }
}

/// Told why a TCP or TLS connection to an upstream has failed; and, with no reason, that one works again.
package typealias UpstreamTroubleHandler = @Sendable (Upstream, _ reason: String?) -> Void
