import DNSWire
import Glibc
import Sockets

/// An upstream that knows every name. It has no thread: the load generator lets it have its turns.
final class TruthfulUpstream {
    let descriptor: CInt
    let endpoint: Endpoint
    private let batch = DatagramBatch()

    init() throws {
        descriptor = try Socket.boundUDP(to: Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 0))
        endpoint = try Socket.localEndpoint(of: descriptor)
    }

    /// Answers what has arrived.
    func turn() {
        while case .received(let count) = batch.receive(from: descriptor), count > 0 {
            for slot in 0..<count { answer(slot) }
            _ = batch.flush(to: descriptor)
            if count < DatagramBatch.capacity { return }
        }
    }

    private func answer(_ slot: Int) {
        guard let octets = batch.receivedOctets(slot) else { return }
        // The buffer of the slot, which nobody else uses meanwhile.
        let buffer = unsafe batch.payload(slot)
        var message = unsafe buffer.mutableSpan
        guard let end = Truth.endOfName(in: message.span.extracting(0..<octets)), end + 4 + 16 <= message.count else {
            return
        }
        let address = Truth.address(of: message.span, end: end)
        message.store(UInt16(0x8180), at: 2)  // QR, RD, RA
        message.store(UInt16(1), at: 6)
        message.store(UInt16(0), at: 10)
        var offset = end + 4
        // The name asked for, A, IN, an hour (RFC 1035 §4.1.3).
        for field: UInt16 in [0xC00C, 1, 1, 0, 3600, 4, UInt16(address >> 16), UInt16(address & 0xFFFF)] {
            message.store(field, at: offset)
            offset += 2
        }
        batch.reply(slot, octets: offset)
    }
}
