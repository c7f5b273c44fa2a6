import DNSMessage
import DNSWire
import TestSupport
import Testing

/// A response of libldns's making to a query for `name`.
func responseOctets(
    _ name: String = "www.example.", _ qtype: RRType = .a, rcode: RCODE = .noError, flags: UInt16 = HeaderFlags.ra,
    answer: [String] = [], authority: [String] = [], additional: [String] = [], edns: EDNS? = nil
) throws -> [UInt8] {
    try LDNSMessage.response(
        to: LDNSMessage.query(name: name, type: qtype, id: 0x1234), rcode: rcode, flags: flags, answer: answer,
        authority: authority, additional: additional, edns: edns
    ).wire()
}

func scanned(_ octets: [UInt8], qtype: RRType = .a) throws(WireError) -> Response {
    var response = Response()
    try response.scan(octets.span, qtype: qtype)
    return response
}

/// The message as libldns reads it.
func parsed(_ octets: [UInt8]) throws(MessageError) -> LDNSMessage { try LDNSMessage(wire: octets.span) }

extension LDNSMessage {
    /// The records of all sections, in their order.
    var allRecords: [ResourceRecord] { Section.allCases.flatMap { records(in: $0) } }
}

@Suite struct ResponseLifetimeTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var qtype = RRType.a
        var rcode = RCODE.noError
        var flags = HeaderFlags.ra
        var answer: [String] = []
        var authority: [String] = []
        var cacheSeconds: UInt32?
    }

    private static func soa(ttl: UInt32, minimum: UInt32) -> String {
        "example. \(ttl) IN SOA ns.example. admin.example. 1 2 3 4 \(minimum)"
    }
    private static let address = "www.example. 300 IN A 192.0.2.1"
    private static let alias = "www.example. 30 IN CNAME host.example."

    static let examples = [
        Example(testDescription: "an answer: its TTL", answer: [address], cacheSeconds: 300),
        Example(
            testDescription: "several records: the lowest TTL",
            answer: [alias, "host.example. 300 IN A 192.0.2.1", "host.example. 20 IN A 192.0.2.2"], cacheSeconds: 20),
        Example(
            testDescription: "an answer: TTLs of other sections do not count", answer: [address],
            authority: ["example. 5 IN NS ns.example."], cacheSeconds: 300),
        Example(testDescription: "the CNAME itself was asked for", qtype: .cname, answer: [alias], cacheSeconds: 30),
        Example(testDescription: "ANY: whatever there is", qtype: .any, answer: [alias], cacheSeconds: 30),
        Example(
            testDescription: "a TTL with its top bit set is 0", answer: ["www.example. 2147483648 IN A 192.0.2.1"],
            cacheSeconds: 0),
        Example(
            testDescription: "NODATA: the SOA's MINIMUM", authority: [soa(ttl: 900, minimum: 60)], cacheSeconds: 60),
        Example(
            testDescription: "NODATA: the SOA's TTL if lower", authority: [soa(ttl: 45, minimum: 60)], cacheSeconds: 45),
        Example(
            testDescription: "NXDOMAIN", rcode: .nxDomain, authority: [soa(ttl: 900, minimum: 60)], cacheSeconds: 60),
        Example(
            testDescription: "NXDOMAIN at the end of a CNAME: not longer than the CNAME", rcode: .nxDomain,
            answer: [alias], authority: [soa(ttl: 900, minimum: 60)], cacheSeconds: 30),
        Example(
            testDescription: "NODATA at the end of a CNAME", answer: [alias],
            authority: [soa(ttl: 900, minimum: 10)], cacheSeconds: 10),
        Example(testDescription: "a CNAME without its target and without SOA", answer: [alias], cacheSeconds: nil),
        Example(testDescription: "NODATA without SOA", cacheSeconds: nil),
        Example(
            testDescription: "NODATA with NS alone: a referral", authority: ["example. 60 IN NS ns.example."],
            cacheSeconds: nil),
        Example(testDescription: "NXDOMAIN without SOA", rcode: .nxDomain, cacheSeconds: nil),
        Example(testDescription: "truncated", flags: HeaderFlags.tc, answer: [address], cacheSeconds: nil),
        Example(testDescription: "SERVFAIL", rcode: .servFail, answer: [address], cacheSeconds: nil),
        Example(
            testDescription: "REFUSED with SOA", rcode: .refused, authority: [soa(ttl: 900, minimum: 60)],
            cacheSeconds: nil),
    ]

    @Test(arguments: examples)
    func `a response is kept for as long as RFC 2308 lets it be`(example: Example) throws {
        let octets = try responseOctets(
            "www.example.", example.qtype, rcode: example.rcode, flags: example.flags, answer: example.answer,
            authority: example.authority)
        #expect(try scanned(octets, qtype: example.qtype).cacheSeconds == example.cacheSeconds)
    }

    @Test func `an extended code is none that is kept`() throws {
        let octets = try responseOctets(
            rcode: .badVers, answer: ["www.example. 300 IN A 192.0.2.1"],
            edns: EDNS(udpPayloadSize: 1232, dnssecOK: false))
        let response = try scanned(octets)
        #expect(response.rcode == .badVers)
        #expect(response.cacheSeconds == nil)
    }
}

