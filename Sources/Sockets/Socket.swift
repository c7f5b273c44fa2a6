import CSocketShims
package import DNSWire
import Glibc

/// # Sockets
/// UDP in batches, TCP connections with a two-octet length before each message, and the loop that waits for both.
/// - Touches: descriptors and the buffers it allocated when it was made. It knows no DNS beyond the framing.
/// - Threads: everything belongs to the loop that it was given, which is a serial queue; nothing is shared between loops.
/// - Costs: UDP takes one system call for up to 64 datagrams each way and allocates nothing per datagram.

/// Makes sockets ready for use; every descriptor is non-blocking and closed on exec.
package enum Socket {
    /// A UDP socket that several workers may bind alike (SO_REUSEPORT). Port 0 takes any free port.
    /// - Parameter bufferOctets: what the kernel is asked to keep, in and out; its own bounds hold (`net.core.rmem_max`).
    package static func boundUDP(
        to endpoint: Endpoint, bufferOctets: Int = 4 << 20
    ) throws(SystemCallError) -> CInt {
        let descriptor = try open(endpoint, type: SOCK_DGRAM)
        return try closing(
            descriptor,
            onError: { () throws(SystemCallError) in
                try prepareListener(descriptor, endpoint)
                prepareBuffers(descriptor, octets: bufferOctets)
                // A socket that is bound to one address answers from it anyway: asking costs both sides of each packet.
                if endpoint.address.isUnspecified, sekisho_receive_local_address(descriptor, endpoint.family) != 0 {
                    throw SystemCallError(call: "setsockopt(PKTINFO)", code: errno, endpoint: endpoint)
                }
                try bind(descriptor, endpoint)
            })
    }

    /// A TCP socket that listens, alike for several workers.
    package static func listeningTCP(on endpoint: Endpoint) throws(SystemCallError) -> CInt {
        let descriptor = try open(endpoint, type: SOCK_STREAM)
        return try closing(
            descriptor,
            onError: { () throws(SystemCallError) in
                try prepareListener(descriptor, endpoint)
                set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
                try bind(descriptor, endpoint)
                guard listen(descriptor, SOMAXCONN) == 0 else {
                    throw SystemCallError(call: "listen", code: errno, endpoint: endpoint)
                }
            })
    }

    /// Makes a socket that somebody else has bound ready as if it were one of ours.
    static func adopt(_ descriptor: CInt, at endpoint: Endpoint) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        let isDatagram = option(descriptor, SOL_SOCKET, SO_TYPE) == CInt(SOCK_DGRAM.rawValue)
        if isDatagram, endpoint.address.isUnspecified {
            _ = sekisho_receive_local_address(descriptor, endpoint.family)
        }
    }

    /// Asks for room where there is less: who has bound a socket may have got more for it than we would.
    package static func raiseBuffers(_ descriptor: CInt, to octets: Int) {
        guard let now = option(descriptor, SOL_SOCKET, SO_RCVBUF), Int(now) < octets else { return }
        prepareBuffers(descriptor, octets: octets)
    }

    /// The same socket once more, for another worker: each closes its own.
    package static func duplicate(_ descriptor: CInt) throws(SystemCallError) -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SystemCallError(call: "fcntl(F_DUPFD_CLOEXEC)", code: errno, endpoint: nil) }
        return copy
    }

    /// The value of an option; nil when it is none of this socket's.
    static func option(_ descriptor: CInt, _ level: CInt, _ option: CInt) -> CInt? {
        var value: CInt = 0
        var octets = socklen_t(MemoryLayout<CInt>.size)
        return unsafe getsockopt(descriptor, level, option, &value, &octets) == 0 ? value : nil
    }

    /// Fails where any other socket is bound to the endpoint, UDP or TCP, whatever options it has. Port 0 is free.
    package static func checkIsFree(_ endpoint: Endpoint) throws(SystemCallError) {
        guard endpoint.port != 0 else { return }
        for type in [SOCK_DGRAM, SOCK_STREAM] {
            let descriptor = try open(endpoint, type: type)
            defer { close(descriptor) }
            if endpoint.family == AF_INET6 { set(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
            // Connections that linger after their program has ended do not count.
            if type == SOCK_STREAM { set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) }
            try bind(descriptor, endpoint)
        }
    }

    /// A UDP socket from a port of the kernel's random choice that exchanges datagrams with `endpoint` alone.
    package static func connectedUDP(to endpoint: Endpoint) throws(SystemCallError) -> CInt {
        let descriptor = try open(endpoint, type: SOCK_DGRAM)
        return try closing(
            descriptor,
            onError: { () throws(SystemCallError) in
                set(descriptor, SOL_SOCKET, SO_RCVBUF, 1 << 20)
                try connect(descriptor, endpoint)
            })
    }

    /// A TCP socket whose connection to `endpoint` is made or under way.
    package static func connectingTCP(to endpoint: Endpoint) throws(SystemCallError) -> CInt {
        let descriptor = try open(endpoint, type: SOCK_STREAM)
        return try closing(
            descriptor,
            onError: { () throws(SystemCallError) in
                set(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
                try connect(descriptor, endpoint)
            })
    }

    /// Sends one datagram on a connected socket; false when the kernel did not take it.
    package static func send(_ message: Span<UInt8>, on descriptor: CInt) -> Bool {
        unsafe message.withUnsafeBytes { bytes in
            var result = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
            // An error left by an earlier datagram (ICMP) is reported once, in place of sending.
            if result < 0, errno == ECONNREFUSED || errno == EINTR {
                result = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
            }
            return result == bytes.count
        }
    }

    /// The address and port that the socket is bound to.
    package static func localEndpoint(of descriptor: CInt) throws(SystemCallError) -> Endpoint {
        var storage = sockaddr_in6()
        var octets = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            // The storage is never empty.
            unsafe getsockname(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &octets)
        }
        guard result == 0, let endpoint = Endpoint(storage) else {
            throw SystemCallError(call: "getsockname", code: errno, endpoint: nil)
        }
        return endpoint
    }

    private static func open(_ endpoint: Endpoint, type: __socket_type) throws(SystemCallError) -> CInt {
        let flags = CInt(type.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(endpoint.family, flags, 0)
        guard descriptor >= 0 else { throw SystemCallError(call: "socket", code: errno, endpoint: endpoint) }
        return descriptor
    }

    private static func closing(
        _ descriptor: CInt, onError body: () throws(SystemCallError) -> Void
    ) throws(SystemCallError) -> CInt {
        do {
            try body()
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func prepareBuffers(_ descriptor: CInt, octets: Int) {
        set(descriptor, SOL_SOCKET, SO_RCVBUF, CInt(clamping: octets))
        set(descriptor, SOL_SOCKET, SO_SNDBUF, CInt(clamping: octets))
    }

    private static func prepareListener(_ descriptor: CInt, _ endpoint: Endpoint) throws(SystemCallError) {
        guard set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) else {
            throw SystemCallError(call: "setsockopt(SO_REUSEPORT)", code: errno, endpoint: endpoint)
        }
        if endpoint.family == AF_INET6 { set(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
    }

    @discardableResult
    private static func set(_ descriptor: CInt, _ level: CInt, _ option: CInt, _ value: CInt) -> Bool {
        var value = value
        return unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size)) == 0
    }

    private static func bind(_ descriptor: CInt, _ endpoint: Endpoint) throws(SystemCallError) {
        let result = unsafe SocketAddress(endpoint).withPointer { unsafe Glibc.bind(descriptor, $0, $1) }
        guard result == 0 else { throw SystemCallError(call: "bind", code: errno, endpoint: endpoint) }
    }

    private static func connect(_ descriptor: CInt, _ endpoint: Endpoint) throws(SystemCallError) {
        let result = unsafe SocketAddress(endpoint).withPointer { unsafe Glibc.connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            throw SystemCallError(call: "connect", code: errno, endpoint: endpoint)
        }
    }
}

/// A system call that failed, and on which address.
package struct SystemCallError: Error, Equatable, Sendable, CustomStringConvertible {
    package var call: String
    package var code: CInt
    package var endpoint: Endpoint?

    package var description: String {
        let place = endpoint.map { " \($0)" } ?? ""
        return "\(call)\(place): \(unsafe String(cString: strerror(code)))"
    }
}
