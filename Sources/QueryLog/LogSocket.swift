import DNSWire
import Glibc
import Sockets

/// A connected socket on which every wait ends.
final class LogSocket {
    private let descriptor: CInt

    /// For each wait, not for all of them together.
    private static let timeoutMilliseconds: CInt = 5000

    init(to target: QueryLogDestination.SyslogTarget) throws(LogDeliveryError) {
        do {
            switch target {
            case .udp(let endpoint): descriptor = try Socket.connectedUDP(to: endpoint)
            case .tcp(let endpoint): descriptor = try Socket.connectingTCP(to: endpoint)
            case .unix(let path): descriptor = try Socket.connectedUnix(to: path, isStream: false)
            }
        } catch {
            throw LogDeliveryError("\(error)")
        }
        try finishConnecting()
    }

    /// A stream.
    init(toUnixStream path: String) throws(LogDeliveryError) {
        do {
            descriptor = try Socket.connectedUnix(to: path, isStream: true)
        } catch {
            throw LogDeliveryError("\(error)")
        }
    }

    deinit { close(descriptor) }

    private func finishConnecting() throws(LogDeliveryError) {
        try wait(for: POLLOUT)
        var code: CInt = 0
        var octets = socklen_t(MemoryLayout<CInt>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &octets) == 0, code == 0 else {
            throw LogSocket.error("connect", code)
        }
    }

    /// Whether the other side has closed it: what is sent then is lost without an error.
    var isClosedByPeer: Bool {
        var octet: UInt8 = 0
        return unsafe recv(descriptor, &octet, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) == 0
    }

    /// Sends all octets of a stream.
    func send(_ octets: [UInt8]) throws(LogDeliveryError) {
        var sent = 0
        while sent < octets.count {
            let count = try sendSome(octets.span.extracting(sent...))
            guard count >= 0 else { throw LogSocket.error("send", -count) }
            sent += count
        }
    }

    /// Sends a datagram; false when it is too large to be one.
    func sendDatagram(_ octets: Span<UInt8>) throws(LogDeliveryError) -> Bool {
        let count = try sendSome(octets)
        guard count >= 0 || count == -Int(EMSGSIZE) else { throw LogSocket.error("send", -count) }
        return count >= 0
    }

    /// Returns how many octets the kernel has taken, or an error of its as a negative number.
    private func sendSome(_ octets: Span<UInt8>) throws(LogDeliveryError) -> Int {
        while true {
            let count = unsafe octets.withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
            }
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN, ENOBUFS: try wait(for: POLLOUT)
            default: return -Int(errno)
            }
        }
    }

    /// Reads so many octets.
    func read(_ count: Int) throws(LogDeliveryError) -> [UInt8] {
        var octets: [UInt8] = []
        while octets.count < count {
            try wait(for: POLLIN)
            var piece = [UInt8](repeating: 0, count: count - octets.count)
            let read = unsafe recv(descriptor, &piece, piece.count, 0)
            guard read > 0 else {
                if read < 0, errno == EINTR || errno == EAGAIN { continue }
                throw read == 0 ? LogDeliveryError("it closed the connection") : LogSocket.error("receive", errno)
            }
            octets += piece[..<read]
        }
        return octets
    }

    private func wait(for events: CInt) throws(LogDeliveryError) {
        while true {
            var item = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let count = unsafe poll(&item, 1, LogSocket.timeoutMilliseconds)
            if count > 0 { return }
            if count == 0 { throw LogDeliveryError("it takes nothing in time") }
            guard errno == EINTR else { throw LogSocket.error("poll", errno) }
        }
    }

    private static func error(_ call: String, _ code: some BinaryInteger) -> LogDeliveryError {
        LogDeliveryError("\(call): \(unsafe String(cString: strerror(CInt(code))))")
    }
}
