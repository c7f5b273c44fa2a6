import CSocketShims
package import DNSWire
import Glibc

/// Up to 64 datagrams with their addresses, in buffers allocated once.
///
/// Two ways to use it. *Receive and answer in place*: `receive`, then for some slots `reply`, then `flush`.
/// *Collect*: `append` with the return path of an earlier datagram, then `flush`.
///
/// ```text
/// slot      2,048 octets of payload │ peer address │ control (local address)
/// outgoing  one header per datagram to send, pointing into slots
/// ```
/// Belongs to one queue. All memory is at stable addresses for as long as the batch lives.
@safe package final class DatagramBatch {
    package static let capacity = 64
    /// More than any query needs; a longer datagram is cut by the kernel and marked.
    package static let slotOctets = 2048

    private let payloads: UnsafeMutablePointer<UInt8>
    private let peers: UnsafeMutablePointer<sockaddr_in6>
    private let controls: UnsafeMutablePointer<UInt8>
    private let vectors: UnsafeMutablePointer<iovec>
    private let incoming: UnsafeMutablePointer<sekisho_mmsghdr>
    private let outgoing: UnsafeMutablePointer<sekisho_mmsghdr>
    private let outgoingVectors: UnsafeMutablePointer<iovec>
    /// Datagrams waiting for `flush`.
    package private(set) var outgoingCount = 0

    package init() {
        let count = DatagramBatch.capacity
        unsafe payloads = .allocate(capacity: count * DatagramBatch.slotOctets)
        unsafe payloads.initialize(repeating: 0, count: count * DatagramBatch.slotOctets)
        unsafe peers = .allocate(capacity: count)
        unsafe peers.initialize(repeating: sockaddr_in6(), count: count)
        unsafe controls = .allocate(capacity: count * Int(SEKISHO_CONTROL_OCTETS))
        unsafe controls.initialize(repeating: 0, count: count * Int(SEKISHO_CONTROL_OCTETS))
        unsafe vectors = .allocate(capacity: count)
        unsafe outgoingVectors = .allocate(capacity: count)
        unsafe incoming = .allocate(capacity: count)
        unsafe outgoing = .allocate(capacity: count)
        for slot in 0..<count {
            unsafe (vectors + slot).initialize(
                to: iovec(iov_base: payloads + slot * DatagramBatch.slotOctets, iov_len: DatagramBatch.slotOctets))
            unsafe (outgoingVectors + slot).initialize(to: iovec())
            unsafe (incoming + slot).initialize(to: sekisho_mmsghdr())
            unsafe (outgoing + slot).initialize(to: sekisho_mmsghdr())
        }
    }

    deinit {
        unsafe payloads.deallocate()
        unsafe peers.deallocate()
        unsafe controls.deallocate()
        unsafe vectors.deallocate()
        unsafe outgoingVectors.deallocate()
        unsafe incoming.deallocate()
        unsafe outgoing.deallocate()
    }

    /// The payload of a slot, whole. Valid as long as the batch; the caller writes to one slot at a time.
    package func payload(_ slot: Int) -> UnsafeMutableBufferPointer<UInt8> {
        precondition(slot >= 0 && slot < DatagramBatch.capacity)
        return unsafe UnsafeMutableBufferPointer(
            start: payloads + slot * DatagramBatch.slotOctets, count: DatagramBatch.slotOctets)
    }

    private func control(_ slot: Int) -> UnsafeMutablePointer<UInt8> {
        unsafe controls + slot * Int(SEKISHO_CONTROL_OCTETS)
    }
}

// MARK: - Receiving

extension DatagramBatch {
    package enum ReceiveOutcome: Equatable {
        /// So many slots hold a datagram.
        case received(Int)
        case wouldBlock
        /// The peer of a connected socket could not be reached (an ICMP error), or the like.
        case failed(CInt)
    }

    /// Takes what has arrived, up to `capacity` datagrams, in one system call.
    package func receive(from descriptor: CInt) -> ReceiveOutcome {
        for slot in 0..<DatagramBatch.capacity {
            unsafe incoming[slot].header.msg_name = UnsafeMutableRawPointer(peers + slot)
            unsafe incoming[slot].header.msg_namelen = socklen_t(MemoryLayout<sockaddr_in6>.size)
            unsafe incoming[slot].header.msg_iov = vectors + slot
            unsafe incoming[slot].header.msg_iovlen = 1
            unsafe incoming[slot].header.msg_control = UnsafeMutableRawPointer(control(slot))
            unsafe incoming[slot].header.msg_controllen = Int(SEKISHO_CONTROL_OCTETS)
        }
        while true {
            let count = unsafe sekisho_recvmmsg(
                descriptor, incoming, UInt32(DatagramBatch.capacity), CInt(MSG_DONTWAIT))
            if count >= 0 { return .received(Int(count)) }
            let code = errno
            switch code {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed(code)
            }
        }
    }

