import DNSWire

/// What a client sends over: UDP or TCP.
enum Transport: String, CaseIterable, Sendable {
    case udp = "UDP"
    case tcp = "TCP"
}

/// A TCP connection to a server, for as many queries as one likes.
struct TCPConnection {
    let socket: Socket
    private var buffer: [UInt8] = []

    init(to server: Endpoint) throws { socket = try Socket.tcp(connectedTo: server) }

    func send(_ query: QueryMessage) throws { try socket.send(framed(try query.octets())) }

    /// The next message; nil when none has come within `timeout` or the server has closed.
    mutating func receive(_ timeout: Duration = .seconds(3)) throws -> Reply? {
        let end = ContinuousClock.now + timeout
        while true {
            if let message = takeFrame(from: &buffer) { return try Reply(message) }
            guard let octets = try socket.receive(ContinuousClock.now.duration(to: end)), !octets.isEmpty else {
                return nil
            }
            buffer += octets
        }
    }

    /// Whether the server closes the connection within `timeout`; what it still sends is skipped.
    func isClosed(within timeout: Duration) -> Bool {
        let end = ContinuousClock.now + timeout
        while ContinuousClock.now < end {
            // A reset is an end of the connection too.
            guard let octets = try? socket.receive(ContinuousClock.now.duration(to: end)) else {
                return ContinuousClock.now < end
            }
            if octets.isEmpty { return true }
        }
        return false
    }
}

/// Sends `query` to `server` and returns what comes back; nil when nothing does within `timeout`.
func exchange(
    _ query: QueryMessage, with server: Endpoint, over transport: Transport = .udp, from source: IPAddress? = nil,
    timeout: Duration = .seconds(3)
) throws -> Reply? {
    switch transport {
    case .udp:
        let socket = try Socket.udp(connectedTo: server, from: source)
        try socket.send(try query.octets())
        return try socket.receive(timeout).map(Reply.init)
    case .tcp:
        var connection = try TCPConnection(to: server)
        try connection.send(query)
        return try connection.receive(timeout)
    }
}

/// A server that did not answer a query which wants an answer.
struct NoReply: Error {
    var query: String
}