@Suite struct ResponseScanTests {
    private let opt = record([0], .opt, rrClass: RRClass(rawValue: 4096), ttl: 0x8000, rdata: [])
    private let addresses = (1...3).map { record(wireName("ns"), .a, ttl: 60, rdata: [192, 0, 2, $0]) }

    @Test(arguments: 0...3)
    func `OPT is left out with what follows it, wherever it stands among the additional records`(position: Int) throws {
        var additional = addresses
        additional.insert(opt, at: position)
        let start = header(flags: HeaderFlags.qr, 1, 0, 0, 4) + question("www", "example")
        let response = try scanned(start + additional.joined())
        #expect(response.edns == EDNS(udpPayloadSize: 4096, dnssecOK: true))
        #expect(Int(response.arcount) == position)
        #expect(response.end == start.count + addresses[..<position].joined().count)
        #expect(response.ttlCount == position)
    }

    @Test func `OPT has its place in the additional section, at the root, once (RFC 6891 §6.1.1)`() throws {
        let asked = question("www", "example")
        let flags = HeaderFlags.qr
        let named = record(wireName("a"), .opt, rdata: [])
        for octets in [
            header(flags: flags, 1, 1, 0, 0) + asked + opt, header(flags: flags, 1, 0, 1, 0) + asked + opt,
            header(flags: flags, 1, 0, 0, 2) + asked + opt + opt, header(flags: flags, 1, 0, 0, 1) + asked + named,
        ] {
            #expect { try scanned(octets) } throws: { error in
                if case .badOPT = error as? WireError { true } else { false }
            }
        }
    }

    @Test func `every TTL is where it is said to be`() throws {
        var octets = try responseOctets(
            answer: ["www.example. 1 IN CNAME host.example.", "host.example. 1 IN A 192.0.2.1"],
            authority: ["example. 1 IN SOA ns.example. admin.example. 1 2 3 4 5"],
            additional: ["ns.example. 1 IN AAAA 2001:db8::1", "ns.example. 1 IN TXT \"a\" \"b\""],
            edns: EDNS(udpPayloadSize: 1232, dnssecOK: true))
        let response = try scanned(octets)
        #expect(response.ttlCount == 5)
        let ttls = (0..<response.ttlCount).map { UInt32(70_000 + $0) }
        var span = octets.mutableSpan
        for (index, ttl) in ttls.enumerated() { span.store(ttl, at: response.ttlOffset(index)) }
        let message = try parsed(octets)
        #expect(message.allRecords.map(\.ttlSeconds) == ttls)
        #expect(message.edns?.dnssecOK == true)
    }

    @Test func `a value that is scanned into again keeps nothing of the response before`() throws {
        var response = try scanned(
            responseOctets(
                answer: ["www.example. 1 IN CNAME a.example."], edns: EDNS(udpPayloadSize: 1232, dnssecOK: true)))
        #expect(response.redirects)
        let octets = try responseOctets(rcode: .nxDomain)
        try response.scan(octets.span, qtype: .a)
        #expect(!response.redirects && response.edns == nil && response.ttlCount == 0 && response.cacheSeconds == nil)
        #expect(response.rcode == .nxDomain && response.arcount == 0)
    }

    @Test func `a response with more records than there is room for is refused`() throws {
        let address = record([0xC0, 12], .a, rdata: [192, 0, 2, 1])
        func response(_ count: Int) -> [UInt8] {
            header(flags: HeaderFlags.qr, 1, UInt16(count)) + question("www")
                + Array(repeating: address, count: count).joined()
        }
        #expect(try scanned(response(256)).ttlCount == 256)
        #expect(throws: WireError.self) { try scanned(response(257)) }
    }

    @Test func `no octets trap`() throws {
        var generator = SeededGenerator(seed: 20)
        let original = try responseOctets(
            answer: ["www.example. 1 IN CNAME host.example.", "host.example. 1 IN MX 1 mail.example."],
            authority: ["example. 1 IN SOA ns.example. admin.example. 1 2 3 4 5"],
            edns: EDNS(udpPayloadSize: 1232, dnssecOK: true))
        let qname = try DomainName("www.example.")
        var scratch = DomainName()
        for _ in 0..<30_000 {
            var octets = original
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                octets[Int.random(in: 4..<octets.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            octets.removeLast(Int.random(in: 0...10, using: &generator))
            guard Response.match(octets.span, qname: qname, qtype: .a, letterCase: .lower) == .exact else { continue }
            var span = octets.mutableSpan
            Response.restoreCase(of: qname, in: &span)
            guard let response = try? scanned(octets) else { continue }
            #expect(response.end <= octets.count && response.questionEnd <= response.end)
            var cursor = RedirectionCursor(questionEnd: response.questionEnd, ancount: response.ancount)
            while (try? cursor.next(in: octets.span, target: &scratch)) == true {}
        }
    }
}

@Suite struct ResponseMatchTests {
    private func match(
        _ octets: [UInt8], _ name: String = "www.example.", _ qtype: RRType = .a, case bits: UInt64 = 0
    ) throws -> Response.Match {
        Response.match(octets.span, qname: try DomainName(name), qtype: qtype, letterCase: LetterCase(bits: bits))
    }

    @Test func `the question as it was sent is exact; in any other case it is not`() throws {
        // 3 w W w 7 E x …: bits 2 and 5.
        let octets = try responseOctets("wWw.Example.")
        #expect(try match(octets, case: 1 << 2 | 1 << 5) == .exact)
        #expect(try match(octets, "WWW.EXAMPLE.", case: 1 << 2 | 1 << 5) == .exact)
        for bits in [0, 1 << 2, ~0, 1 << 2 | 1 << 5 | 1 << 6] as [UInt64] {
            #expect(try match(octets, case: bits) == .otherCase)
        }
        // What is no letter has no case.
        #expect(try match(octets, case: 1 << 0 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 12) == .exact)
    }

    @Test func `another name, type or class answers something else (RFC 5452 §9.1)`() throws {
        let octets = try responseOctets()
        #expect(try match(octets, "ww.example.") == .otherQuestion)
        #expect(try match(octets, "www.examplf.") == .otherQuestion)
        #expect(try match(octets, "www.example.", .aaaa) == .otherQuestion)
        var otherClass = octets
        otherClass[12 + 13 + 3] = 3
        #expect(try match(otherClass) == .otherQuestion)
        // The octet of length in the "case" of another letter.
        var otherLength = octets
        otherLength[12] ^= 0x20
        #expect(try match(otherLength) == .otherQuestion)
    }

    @Test(arguments: [(2, 0x00), (2, 0x90)] as [(Int, UInt8)])
    func `a query and another opcode are no response`(offset: Int, octet: UInt8) throws {
        var octets = try responseOctets()
        octets[offset] = octet
        #expect(try match(octets) == .noResponse)
    }

    @Test func `no question and two are told apart from the right one`() throws {
        var octets = try responseOctets()
        octets[5] = 2
        #expect(try match(octets) == .otherQuestion)
        octets[5] = 0
        #expect(try match(octets) == .noQuestion)
    }

    @Test func `a cut header or question answers nothing`() throws {
        let octets = try responseOctets()
        for count in 0..<octets.count {
            #expect(try match(Array(octets.prefix(count))) == (count < 12 ? .noResponse : .otherQuestion))
        }
    }

    @Test func `what a query's random case has left in a response is taken out`() throws {
        let records = [
            "wWw.eXample. 60 IN CNAME Host.eXample.", "hOst.eXample. 60 IN A 192.0.2.1",
            "hOst.eXample. 60 IN TXT \"TeXt\"",
        ]
        var octets = try responseOctets("wWw.eXample.", answer: records, authority: ["Example. 9 IN NS Ns.Example."])
        var span = octets.mutableSpan
        Response.restoreCase(of: try DomainName("WWW.example."), in: &span)
        let message = try LDNSMessage(wire: octets.span)
        #expect(try readName(octets, at: 12).name.presentation == "WWW.example.")
        #expect(
            message.records(in: .answer).map { $0.owner.lowercased() } == [
                "www.example.", "host.example.", "host.example.",
            ])
        #expect(message.records(in: .answer)[2].rdata == "\"TeXt\"")
        // libldns compresses without regard to case; records that are spelled out are these.
        var spelled = header(flags: HeaderFlags.qr, 1, 1) + question("wWw")
        spelled += record(wireName("wWw"), .txt, rdata: [2, 0x41, 0x42])
        var spelledSpan = spelled.mutableSpan
        Response.restoreCase(of: try DomainName("www."), in: &spelledSpan)
        let expected =
            header(flags: HeaderFlags.qr, 1, 1) + question("www")
            + record(wireName("www"), .txt, rdata: [2, 0x41, 0x42])
        #expect(spelled == expected)
    }
}

