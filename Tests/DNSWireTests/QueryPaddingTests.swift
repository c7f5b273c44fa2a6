import DNSMessage
import DNSWire
import Testing

@Suite struct QueryPaddingTests {
    private func padded(_ query: [UInt8], room: Int = 640) -> [UInt8] {
        var octets = [UInt8](repeating: 0xAA, count: room)
        var message = octets.mutableSpan
        let count = QueryPadding.copy(query.span, to: &message)
        return Array(octets[..<count])
    }

    private func query(_ name: String) throws -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: MessageWriter.maximumQueryOctets)
        var message = octets.mutableSpan
        let count = MessageWriter.writeQuery(
            id: 7, qname: try DomainName(name), qtype: .aaaa, variant: .dnssecOK, in: &message)
        return Array(octets[..<count])
    }

    /// Names of every length that there is: labels of up to 63 octets, and 255 in all (RFC 1035 §2.3.4).
    private static let names = (1...250).map { count in
        stride(from: 0, to: count, by: 50).map { String(repeating: "a", count: min(49, count - $0)) }
            .joined(separator: ".")
    }

    @Test func `a padded query has 128 octets or a multiple of it, and asks the same`() throws {
        for name in QueryPaddingTests.names {
            let plain = try query(name)
            let octets = padded(plain)
            #expect(octets.count.isMultiple(of: 128) && octets.count - plain.count < 128 + 4, "\(name)")
            let message = try LDNSMessage(wire: octets.span)
            #expect(message.questions == (try LDNSMessage(wire: plain.span)).questions)
            #expect(message.edns?.dnssecOK == true && message.edns?.udpPayloadSize == 1232)
            #expect(octets[..<plain.count].count { $0 == 0xAA } == plain.count { $0 == 0xAA })
        }
    }

    @Test func `what does not end in an OPT record, or has no room for padding, stays as it is`() throws {
        let plain = try query("a.example")
        #expect(padded(plain, room: 127) == plain)
        let withoutOPT = Array(plain.dropLast(11))
        #expect(padded(withoutOPT) == withoutOPT)
        #expect(padded(plain + [0]) == plain + [0])
        for count in 12..<plain.count { #expect(padded(Array(plain[..<count])) == Array(plain[..<count])) }
    }
}