    /// Octets received into a slot; nil when the datagram was longer than a slot and is not whole.
    package func receivedOctets(_ slot: Int) -> Int? {
        precondition(slot >= 0 && slot < DatagramBatch.capacity)
        let isCut = unsafe incoming[slot].header.msg_flags & CInt(MSG_TRUNC) != 0
        return isCut ? nil : unsafe Int(incoming[slot].length)
    }

    /// Who sent a slot's datagram.
    package func peer(_ slot: Int) -> Endpoint? {
        precondition(slot >= 0 && slot < DatagramBatch.capacity)
        return unsafe Endpoint(peers[slot])
    }

    /// How an answer to a slot's datagram gets back, to be kept beyond the batch.
    package func returnPath(_ slot: Int) -> ReturnPath {
        precondition(slot >= 0 && slot < DatagramBatch.capacity)
        var path = ReturnPath()
        path.peer = unsafe peers[slot]
        path.peerOctets = unsafe incoming[slot].header.msg_namelen
        let octets = unsafe sekisho_reply_control(&incoming[slot].header)
        path.controlOctets = UInt8(truncatingIfNeeded: octets)
        for index in 0..<octets { unsafe path.control[index] = control(slot)[index] }
        return path
    }
}

/// Where an answer goes, and which local address it leaves from.
package struct ReturnPath: Sendable {
    fileprivate var peer = sockaddr_in6()
    fileprivate var peerOctets: socklen_t = 0
    fileprivate var control = InlineArray<64, UInt8>(repeating: 0)
    fileprivate var controlOctets: UInt8 = 0

    package init() {}
}

// MARK: - Sending

extension DatagramBatch {
    /// Marks a received slot's payload, now `octets` long, as the answer to its sender.
    package func reply(_ slot: Int, octets: Int) {
        precondition(slot >= 0 && slot < DatagramBatch.capacity)
        unsafe incoming[slot].header.msg_flags = 0
        _ = unsafe sekisho_reply_control(&incoming[slot].header)
        unsafe enqueue(incoming[slot].header, payload: payload(slot), octets: octets)
    }

    /// Takes the next free slot's payload for an answer that `commit` sends off; nil when the batch is full: flush first.
    package func nextPayload() -> UnsafeMutableBufferPointer<UInt8>? {
        outgoingCount < DatagramBatch.capacity ? unsafe payload(outgoingCount) : nil
    }

    /// Queues the payload that `nextPayload` gave. Not to be mixed with `reply` on one batch.
    package func commit(octets: Int, to path: ReturnPath) {
        let slot = outgoingCount
        precondition(slot < DatagramBatch.capacity)
        unsafe peers[slot] = path.peer
        for index in 0..<Int(path.controlOctets) { unsafe control(slot)[index] = path.control[index] }
        var header = unsafe msghdr()
        unsafe header.msg_name = UnsafeMutableRawPointer(peers + slot)
        unsafe header.msg_namelen = path.peerOctets
        unsafe header.msg_control = path.controlOctets > 0 ? UnsafeMutableRawPointer(control(slot)) : nil
        unsafe header.msg_controllen = Int(path.controlOctets)
        unsafe enqueue(header, payload: payload(slot), octets: octets)
    }

    private func enqueue(_ header: msghdr, payload: UnsafeMutableBufferPointer<UInt8>, octets: Int) {
        let slot = outgoingCount
        precondition(slot < DatagramBatch.capacity && octets <= DatagramBatch.slotOctets)
        unsafe outgoingVectors[slot] = iovec(iov_base: payload.baseAddress, iov_len: octets)
        unsafe outgoing[slot].header = header
        unsafe outgoing[slot].header.msg_iov = outgoingVectors + slot
        unsafe outgoing[slot].header.msg_iovlen = 1
        outgoingCount += 1
    }

    /// Sends everything queued and returns how many datagrams could not be sent.
    ///
    /// A full socket buffer and an unreachable peer both lose the datagram, as the network may: the client asks again.
    package func flush(to descriptor: CInt) -> Int {
        var first = 0
        var lost = 0
        while first < outgoingCount {
            let sent = unsafe sekisho_sendmmsg(descriptor, outgoing + first, UInt32(outgoingCount - first), 0)
            if sent > 0 {
                first += Int(sent)
            } else if errno != EINTR {
                // The error is that of the first datagram; the others have not been tried.
                lost += 1
                first += 1
            }
        }
        outgoingCount = 0
        return lost
    }
}