@Suite struct RedirectionCursorTests {
    private func targets(_ octets: [UInt8]) throws -> [String] {
        let response = try scanned(octets)
        var cursor = RedirectionCursor(questionEnd: response.questionEnd, ancount: response.ancount)
        var target = DomainName()
        var targets: [String] = []
        while try cursor.next(in: octets.span, target: &target) { targets.append(target.description) }
        #expect(cursor.hops == targets.count)
        return targets
    }

    @Test func `targets of CNAME and DNAME are read in their order`() throws {
        let octets = try responseOctets(
            "a.old.example.",
            answer: [
                "old.example. 60 IN DNAME new.example.", "a.old.example. 60 IN CNAME a.new.example.",
                "a.new.example. 60 IN TXT \"between\"", "a.new.example. 60 IN CNAME B.example.",
                "b.example. 60 IN A 192.0.2.1",
            ], authority: ["example. 60 IN CNAME not.example."])
        #expect(try targets(octets) == ["new.example.", "a.new.example.", "b.example."])
    }

    @Test func `hops are counted beyond the limit, so that the caller sees it`() throws {
        let chain = (0..<20).map { "n\($0).example. 60 IN CNAME n\($0 + 1).example." }
        #expect(try targets(try responseOctets("n0.example.", answer: chain)).count == 20)
        #expect(RedirectionCursor.maximumHops < 20)
    }

    @Test func `a target that does not fill its RDATA is an error`() throws {
        let octets =
            header(flags: HeaderFlags.qr, 1, 1) + question("www")
            + record([0xC0, 12], .cname, rdata: wireName("a") + [0])
        #expect { try targets(octets) } throws: { error in
            if case .badRDATA = error as? WireError { true } else { false }
        }
    }

    @Test func `a target that goes on behind the records, which a client does not get, is an error`() throws {
        let start = header(flags: HeaderFlags.qr, 1, 1) + question("www")
        // The pointer's target is the TTL's last octet: a label of eight octets, of which four are no record's.
        let lastOctetOfTTL = UInt8(start.count + 9)
        let octets = start + record([0xC0, 12], .cname, ttl: 8, rdata: [0xC0, lastOctetOfTTL]) + Array("evil\0".utf8)
        #expect(throws: WireError.badPointer(at: Int(lastOctetOfTTL))) { try targets(octets) }
    }
}
