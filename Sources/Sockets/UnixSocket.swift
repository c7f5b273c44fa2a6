import CSocketShims
import Glibc

extension Socket {
    /// A socket that is connected to one in the file system, as a stream or for datagrams; or, where the path begins
    /// with `@`, to one in the abstract namespace (unix(7)).
    package static func connectedUnix(to path: String, isStream: Bool) throws(UnixSocketError) -> CInt {
        var address = sockaddr_un()
        let room = MemoryLayout.size(ofValue: address.sun_path)
        // The kernel wants a zero behind the path.
        guard path.utf8.count < room else { throw UnixSocketError(call: "connect", path: path, code: ENAMETOOLONG) }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        var octets = MemoryLayout<sockaddr_un>.size
        if path.hasPrefix("@") {
            address.sun_path.0 = 0
            // There every octet counts.
            octets -= room - path.utf8.count
        }
        let type = isStream ? SOCK_STREAM : SOCK_DGRAM
        let flags = CInt(type.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, flags, 0)
        guard descriptor >= 0 else { throw UnixSocketError(call: "socket", path: path, code: errno) }
        let result = unsafe withUnsafeBytes(of: address) { [octets] bytes in
            // The address is never empty.
            let pointer = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return unsafe connect(descriptor, pointer, socklen_t(octets))
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw UnixSocketError(call: "connect", path: path, code: code)
        }
        return descriptor
    }
}

/// A system call that failed, and on which path.
package struct UnixSocketError: Error, Equatable, Sendable, CustomStringConvertible {
    package var call: String
    package var path: String
    package var code: CInt

    package init(call: String, path: String, code: CInt) {
        self.call = call
        self.path = path
        self.code = code
    }

    package var description: String { "\(call) \(path): \(unsafe String(cString: strerror(code)))" }
}
