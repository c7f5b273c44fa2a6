import DNSMessage
import DNSWire
import TestSupport
import Testing

/// A query in a buffer with room for its answer.
private struct Asked {
    var buffer: [UInt8]
    let query: Query

    static let bufferOctets = 4096

    init(
        _ name: String = "wWw.Example.", _ qtype: RRType = .a, edns: EDNS? = nil, flags: UInt16 = 0
    ) throws {
        var octets = try LDNSMessage.query(name: name, type: qtype, id: 0xBEEF, edns: edns).wire()
        octets[2] |= UInt8(flags >> 8)
        octets[3] |= UInt8(flags & 0xFF)
        var qname = DomainName()
        guard case .accepted(let query) = QueryOutcome.read(octets.span, qname: &qname) else { throw NotAQuery() }
        self.query = query
        buffer = octets + [UInt8](repeating: 0xEE, count: Asked.bufferOctets - octets.count)
    }

    /// What `write` makes of the buffer.
    func answer(
        _ rcode: RCODE = .noError, limit: Int = Asked.bufferOctets,
        _ write: (inout AnswerWriter, inout MutableSpan<UInt8>) throws -> Void = { _, _ in }
    ) throws -> [UInt8] {
        var buffer = buffer
        var span = buffer.mutableSpan
        var writer = AnswerWriter(query, rcode: rcode, limit: limit)
        try write(&writer, &span)
        let octets = writer.finish(in: &span)
        #expect(octets <= limit)
        return Array(buffer.prefix(octets))
    }
}

private struct NotAQuery: Error {}

extension AnswerWriter {
    fileprivate mutating func appendAll(
        from octets: [UInt8], qtype: RRType, in message: inout MutableSpan<UInt8>
    ) throws(WireError) {
        let response = try scanned(octets, qtype: qtype)
        appendAll(
            octets.span.extracting(response.questionEnd..<response.end), of: ResponseFacts(response), in: &message)
    }
}

@Suite struct AnswerWriterTests {
    private let edns = EDNS(udpPayloadSize: 1400, dnssecOK: true)

    @Test(arguments: [RCODE.noError, .nxDomain, .servFail, .refused])
    func `an answer has the ID, the flags and the question in the case in which it was asked`(rcode: RCODE) throws {
        let asked = try Asked(flags: HeaderFlags.cd)
        let octets = try asked.answer(rcode)
        let message = try parsed(octets)
        #expect(message.id == 0xBEEF && message.isResponse && message.rcode == rcode)
        #expect(message.recursionDesired && message.recursionAvailable && message.checkingDisabled)
        #expect(!message.isTruncated && !message.isAuthoritative && !message.isAuthenticData && message.edns == nil)
        #expect(Array(octets[12...]) == Array(asked.buffer[12..<asked.query.questionEnd]))
    }

    @Test func `a client that sent OPT gets one with our size, version 0 and its own DO`() throws {
        for dnssecOK in [false, true] {
            let octets = try Asked(edns: EDNS(udpPayloadSize: 4096, dnssecOK: dnssecOK)).answer()
            let message = try parsed(octets)
            #expect(message.edns == EDNS(udpPayloadSize: UInt16(WireLimit.udpOctets), dnssecOK: dnssecOK))
        }
    }

    @Test func `a code of more than four bits goes into OPT`() throws {
        #expect(try parsed(Asked(edns: edns).answer(.badVers)).rcode == .badVers)
    }

