import Glibc
package import Sockets

/// # ServiceNotifications
/// Tells the service manager that has started this process how it is, as sd_notify(3) has it.
/// - Touches: the socket that `NOTIFY_SOCKET` names, one datagram for each message.
/// - Threads: messages may be sent from any; a `ServiceReporter` has a queue of its own.
/// - Costs: a socket for each message, of which there are a few a minute.

/// Who has started this process and wants to hear from it.
package struct ServiceManager: Sendable {
    /// A path, or `@` and a name in the abstract namespace.
    private let socket: String
    /// Within what it wants to hear `isAlive` again; nil where it does not.
    package let watchdog: Duration?

    /// Reads `NOTIFY_SOCKET`, and `WATCHDOG_USEC` where `WATCHDOG_PID` is this process or is not there. Nil without a
    /// socket.
    package init?(environment: [String: String], processID: Int32) {
        guard let socket = environment["NOTIFY_SOCKET"], socket.hasPrefix("/") || socket.hasPrefix("@") else {
            return nil
        }
        self.socket = socket
        let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog = isMeant && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// What can be told, in sd_notify(3)'s words.
    package enum Notice: Sendable {
        /// It serves: after the start, and after a reload.
        case ready
        case reloading
        case stopping
        /// Keeps the watchdog quiet for as long as `watchdog`.
        case isAlive
        /// A line for people.
        case status(String)

        var assignments: String {
            switch self {
            case .ready: "READY=1"
            // The manager tells by the time that it is not about an earlier reload.
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(ServiceManager.monotonicMicroseconds())"
            case .stopping: "STOPPING=1"
            case .isAlive: "WATCHDOG=1"
            case .status(let text): "STATUS=\(text.split(whereSeparator: \.isNewline).joined(separator: " "))"
            }
        }
    }

    /// Sends all of it in one datagram. Waits a second at most for a manager that is busy.
    package func tell(_ notices: [Notice]) throws(UnixSocketError) {
        let descriptor = try Socket.connectedUnix(to: socket, isStream: false)
        defer { close(descriptor) }
        let octets = [UInt8](notices.map(\.assignments).joined(separator: "\n").utf8)
        var (result, code) = send(octets, to: descriptor)
        if result < 0, code == EAGAIN {
            var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = unsafe poll(&poller, 1, 1000)
            (result, code) = send(octets, to: descriptor)
        }
        guard result >= 0 else { throw UnixSocketError(call: "send", path: socket, code: code) }
    }

    private func send(_ octets: [UInt8], to descriptor: CInt) -> (Int, CInt) {
        let result = unsafe octets.withUnsafeBytes { bytes in
            unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
        }
        return (result, errno)
    }

    private static func monotonicMicroseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }
}
