import DNSMessage
import DNSWire
import TestSupport
import Testing

@Suite struct PresentationTests {
    /// The text of the first record behind `prefix`, which is of this type.
    private func text(_ type: RRType, rdata: [UInt8], after prefix: [UInt8] = []) throws -> String {
        let fixed: [UInt8] = [0, UInt8(type.rawValue >> 8), UInt8(type.rawValue & 0xFF), 0, 1, 0, 0, 0, 60]
        let message = prefix + fixed + [UInt8(rdata.count >> 8), UInt8(rdata.count & 0xFF)] + rdata
        var cursor = RecordCursor(start: prefix.count, count: 1)
        let record = try #require(try cursor.next(in: message.span))
        return rdataPresentation(of: record, in: message.span)
    }

    @Test(arguments: [
        "A 192.0.2.1", "AAAA 2001:db8::1", "CNAME host.example.", "MX 10 mail.example.", #"TXT "a \"b\" c" "d""#,
        "SRV 1 2 5060 sip.example.", "SOA ns.example. admin.example. 1 2 3 4 5", #"CAA 0 issue "ca.example""#,
        "HTTPS 1 . alpn=h2,h3", #"NAPTR 1 2 "s" "SIP+D2U" "" _sip._udp.example."#, "TYPE65280 \\# 3 abcdef",
        "DS 1 8 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "DNSKEY 257 3 8 AwEAAcEZ", "NSEC next.example. A MX RRSIG",
        "LOC 52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m",
    ])
    func `RDATA reads as it was written in a zone file`(line: String) throws {
        let query = try LDNSMessage.query(name: "a.example", type: .any, id: 1)
        let octets = try LDNSMessage.response(to: query, answer: ["a.example. 60 IN " + line]).wire()
        var name = DomainName()
        let start = try MessageSummary(octets.span, qname: &name).questionsEnd
        var cursor = RecordCursor(start: start, count: 1)
        let record = try #require(try cursor.next(in: octets.span))
        #expect(rdataPresentation(of: record, in: octets.span) == line.drop { $0 != " " }.dropFirst())
    }

    @Test func `compressed names are printed whole`() throws {
        let prefix = [UInt8](repeating: 0, count: 12) + [7] + Array("Example".utf8) + [0]
        #expect(try text(.mx, rdata: [0, 10, 1, 0x61, 0xC0, 12], after: prefix) == "10 a.Example.")
    }

    @Test(
        arguments: [
            (.a, [], "\\# 0"), (.a, [1, 2, 3], "\\# 3 010203"), (.a, [1, 2, 3, 4, 5], "\\# 5 0102030405"),
            (.ns, [0xC0, 0], "\\# 2 c000"), (.mx, [0, 10], "\\# 2 000a"), (.txt, [5, 0x61], "\\# 2 0561"),
            (.soa, [0, 0, 1], "\\# 3 000001"), (RRType(rawValue: 65_280), [0xFF, 0], "\\# 2 ff00"),
            (RRType(rawValue: 11), [192, 0, 2, 1, 6, 0x40], "\\# 6 c00002010640"),
        ] as [(RRType, [UInt8], String)])
    func `RDATA that does not fit its type, and unknown types, are printed as RFC 3597 §5 has it`(
        type: RRType, rdata: [UInt8], expected: String
    ) throws {
        #expect(try text(type, rdata: rdata) == expected)
    }

    @Test func `a name may not run out of its RDATA`() throws {
        let message: [UInt8] = [0, 0, 2, 0, 1, 0, 0, 0, 60, 0, 2, 1, 0x61, 0]
        var cursor = RecordCursor(start: 0, count: 1)
        let record = try #require(try cursor.next(in: message.span))
        #expect(rdataPresentation(of: record, in: message.span) == "\\# 2 0161")
    }

    @Test func `any octets of any type have a text of one line`() throws {
        var generator = SeededGenerator(seed: 11)
        for rawValue in Array(0...270 as ClosedRange<UInt16>) + [32_768, 32_769, 65_535] {
            for _ in 0..<40 {
                let rdata = generator.octets(Int.random(in: 0...40, using: &generator))
                // Small octets are more often lengths that fit.
                let small = rdata.map { $0 & 7 }
                for rdata in [rdata, small] {
                    let text = try text(RRType(rawValue: rawValue), rdata: rdata)
                    #expect(!text.contains { $0.isNewline } && !text.isEmpty, "TYPE\(rawValue) \(rdata)")
                }
            }
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "needs ../shared/data"))
    func `records of real life read as libldns prints them`() throws {
        for line in try SharedData.lines(of: "wire/packets.tsv.zst") {
            let octets = try #require(
                [UInt8](hexadecimal: line.split(separator: "\t", omittingEmptySubsequences: false)[4]))
            var name = DomainName()
            guard let summary = try? MessageSummary(octets.span, qname: &name) else { continue }
            var cursor = RecordCursor(start: summary.questionsEnd, count: summary.ancount)
            let message = try LDNSMessage(wire: octets.span)
            for expected in message.records(in: .answer) {
                let record = try #require(try cursor.next(in: octets.span))
                #expect(rdataPresentation(of: record, in: octets.span) == expected.rdata)
            }
        }
    }
}
