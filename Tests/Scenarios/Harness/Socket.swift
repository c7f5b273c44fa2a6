import DNSWire
import Foundation

/// A UDP or TCP socket, closed when it is released. Every wait has an end.
final class Socket: Sendable {
    let descriptor: Int32

    private init(adopting descriptor: Int32) { self.descriptor = descriptor }

    private convenience init(_ kind: __socket_type, for endpoint: Endpoint) throws(HarnessError) {
        let family = endpoint.address.isIPv4 ? AF_INET : AF_INET6
        let flags = Int32(SOCK_CLOEXEC.rawValue)
        self.init(adopting: try checked("socket") { socket(family, Int32(kind.rawValue) | flags, 0) })
    }

    deinit { close(descriptor) }

    static func udp(bound endpoint: Endpoint) throws(HarnessError) -> Socket {
        let socket = try Socket(SOCK_DGRAM, for: endpoint)
        try socket.bind(to: endpoint)
        return socket
    }

    /// A UDP socket that hears only `endpoint`; it sends from `source` when one is given.
    static func udp(connectedTo endpoint: Endpoint, from source: IPAddress? = nil) throws(HarnessError) -> Socket {
        let socket = try Socket(SOCK_DGRAM, for: endpoint)
        if let source { try socket.bind(to: Endpoint(address: source, port: 0)) }
        try socket.connect(to: endpoint)
        return socket
    }

    static func tcp(listeningOn endpoint: Endpoint) throws(HarnessError) -> Socket {
        let socket = try Socket(SOCK_STREAM, for: endpoint)
        try socket.bind(to: endpoint)
        _ = try checked("listen") { listen(socket.descriptor, 64) }
        return socket
    }

    /// - Parameter receiveOctets: what the kernel keeps for a slow reader; as much as it likes when nil.
    static func tcp(connectedTo endpoint: Endpoint, receiveOctets: Int32? = nil) throws(HarnessError) -> Socket {
        let socket = try Socket(SOCK_STREAM, for: endpoint)
        if var octets = receiveOctets {
            // Before the connection, whose window it is.
            _ = unsafe setsockopt(
                socket.descriptor, SOL_SOCKET, SO_RCVBUF, &octets, socklen_t(MemoryLayout<Int32>.size))
        }
        var on: Int32 = 1
        _ = unsafe setsockopt(
            socket.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        try socket.connect(to: endpoint)
        return socket
    }

    /// A UDP socket and a listening TCP socket of the same port, on an address of this machine.
    static func udpAndTCP(
        on address: IPAddress = Endpoint.loopback.address, port: UInt16 = 0
    ) throws(HarnessError) -> (udp: Socket, tcp: Socket) {
        // The TCP port of a number may be taken although its UDP port is free: then another number.
        for _ in 0..<20 {
            let udp = try Socket.udp(bound: Endpoint(address: address, port: port))
            if let tcp = try? Socket.tcp(listeningOn: try udp.localEndpoint()) { return (udp, tcp) }
        }
        throw HarnessError(call: "free port", errno: EADDRINUSE)
    }

    /// Takes the next connection, which must be waiting, and says who it is from.
    func accept() throws(HarnessError) -> (Socket, Endpoint) {
        var address = SocketAddress()
        let listener = descriptor
        let socket = Socket(
            adopting: try checked("accept") {
                unsafe address.withMutablePointer { unsafe Foundation.accept(listener, $0, $1) }
            })
        _ = fcntl(socket.descriptor, F_SETFD, FD_CLOEXEC)
        return (socket, address.endpoint)
    }

    private func bind(to endpoint: Endpoint) throws(HarnessError) {
        let descriptor = descriptor
        _ = try checked("bind \(endpoint)") {
            unsafe SocketAddress(endpoint).withPointer { unsafe Foundation.bind(descriptor, $0, $1) }
        }
    }

    private func connect(to endpoint: Endpoint) throws(HarnessError) {
        let descriptor = descriptor
        _ = try checked("connect \(endpoint)") {
            unsafe SocketAddress(endpoint).withPointer { unsafe Foundation.connect(descriptor, $0, $1) }
        }
    }

    /// Where this socket is bound: the port of a socket that asked for port 0.
    func localEndpoint() throws(HarnessError) -> Endpoint {
        var address = SocketAddress()
        let descriptor = descriptor
        _ = try checked("getsockname") {
            unsafe address.withMutablePointer { unsafe getsockname(descriptor, $0, $1) }
        }
        return address.endpoint
    }
}

extension Endpoint {
    /// 127.0.0.1 and a port that the kernel chooses.
    static let loopback = Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 0)
}

// MARK: - Octets

extension Socket {
    /// Waits until there is something to receive, a connection to accept, or the peer has closed.
    func waitUntilReadable(_ timeout: Duration) -> Bool { Socket.waitUntilAnyIsReadable([self], timeout)[0] }

    /// Waits for the first of `sockets`, and says of each whether it is ready.
    static func waitUntilAnyIsReadable(_ sockets: [Socket], _ timeout: Duration) -> [Bool] {
        var entries = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        let milliseconds = Int32(max(0, timeout / .milliseconds(1)))
        guard unsafe poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return sockets.map { _ in false } }
        return entries.map { $0.revents != 0 }
    }

    /// Tells the peer of a TCP connection that nothing more will come.
    func endSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// Asks the kernel to keep so many octets of what has come; it gives what it allows.
    func setReceiveBuffer(_ octets: Int32) {
        var octets = octets
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &octets, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Has the kernel reset the connection when the socket is closed.
    func resetWhenClosed() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Has the next to read find the end of the connection, and the kernel reset it when it is closed.
    func resetSoon() {
        resetWhenClosed()
        _ = shutdown(descriptor, Int32(SHUT_RD))
    }

    func send(_ octets: [UInt8]) throws(HarnessError) {
        var sent = 0
        while sent < octets.count {
            let rest = Array(octets[sent...])
            let descriptor = descriptor
            sent += try checked("send") {
                unsafe Foundation.send(descriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
            }
        }
    }

    func send(_ octets: [UInt8], to endpoint: Endpoint) throws(HarnessError) {
        let descriptor = descriptor
        _ = try checked("sendto \(endpoint)") {
            unsafe SocketAddress(endpoint).withPointer { unsafe sendto(descriptor, octets, octets.count, 0, $0, $1) }
        }
    }

    /// What arrives within `timeout`, at most 65,535 octets; nil when nothing does, empty when a TCP peer has closed.
    func receive(_ timeout: Duration = .seconds(3)) throws(HarnessError) -> [UInt8]? {
        try receiveWithSource(timeout)?.octets
    }

    func receiveWithSource(_ timeout: Duration) throws(HarnessError) -> (octets: [UInt8], source: Endpoint)? {
        guard waitUntilReadable(timeout) else { return nil }
        var address = SocketAddress()
        var octets = [UInt8](repeating: 0, count: 65_535)
        let descriptor = descriptor
        let count = try checked("recvfrom") {
            unsafe address.withMutablePointer { unsafe recvfrom(descriptor, &octets, 65_535, 0, $0, $1) }
        }
        return (Array(octets[..<count]), address.endpoint)
    }
}

/// Runs `call` again for as long as it is interrupted; a result below zero is an error.
private func checked<Result: BinaryInteger>(_ name: String, _ call: () -> Result) throws(HarnessError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        guard code == EINTR else { throw HarnessError(call: name, errno: code) }
    }
}
