import CSocketShims
package import DNSWire
import Glibc

/// Up to 64 datagrams with their addresses, in buffers allocated once.
///
/// Two ways to use it. *Receive and answer in place*: `receive`, then for some slots `reply`, then `flush`.
/// *Collect*: `nextPayload` and `commit`, with the return path of an earlier datagram or on a connected socket, then
/// `flush`.
///
/// ```text
/// slot      payload, 2,048 octets if it is to receive │ peer address │ control (local address)
/// incoming  one header per slot, pointing to the three
/// outgoing  one header per datagram to send, pointing into slots
/// ```
/// Belongs to one queue. All memory is at stable addresses for as long as the batch lives.
@safe package final class DatagramBatch {
    package static let capacity = 64
    /// More than any query needs; a longer datagram is cut by the kernel and marked.
    package static let slotOctets = 2048

    private let slotOctets: Int
    /// From one payload to the next: a cache line more than a slot, so that they do not all fall on the same few lines.
    private let strideOctets: Int
    private let payloads: UnsafeMutablePointer<UInt8>
    private let peers: UnsafeMutablePointer<sockaddr_in6>
    private let controls: UnsafeMutablePointer<UInt8>
    private let vectors: UnsafeMutablePointer<iovec>
    private let incoming: UnsafeMutablePointer<sekisho_mmsghdr>
    private let outgoing: UnsafeMutablePointer<sekisho_mmsghdr>
    private let outgoingVectors: UnsafeMutablePointer<iovec>
    /// Slots whose headers the last `receive` has changed.
    private var usedCount = 0
    /// Datagrams waiting for `flush`.
    package private(set) var outgoingCount = 0

    /// - Parameter slotOctets: of each payload; less for a batch that only sends.
    package init(slotOctets: Int = DatagramBatch.slotOctets) {
        let count = DatagramBatch.capacity
        self.slotOctets = slotOctets
        strideOctets = slotOctets + 64
        unsafe payloads = .allocate(capacity: count * strideOctets)
        unsafe payloads.initialize(repeating: 0, count: count * strideOctets)
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
                to: iovec(iov_base: payloads + slot * strideOctets, iov_len: slotOctets))
            unsafe (outgoingVectors + slot).initialize(to: iovec())
            unsafe (incoming + slot).initialize(to: sekisho_mmsghdr())
            unsafe incoming[slot].header.msg_name = UnsafeMutableRawPointer(peers + slot)
            unsafe incoming[slot].header.msg_iov = vectors + slot
            unsafe incoming[slot].header.msg_iovlen = 1
            unsafe incoming[slot].header.msg_control = UnsafeMutableRawPointer(control(slot))
            prepare(slot)
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
            start: payloads + slot * strideOctets, count: slotOctets)
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
        for slot in 0..<usedCount { prepare(slot) }
        usedCount = 0
        while true {
            let count = unsafe sekisho_recvmmsg(
                descriptor, incoming, UInt32(DatagramBatch.capacity), CInt(MSG_DONTWAIT))
            if count >= 0 {
                usedCount = Int(count)
                return .received(usedCount)
            }
            let code = errno
            switch code {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed(code)
            }
        }
    }

    /// Sets what the kernel changes in the header of a slot that it fills.
    private func prepare(_ slot: Int) {
        unsafe incoming[slot].header.msg_namelen = socklen_t(MemoryLayout<sockaddr_in6>.size)
        unsafe incoming[slot].header.msg_controllen = Int(SEKISHO_CONTROL_OCTETS)
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
        let octets = replyControl(slot)
        path.controlOctets = UInt8(truncatingIfNeeded: octets)
        for index in 0..<octets { unsafe path.control[index] = control(slot)[index] }
        return path
    }

    /// Turns what the kernel said of a slot's local address into what makes the answer leave from there, and returns its
    /// octets; mostly there is nothing.
    private func replyControl(_ slot: Int) -> Int {
        unsafe incoming[slot].header.msg_controllen == 0 ? 0 : sekisho_reply_control(&incoming[slot].header)
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
        _ = replyControl(slot)
        unsafe enqueue(incoming[slot].header, payload: payload(slot), octets: octets)
    }

    /// There is no room for one more datagram: flush first.
    package var isFull: Bool { outgoingCount == DatagramBatch.capacity }

    /// Takes the next free slot's payload for a datagram that `commit` sends off; nil when the batch is full.
    package func nextPayload() -> UnsafeMutableBufferPointer<UInt8>? {
        isFull ? nil : unsafe payload(outgoingCount)
    }

    /// Queues the payload that `nextPayload` gave, for a connected socket.
    package func commit(octets: Int) { unsafe enqueue(msghdr(), payload: payload(outgoingCount), octets: octets) }

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
        precondition(slot < DatagramBatch.capacity && octets <= slotOctets)
        unsafe outgoingVectors[slot] = iovec(iov_base: payload.baseAddress, iov_len: octets)
        unsafe outgoing[slot].header = header
        unsafe outgoing[slot].header.msg_iov = outgoingVectors + slot
        unsafe outgoing[slot].header.msg_iovlen = 1
        outgoingCount += 1
    }

    /// Sends everything queued and returns how many datagrams could not be sent.
    ///
    /// A full socket buffer and an unreachable peer both lose the datagram, as the network may: the client asks again.
    /// - Parameter onLost: told the position of each that was lost.
    package func flush(to descriptor: CInt, onLost: (Int) -> Void = { _ in }) -> Int {
        var first = 0
        var lost = 0
        var hasRetried = false
        while first < outgoingCount {
            let sent = unsafe sekisho_sendmmsg(descriptor, outgoing + first, UInt32(outgoingCount - first), 0)
            if sent > 0 {
                first += Int(sent)
                hasRetried = false
            } else if errno == ECONNREFUSED, !hasRetried {
                // What an earlier datagram met (ICMP) is reported once, in place of sending.
                hasRetried = true
            } else if errno != EINTR {
                // The error is that of the first datagram; the others have not been tried.
                onLost(first)
                lost += 1
                first += 1
            }
        }
        outgoingCount = 0
        return lost
    }
}
