import DNSWire
import TestSupport

/// The name which these octets are, and the offset just past it.
func readName(
    _ octets: [UInt8], at start: Int = 0, pointers: Bool = true
) throws(WireError) -> (name: DomainName, end: Int) {
    var name = DomainName()
    let end = try name.read(from: octets.span, at: start, pointers: pointers)
    return (name, end)
}

extension DomainName {
    /// The octets that `write` leaves.
    var wire: [UInt8] {
        var octets = [UInt8](repeating: 0xEE, count: octetCount)
        var span = octets.mutableSpan
        _ = write(to: &span, at: 0)
        return octets
    }

    /// Presentation text in the case in which the name was read.
    var presentation: String {
        var text: [UInt8] = []
        appendPresentation(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

/// The octets of each label behind its length, and the root.
func wireName(_ labels: [[UInt8]]) -> [UInt8] {
    labels.flatMap { [UInt8($0.count)] + $0 } + [0]
}

func wireName(_ labels: String...) -> [UInt8] { wireName(labels.map { Array($0.utf8) }) }

/// Labels of random octets which make a name of at most 255 octets.
func randomLabels(using generator: inout SeededGenerator) -> [[UInt8]] {
    var labels: [[UInt8]] = []
    var room = WireLimit.nameOctets - 1
    let longest = [1, 3, 8, 63].randomElement(using: &generator) ?? 1
    while room >= 2, labels.isEmpty || Int.random(in: 0..<12, using: &generator) > 0 {
        let label = generator.octets(Int.random(in: 1...min(longest, room - 1), using: &generator))
        labels.append(label)
        room -= label.count + 1
    }
    return labels
}

/// A header: ID 0x1234, the flags and the four counts.
func header(
    flags: UInt16 = 0, _ qdcount: UInt16 = 1, _ ancount: UInt16 = 0, _ nscount: UInt16 = 0, _ arcount: UInt16 = 0
)
    -> [UInt8]
{
    [0x1234, flags, qdcount, ancount, nscount, arcount].flatMap(bigEndian)
}

func question(_ labels: String..., type: RRType = .a, rrClass: RRClass = .internet) -> [UInt8] {
    wireName(labels.map { Array($0.utf8) }) + bigEndian(type.rawValue) + bigEndian(rrClass.rawValue)
}

/// A record of class IN and TTL 60 with this owner.
func record(_ owner: [UInt8], _ type: RRType, rrClass: RRClass = .internet, ttl: UInt32 = 60, rdata: [UInt8]) -> [UInt8]
{
    owner + bigEndian(type.rawValue) + bigEndian(rrClass.rawValue) + bigEndian(UInt16(ttl >> 16))
        + bigEndian(UInt16(ttl & 0xFFFF)) + bigEndian(UInt16(rdata.count)) + rdata
}

func bigEndian(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
