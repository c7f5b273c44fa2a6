import CSocketShims
package import DNSWire
import Glibc

/// Takes connections off a listening socket.
package enum Acceptor {
    package enum Outcome: Equatable {
        case accepted(CInt, Endpoint)
        case wouldBlock
        /// No descriptor or memory is left, or the like: try again later.
        case exhausted
    }

    /// The next connection, non-blocking and closed on exec.
    package static func accept(from descriptor: CInt) -> Outcome {
        while true {
            var storage = sockaddr_in6()
            var octets = socklen_t(MemoryLayout<sockaddr_in6>.size)
            let flags = CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
            let connection = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
                // The storage is never empty.
                unsafe sekisho_accept(
                    descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &octets, flags)
            }
            if connection >= 0 {
                guard let peer = Endpoint(storage) else {
                    close(connection)
                    continue
                }
                return .accepted(connection, peer)
            }
            switch errno {
            case EAGAIN: return .wouldBlock
            case EINTR, ECONNABORTED, EPROTO: continue  // the peer went away before we came: take the next
            default: return .exhausted
            }
        }
    }
}