    @Test func `an override is a CNAME, and addresses behind it have its target as owner`() throws {
        let target = try DomainName("Block.example.net")
        let octets = try Asked(edns: edns).answer { writer, message in
            writer.appendCNAME(to: target, ttlSeconds: 604_800, in: &message)
            writer.appendAddress(IPAddress("192.0.2.1")!, owner: target, ttlSeconds: 60, in: &message)
            writer.appendAddress(IPAddress("2001:db8::1")!, ttlSeconds: 7, in: &message)
            writer.appendAddress(IPAddress("192.0.2.2")!, owner: DomainName(), ttlSeconds: 7, in: &message)
        }
        let answers = try parsed(octets).records(in: .answer)
        #expect(
            answers.map { "\($0.owner) \($0.ttlSeconds) \($0.type.mnemonic) \($0.rdata)" } == [
                "wWw.Example. 604800 CNAME Block.example.net.", "Block.example.net. 60 A 192.0.2.1",
                "wWw.Example. 7 AAAA 2001:db8::1", ". 7 A 192.0.2.2",
            ])
    }

    // MARK: - Answers of upstreams

    private let upstreamAnswer = [
        "www.example. 60 IN CNAME mail.example.", "mail.example. 70 IN MX 10 mx.mail.example.",
        "mail.example. 80 IN SRV 1 2 5060 sip.mail.example.", #"mail.example. 90 IN TXT "a b" "c\"d""#,
        "example. 100 IN SOA ns.example. admin.example. 1 2 3 4 5", "mail.example. 110 IN NS ns.example.",
        "mail.example. 120 IN AAAA 2001:db8::1", "mail.example. 130 IN RP admin.example. text.example.",
        "mail.example. 140 IN AFSDB 1 afs.example.", "mail.example. 150 IN PTR www.example.",
        "mail.example. 160 IN TYPE65280 \\# 3 010203", "mail.example. 170 IN HTTPS 1 . alpn=h2",
        "mail.example. 180 IN CAA 0 issue \"ca.example\"", "old.example. 190 IN DNAME new.example.",
    ]

    @Test func `records taken over as they are read as in the upstream's response`() throws {
        let upstream = try responseOctets(
            answer: upstreamAnswer, authority: ["example. 60 IN NS ns.example."],
            additional: ["ns.example. 60 IN A 192.0.2.53"], edns: edns)
        let octets = try Asked(edns: edns).answer { try $0.appendAll(from: upstream, qtype: .a, in: &$1) }
        let expected = try parsed(upstream)
        let message = try parsed(octets)
        // The names that point to the question come in the client's case.
        for section in LDNSMessage.Section.allCases {
            #expect(message.records(in: section).lowercased == expected.records(in: section).lowercased)
        }
        #expect(message.edns?.udpPayloadSize == UInt16(WireLimit.udpOctets))
    }

    @Test func `answers of another message are written out and read as libldns reads them there`() throws {
        let other = try responseOctets(answer: upstreamAnswer, authority: ["example. 60 IN NS ns.example."])
        var name = DomainName()
        let response = try scanned(other)
        let octets = try Asked("another.name.test.", edns: edns).answer { writer, message in
            try writer.appendAnswers(
                of: other.span, questionEnd: response.questionEnd, ancount: response.ancount, name: &name, in: &message)
        }
        let message = try parsed(octets)
        #expect(message.records(in: .answer) == (try parsed(other)).records(in: .answer))
        #expect(message.records(in: .authority).isEmpty)
    }

    @Test func `answers of another message that do not fit are left out without truncation`() throws {
        let other = try responseOctets(answer: (0..<40).map { "www.example. 60 IN A 192.0.2.\($0)" })
        let all = try parsed(other).records(in: .answer)
        let response = try scanned(other)
        var name = DomainName()
        for limit in [512, 600, 1232] {
            let octets = try Asked("x.", edns: edns).answer(limit: limit) { writer, message in
                try writer.appendAnswers(
                    of: other.span, questionEnd: response.questionEnd, ancount: response.ancount, name: &name,
                    in: &message)
            }
            let message = try parsed(octets)
            let records = message.records(in: .answer)
            #expect(!message.isTruncated && message.edns != nil && records.count > 10)
            #expect(records == Array(all.prefix(records.count)))
        }
    }

    @Test func `no answer section traps; what is before an error stays`() throws {
        var generator = SeededGenerator(seed: 21)
        let other = try responseOctets(answer: upstreamAnswer)
        let asked = try Asked("another.name.test.", edns: edns)
        let questionEnd = try scanned(other).questionEnd
        var name = DomainName()
        for _ in 0..<1500 {
            var mutated = other
            for _ in 0..<3 {
                mutated[Int.random(in: questionEnd..<other.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            let octets = try asked.answer(limit: Int.random(in: 512...4096, using: &generator)) { writer, message in
                try? writer.appendAnswers(
                    of: mutated.span, questionEnd: questionEnd, ancount: UInt16(upstreamAnswer.count), name: &name,
                    in: &message)
            }
            // RDATA that does not fit its type is passed on as it is; everything else has to be well-formed.
            do throws(WireError) {
                _ = try MessageSummary(octets.span, qname: &name)
            } catch .badRDATA {
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    // MARK: - Limits

    @Test(arguments: [nil, EDNS(udpPayloadSize: 1232, dnssecOK: false)])
    func `what does not fit makes a truncated answer without records, OPT kept (RFC 2181 §9)`(edns: EDNS?) throws {
        for size in stride(from: 380, through: 520, by: 1) {
            let rest = size % 250
            let strings =
                [250, 250].prefix(size / 250).map { String(repeating: "x", count: $0) } + [
                    String(repeating: "y", count: rest)
                ]
            let upstream = try responseOctets(
                "www.example.", .txt,
                answer: ["www.example. 60 IN TXT " + strings.map { "\"\($0)\"" }.joined(separator: " ")])
            let octets = try Asked("www.example.", .txt, edns: edns).answer(limit: 512) {
                try $0.appendAll(from: upstream, qtype: .txt, in: &$1)
            }
            let message = try parsed(octets)
            let fits = upstream.count + (edns == nil ? 0 : 11) <= 512
            #expect(message.isTruncated == !fits)
            #expect(message.records(in: .answer).count == (fits ? 1 : 0))
            #expect((message.edns != nil) == (edns != nil))
        }
    }

    @Test func `a CNAME or address that does not fit truncates`() throws {
        let asked = try Asked("www.example.")
        let limit = asked.query.questionEnd + 20
        let long = try DomainName("a.name.that.is.too.long.for.it")
        let cname = try asked.answer(limit: limit) { $0.appendCNAME(to: long, ttlSeconds: 1, in: &$1) }
        let address = try asked.answer(limit: limit) {
            $0.appendAddress(IPAddress("2001:db8::1")!, ttlSeconds: 1, in: &$1)
        }
        for octets in [cname, address] {
            let message = try parsed(octets)
            #expect(message.isTruncated && message.records(in: .answer).isEmpty)
        }
    }

    @Test(
        arguments: [
            (0, nil, false), (HeaderFlags.ad, nil, true),
            (0, EDNS(udpPayloadSize: 1232, dnssecOK: true), true),
            (0, EDNS(udpPayloadSize: 1232, dnssecOK: false), false),
        ] as [(UInt16, EDNS?, Bool)])
    func `AD is passed on to those who set AD or DO (RFC 6840 §5.7)`(flags: UInt16, edns: EDNS?, wanted: Bool) throws {
        for isAuthentic in [true, false] {
            let upstream = try responseOctets(
                flags: isAuthentic ? HeaderFlags.ad : 0, answer: ["www.example. 60 IN A 192.0.2.1"])
            let octets = try Asked(edns: edns, flags: flags).answer {
                try $0.appendAll(from: upstream, qtype: .a, in: &$1)
            }
            #expect(try parsed(octets).isAuthenticData == (wanted && isAuthentic))
        }
    }
}

extension [ResourceRecord] {
    fileprivate var lowercased: [ResourceRecord] {
        map { record in
            var record = record
            record.owner = record.owner.lowercased()
            record.rdata = record.rdata.lowercased()
            return record
        }
    }
}

@Suite struct MessageWriterTests {
    @Test(
        arguments: [
            ([], false, false), (.dnssecOK, true, false), (.checkingDisabled, false, true),
            ([.dnssecOK, .checkingDisabled], true, true),
        ] as [(QueryVariant, Bool, Bool)])
    func `a query of our own reads as asked, with OPT`(variant: QueryVariant, dnssecOK: Bool, checkingDisabled: Bool)
        throws
    {
        var buffer = [UInt8](repeating: 0xEE, count: 320)
        var span = buffer.mutableSpan
        let octets = MessageWriter.writeQuery(
            id: 0x1234, qname: try DomainName("a.example."), qtype: .mx, variant: variant, in: &span)
        let message = try LDNSMessage(wire: buffer.span.extracting(0..<octets))
        #expect(message.id == 0x1234 && !message.isResponse && message.recursionDesired)
        #expect(message.questions.map(\.name) == ["a.example."] && message.questions.map(\.qtype) == [.mx])
        #expect(message.edns == EDNS(udpPayloadSize: UInt16(WireLimit.udpOctets), dnssecOK: dnssecOK))
        #expect(message.checkingDisabled == checkingDisabled)
        #expect(message.allRecords.isEmpty)
    }

    @Test func `the longest query fits into its buffer, to the last octet`() throws {
        var buffer = [UInt8](repeating: 0, count: MessageWriter.maximumQueryOctets)
        var span = buffer.mutableSpan
        let name = try readName(wireName(Array(repeating: [0x61], count: 127))).name
        var form = QueryForm()
        form.cookie = cookie([UInt8](repeating: 7, count: 40))
        for token in 1...4 as ClosedRange<UInt32> { form.path.append(token) }
        let octets = MessageWriter.writeQuery(id: 1, qname: name, qtype: .a, variant: [], form: form, in: &span)
        #expect(octets == MessageWriter.maximumQueryOctets)
    }

    @Test func `a query has the case, the cookie and the lack of OPT that its form says`() throws {
        func query(_ form: QueryForm) throws -> [UInt8] {
            var buffer = [UInt8](repeating: 0xEE, count: MessageWriter.maximumQueryOctets)
            var span = buffer.mutableSpan
            let octets = MessageWriter.writeQuery(
                id: 1, qname: try DomainName("WwW.example."), qtype: .a, variant: .dnssecOK, form: form, in: &span)
            return Array(buffer.prefix(octets))
        }
        func spelling(_ octets: [UInt8]) throws -> String { try readName(octets, at: 12).name.presentation }
        func edns(_ octets: [UInt8]) throws -> EDNS? { try LDNSMessage(wire: octets.span).edns }
        #expect(try spelling(query(QueryForm())) == "www.example.")
        var form = QueryForm()
        form.letterCase = LetterCase(bits: 1 << 3 | 1 << 4 | 1 << 6)
        #expect(try spelling(query(form)) == "wwW.eXample.")
        form.cookie = Cookie(client: 0x0102_0304_0506_0708)
        #expect(try edns(query(form)) == EDNS(udpPayloadSize: UInt16(WireLimit.udpOctets), dnssecOK: true))
        form.hasOPT = false
        #expect(try edns(query(form)) == nil)
    }

    @Test func `a header alone keeps ID, opcode and RD`() throws {
        var octets = header(flags: 0x2900 | HeaderFlags.cd | HeaderFlags.ad, 7, 7, 7, 7) + [1, 2, 3]
        var span = octets.mutableSpan
        #expect(MessageWriter.writeHeader(rcode: .notImp, in: &span) == 12)
        let message = try LDNSMessage(wire: octets.span.extracting(0..<12))
        #expect(message.id == 0x1234 && message.opcode.rawValue == 5 && message.isResponse && message.recursionDesired)
        #expect(message.rcode == .notImp && message.questions.isEmpty && message.allRecords.isEmpty)
    }
}
