import DNSWire
import Testing

@Suite struct QueryOutcomeTests {
    private let opt: [UInt8] = [0, 0, 41, 0x10, 0, 0, 0, 0x80, 0, 0, 0]  // 4096 octets, version 0, DO

    private func outcome(_ message: [UInt8]) -> QueryOutcome {
        var qname = DomainName()
        return QueryOutcome.read(message.span, qname: &qname)
    }

    private func refusal(_ message: [UInt8]) -> RCODE? {
        switch outcome(message) {
        case .refused(let rcode, _), .unreadable(let rcode): rcode
        default: nil
        }
    }

    private func isIgnored(_ message: [UInt8]) -> Bool {
        if case .ignored = outcome(message) { true } else { false }
    }

    @Test func `one question of class IN is accepted`() throws {
        var qname = DomainName()
        let message = header(flags: HeaderFlags.rd | HeaderFlags.cd) + question("Www", "example", type: .aaaa)
        guard case .accepted(let query) = QueryOutcome.read(message.span, qname: &qname) else {
            Issue.record("not accepted")
            return
        }
        #expect(qname.description == "www.example.")
        #expect(query.id == 0x1234)
        #expect(query.qtype == .aaaa)
        #expect(query.qclass == .internet)
        #expect(query.questionEnd == message.count)
        #expect(query.recursionDesired && query.checkingDisabled)
        #expect(!query.dnssecOK && !query.wantsAuthenticData)
        #expect(query.edns == nil)
    }

    @Test func `the OPT record is read wherever it stands among the additional records`() throws {
        let other = record([0xC0, 12], .a, rdata: [192, 0, 2, 1])
        for additional in [opt + other, other + opt] {
            guard case .accepted(let query) = outcome(header(1, 0, 0, 2) + question("a") + additional) else {
                Issue.record("not accepted")
                return
            }
            #expect(query.edns == EDNS(udpPayloadSize: 4096, dnssecOK: true))
            #expect(query.wantsAuthenticData)
        }
    }

    @Test(arguments: [(nil, 512), (0, 512), (512, 512), (1000, 1000), (1232, 1232), (4096, 1232)] as [(UInt16?, Int)])
    func `a UDP answer has 512 octets without EDNS, else what was asked for, at most 1232`(size: UInt16?, limit: Int) {
        let additional = size.map { record([0], .opt, rrClass: RRClass(rawValue: $0), ttl: 0, rdata: []) } ?? []
        guard case .accepted(let query) = outcome(header(1, 0, 0, size == nil ? 0 : 1) + question("a") + additional)
        else {
            Issue.record("not accepted")
            return
        }
        #expect(query.udpAnswerLimit == limit)
    }

    @Test func `less than a header, and responses, are met with silence (RFC 1035 §4.1.1)`() {
        let message = header() + question("a")
        #expect((0..<12).allSatisfy { isIgnored(Array(message.prefix($0))) })
        #expect(isIgnored(header(flags: HeaderFlags.qr) + question("a")))
    }

    @Test(arguments: 1...15 as ClosedRange<UInt16>)
    func `an opcode other than QUERY is not implemented (RFC 8906 §3.1.5)`(opcode: UInt16) {
        #expect(refusal(header(flags: opcode << 11) + question("a")) == .notImp)
    }

    @Test func `QDCOUNT other than 1, and answer or authority records, are a format error (RFC 9619 §4)`() {
        let answer = record([0xC0, 12], .a, rdata: [192, 0, 2, 1])
        #expect(refusal(header(0)) == .formErr)
        #expect(refusal(header(2) + question("a") + question("b")) == .formErr)
        #expect(refusal(header(1, 1) + question("a") + answer) == .formErr)
        #expect(refusal(header(1, 0, 1) + question("a") + answer) == .formErr)
    }

    @Test func `a bad question or record, two OPTs, or one with an owner, are a format error`() {
        let complete = header(1, 0, 0, 1) + question("a") + opt
        #expect((12..<complete.count).allSatisfy { refusal(Array(complete.prefix($0))) == .formErr })
        #expect(refusal(header() + [0xC0, 12, 0, 1, 0, 1]) == .formErr)
        #expect(refusal(header(1, 0, 0, 2) + question("a") + opt + opt) == .formErr)
        #expect(refusal(header(1, 0, 0, 1) + question("a") + wireName("a") + opt.dropFirst()) == .formErr)
        #expect(refusal(header(1, 0, 0, 1) + question("a") + [0xC0, 12] + opt.dropFirst()) == .formErr)
    }

    @Test func `an EDNS version above 0 is BADVERS, with the query to repeat (RFC 6891 §6.1.3)`() {
        let version1 = record([0], .opt, rrClass: RRClass(rawValue: 1232), ttl: 1 << 16, rdata: [])
        guard case .refused(.badVers, let query) = outcome(header(1, 0, 0, 1) + question("a") + version1) else {
            Issue.record("not BADVERS")
            return
        }
        #expect(query.edns?.version == 1)
    }

    @Test(
        arguments: [
            (1, 3, .refused), (252, 1, .refused), (251, 1, .refused), (0, 1, .formErr), (41, 1, .formErr),
            (250, 1, .formErr),
        ]
            as [(UInt16, UInt16, RCODE)])
    func `other classes and transfers are REFUSED, types that can't be asked a format error`(
        type: UInt16, rrClass: UInt16, rcode: RCODE
    ) {
        let asked = question("a", type: RRType(rawValue: type), rrClass: RRClass(rawValue: rrClass))
        #expect(refusal(header() + asked) == rcode)
    }

    @Test func `octets behind the last record are ignored`() {
        guard case .accepted = outcome(header() + question("a") + [1, 2, 3]) else {
            Issue.record("not accepted")
            return
        }
    }
}
