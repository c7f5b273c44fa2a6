import Glibc

/// The socket on which a service manager hears from its services (sd_notify(3)).
package final class NotificationSocket: Sendable {
    /// What `NOTIFY_SOCKET` is to be.
    package let name: String
    private let descriptor: CInt

    /// - Parameter name: a path, or `@` and a name in the abstract namespace.
    package init(_ name: String) {
        self.name = name
        descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name.utf8) }
        if name.hasPrefix("@") { address.sun_path.0 = 0 }
        let octets = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path) + name.utf8.count
        let result = unsafe withUnsafeBytes(of: address) { bytes in
            unsafe bind(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(octets))
        }
        precondition(result == 0, "bind")
    }

    deinit {
        close(descriptor)
        if name.hasPrefix("/") { unsafe unlink(name) }
    }

    /// The lines of the next message; nil when none comes in time.
    package func next(within timeout: Duration = .seconds(10)) -> [String]? {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&item, 1, CInt(timeout / .milliseconds(1))) == 1 else { return nil }
        var octets = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(descriptor, &octets, octets.count, 0)
        return String(decoding: octets.prefix(max(0, count)), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The next message with this line; nil when it is not among those of `timeout`.
    package func first(with line: String, within timeout: Duration = .seconds(10)) -> [String]? {
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline {
            guard let lines = next(within: deadline - .now) else { return nil }
            if lines.contains(line) { return lines }
        }
        return nil
    }
}
