import CSocketShims
package import DNSWire
package import Dispatch
import Glibc

/// A descriptor that is watched for reading until `cancel`, which closes it.
package final class ReadSource: @unchecked Sendable {
    // @unchecked: `isSuspended` is touched on the source's queue only; the others never change.
    package let descriptor: CInt
    private let source: any DispatchSourceRead
    private var isSuspended = false

    /// - Parameter onReadable: called on `queue` while there is something to read. What it captures lives until `cancel`.
    package init(descriptor: CInt, queue: DispatchQueue, onReadable: @escaping @Sendable (CInt) -> Void) {
        self.descriptor = descriptor
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { @Sendable in onReadable(descriptor) }
        source.setCancelHandler { @Sendable in Glibc.close(descriptor) }
        self.source = source
        source.activate()
    }

    // What follows is to be called on the source's queue.

    /// Ends the watch and closes the descriptor.
    package func cancel() {
        source.cancel()
        resume()
    }

    /// Is told of nothing to read any more; the descriptor stays open.
    package func suspend() {
        guard !isSuspended else { return }
        isSuspended = true
        source.suspend()
    }

    /// Is told of nothing to read for so long.
    package func pause(for interval: DispatchTimeInterval, on queue: DispatchQueue) {
        suspend()
        queue.asyncAfter(deadline: .now() + interval) { self.resume() }
    }

    private func resume() {
        guard isSuspended else { return }
        isSuspended = false
        source.resume()
    }
}

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
