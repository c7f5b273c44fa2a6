package import DNSWire
import Glibc
package import Sockets

/// The sockets of one listen address, of each kind, for each worker: bound before anything else is done, while the process
/// may still do that.
package struct ListeningSockets: Sendable {
    /// With the port that was taken where 0 was asked for.
    package let endpoint: Endpoint
    /// By worker.
    private(set) var datagram: [[CInt]]
    private(set) var stream: [[CInt]]

    /// Takes sockets that somebody else has bound.
    ///
    /// Workers share them if there are fewer sockets than workers, and have several if there are more: the kernel hands
    /// each datagram and each connection to one of the sockets, so that none may be left without a reader.
    package init(_ passed: PassedSockets.Address, workers: Int, bufferOctets: Int) throws(ResolverStartError) {
        endpoint = passed.endpoint
        for socket in passed.datagram { Socket.raiseBuffers(socket, to: bufferOctets) }
        do {
            datagram = try ListeningSockets.spread(passed.datagram, over: workers)
            stream = try ListeningSockets.spread(passed.stream, over: workers)
        } catch {
            throw ResolverStartError(endpoint: endpoint, cause: error)
        }
    }

    private static func spread(_ sockets: [CInt], over workers: Int) throws(SystemCallError) -> [[CInt]] {
        var byWorker: [[CInt]] = Array(repeating: [], count: workers)
        for turn in 0..<max(workers, sockets.count) {
            byWorker[turn % workers].append(try Socket.duplicate(sockets[turn % sockets.count]))
        }
        for socket in sockets { close(socket) }
        return byWorker
    }

    /// Binds a socket of each kind for each worker (SO_REUSEPORT).
    ///
    /// With port 0 the kernel gives a UDP port, which then has to be free for TCP too: that may take some tries.
    package init(_ wanted: Endpoint, workers: Int, bufferOctets: Int) throws(ResolverStartError) {
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
        var bound: [CInt] = []
        func keep(_ descriptor: CInt) -> [CInt] {
            bound.append(descriptor)
            return [descriptor]
        }
        do {
            // SO_REUSEPORT would let a second program of the same user share the port without a word.
            try Socket.checkIsFree(wanted)
            datagram = [keep(try Socket.boundUDP(to: wanted, bufferOctets: bufferOctets))]
            stream = []
            endpoint = try Socket.localEndpoint(of: bound[0])
            for _ in 1..<max(1, workers) {
                datagram.append(keep(try Socket.boundUDP(to: endpoint, bufferOctets: bufferOctets)))
            }
            for _ in 0..<workers { stream.append(keep(try Socket.listeningTCP(on: endpoint))) }
        } catch {
            for descriptor in bound { close(descriptor) }
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
