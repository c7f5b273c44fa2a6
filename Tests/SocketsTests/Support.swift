import DNSWire
import Dispatch
import Glibc
import Sockets

func loopback(_ port: UInt16) -> Endpoint { Endpoint(address: IPAddress(v4: 0x7F00_0001), port: port) }

struct TookTooLong: Error {}

/// Waits for what another thread does; at most a minute unless told otherwise.
func wait(seconds: Int = 60, until isDone: () -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !isDone() {
        guard ContinuousClock.now < deadline else { throw TookTooLong() }
        usleep(500)
    }
}

/// Waits until there is something to read; at most a minute.
func waitForInput(_ descriptor: CInt) throws {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&item, 1, 60_000) == 1 else { throw TookTooLong() }
}

/// The next datagram on a socket.
func receiveOne(from descriptor: CInt) throws -> [UInt8] {
    try waitForInput(descriptor)
    var octets = [UInt8](repeating: 0, count: DatagramBatch.slotOctets)
    let count = unsafe recv(descriptor, &octets, octets.count, 0)
    return Array(octets.prefix(max(0, count)))
}

extension [UInt8] {
    /// Behind its length, as TCP has it (RFC 1035 §4.2.2).
    var framed: [UInt8] { [UInt8(count >> 8), UInt8(count & 0xFF)] + self }
}

func sendDatagram(_ octets: [UInt8], on descriptor: CInt) -> Bool { Socket.send(octets.span, on: descriptor) }

extension DatagramBatch {
    /// A slot's payload, whole.
    func contents(_ slot: Int) -> [UInt8] {
        let payload = unsafe payload(slot)
        return unsafe Array(payload)
    }

    /// Queues a datagram; false when the batch is full.
    func append(_ octets: [UInt8], to path: ReturnPath) -> Bool {
        guard let payload = unsafe nextPayload() else { return false }
        for (index, octet) in octets.enumerated() { unsafe payload[index] = octet }
        commit(octets: octets.count, to: path)
        return true
    }
}
