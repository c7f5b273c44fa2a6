package import DNSWire
import FlyingSocks
import Foundation
package import Route53API
import Synchronization

/// # AdminServer
/// HTTP for those who run the resolver: AWS's API, health, readiness and metrics, the live page, and what is under
/// `/api/v1/`.
/// - Touches: one listening socket and its connections, the API, and the closures it is given.
/// - Threads: async, on Swift's pool; API calls wait for the store on a queue of their own, one at a time.
/// - Costs: at most `HTTPLimits.connections` connections of at most head plus body each; beyond it the one that has been
///   silent longest goes.

/// Listens from `init` on, serves from `start()` until `stop()`.
package final class AdminServer: Sendable {
    /// Who may use the API.
    package enum Access: Sendable {
        /// Anybody who reaches it; only a loopback address is served.
        case loopback
        /// Whoever signs with a known key; any address is served.
        case signed(SignatureVerifier)
        /// Anybody at any address: the explicit opt-out.
        case open
    }

    /// Where it listens; the port is never 0.
    package let endpoint: Endpoint

    private let listener: Socket
    private let pool: any AsyncSocketPool
    private let routes: AdminRoutes
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Binds and listens.
    /// - Parameters:
    ///   - listen: port 0 takes any free one.
    ///   - isReady: whether queries are answered.
    ///   - metrics: Prometheus text.
    ///   - control: what answers under `/api/v1/`, by the name there.
    ///   - live: what else there is.
    package init(
        listen: Endpoint, access: Access, api: Route53API, isReady: @escaping @Sendable () -> Bool,
        metrics: @escaping @Sendable () -> String, control: [String: ControlHandler] = [:],
        live: LiveInterface
    ) throws(AdminServerError) {
        if case .loopback = access, !listen.address.isLoopback { throw .needsCredentials(listen) }
        do {
            listener = try AdminServer.listen(on: listen)
            endpoint = Endpoint(address: listen.address, port: try AdminServer.port(of: listener))
        } catch {
            throw .cannotListen(listen, reason: error.localizedDescription)
        }
        pool = .make()
        routes = AdminRoutes(
            access: access, api: api, isReady: isReady, metrics: metrics, control: control, live: live)
    }

    /// Begins to serve, once.
    package func start() {
        task.withLock { task in
            guard task == nil else { return }
            task = Task { [listener, pool, routes] in
                await AdminServer.serve(listener, pool, routes)
                try? listener.close()
            }
        }
    }

    /// Ends every connection and returns when the last one is closed.
    package func stop() async {
        let task = task.withLock { $0 }
        task?.cancel()
        await task?.value
    }

    private static func listen(on endpoint: Endpoint) throws -> Socket {
        if endpoint.address.isIPv4 {
            return try listen(on: sockaddr_in.inet(ip4: "\(endpoint.address)", port: endpoint.port))
        }
        return try listen(on: sockaddr_in6.inet6(ip6: "\(endpoint.address)", port: endpoint.port))
    }

    private static func listen<Address: SocketAddress>(on address: Address) throws -> Socket {
        let socket = try Socket(domain: Int32(Address.family))
        do {
            try socket.setValue(true, for: .localAddressReuse)
            try socket.bind(to: address)
        } catch {
            try? socket.close()
            throw error
        }
        try socket.listen()
        return socket
    }

    private static func port(of socket: Socket) throws -> UInt16 {
        switch try socket.sockname() {
        case .ip4(_, let port), .ip6(_, let port): port
        case .unix: 0
        }
    }

    private static func serve(_ listener: Socket, _ pool: any AsyncSocketPool, _ routes: AdminRoutes) async {
        try? await withThrowingTaskGroup(of: Void.self) { group in
            try await pool.prepare()
            group.addTask { try await pool.run() }
            group.addTask { try await accept(from: AsyncSocket(socket: listener, pool: pool), routes) }
            // Neither returns before it is cancelled.
            try await group.next()
            group.cancelAll()
        }
    }

    private static func accept(from listener: AsyncSocket, _ routes: AdminRoutes) async throws {
        let open = OpenConnections()
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                guard let socket = try? await listener.accept() else {
                    // Out of descriptors, or a client that is gone already: others may have more luck.
                    try? await Task.sleep(for: HTTPLimits.acceptPause)
                    continue
                }
                guard let place = open.begin(socket) else {
                    try? socket.close()
                    continue
                }
                group.addTask { await HTTPConnection(socket, place).serve(routes) }
            }
        }
    }
}

/// Why the server does not start.
package enum AdminServerError: Error, Sendable, CustomStringConvertible {
    /// The address can be reached from elsewhere, and nobody would be asked who he is.
    case needsCredentials(Endpoint)
    case cannotListen(Endpoint, reason: String)

    package var description: String {
        switch self {
        case .needsCredentials(let endpoint):
            "\(endpoint) is no loopback address: it is served only with credentials (aws.credentials)"
        case .cannotListen(let endpoint, let reason): "can't listen on \(endpoint): \(reason)"
        }
    }
}
