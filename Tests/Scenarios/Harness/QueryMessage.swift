import DNSMessage
import DNSWire

/// A query as a client writes it (RFC 1035 §4.1).
struct QueryMessage: Sendable {
    var id: UInt16 = .random(in: .min ... .max)
    /// The sixteen bits after the ID.
    var flags: UInt16 = HeaderFlags.rd
    var name: String
    var type: RRType = .a
    /// The OPT record to add; none when nil.
    var edns: EDNS?
    /// Options of the OPT record.
    var options: [EDNSOption] = []

    init(_ name: String, _ type: RRType = .a, edns: EDNS? = nil) {
        self.name = name
        self.type = type
        self.edns = edns
    }

    /// The octets, without the length that frames them over TCP.
    func octets() throws -> [UInt8] {
        var octets = try LDNSMessage.query(name: name, type: type, id: id, edns: edns, options: options).wire()
        var message = octets.mutableSpan
        message.store(flags, at: 2)
        return octets
    }
}

extension EDNS {
    /// What an ordinary client sends today.
    static let usual = EDNS(udpPayloadSize: 1232, dnssecOK: false)
}

/// `message` with the two octets of length that go before it over TCP (RFC 1035 §4.2.2).
func framed(_ message: [UInt8]) -> [UInt8] {
    [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
}

/// Takes the first complete message off `buffer`, which holds what came over TCP; nil when there is none yet.
func takeFrame(from buffer: inout [UInt8]) -> [UInt8]? {
    guard buffer.count >= 2 else { return nil }
    let length = Int(buffer.span.uint16(at: 0))
    guard buffer.count >= 2 + length else { return nil }
    defer { buffer.removeFirst(2 + length) }
    return Array(buffer[2..<2 + length])
}
