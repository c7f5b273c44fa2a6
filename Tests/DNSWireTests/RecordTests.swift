import DNSWire
import Testing

@Suite struct RecordCursorTests {
    @Test func `records are walked in their order, and the section ends behind the last`() throws {
        let first = record(wireName("a", "b"), .a, rdata: [192, 0, 2, 1])
        let second = record([0xC0, 0], .txt, ttl: 0x8000_0001, rdata: [])
        let octets = first + second + [9, 9]
        var cursor = RecordCursor(start: 0, count: 2)
        let one = try #require(try cursor.next(in: octets.span))
        #expect(one.owner == 0)
        #expect(one.type == .a && one.rrClass == .internet && one.ttlSeconds == 60)
        #expect(one.ttlOffset == 9)
        #expect(one.rdata == first.count - 4..<first.count)
        let two = try #require(try cursor.next(in: octets.span))
        #expect(two.owner == first.count)
        #expect(two.ttlSeconds == 0, "the top bit of a TTL makes it 0 (RFC 2181 §8)")
        #expect(two.rdata.isEmpty)
        #expect(try cursor.next(in: octets.span) == nil)
        #expect(cursor.offset == first.count + second.count)
        #expect(cursor.remaining == 0)
    }

    @Test func `every cut of a record is truncated`() {
        let octets = record(wireName("abc"), .a, rdata: [192, 0, 2, 1])
        for count in 0..<octets.count {
            var cursor = RecordCursor(start: 0, count: 1)
            #expect { try cursor.next(in: Array(octets.prefix(count)).span) } throws: { error in
                if case .truncated = error as? WireError { true } else { false }
            }
        }
    }

    @Test func `an owner with a reserved label type, or of more than 255 octets, is refused`() {
        var cursor = RecordCursor(start: 0, count: 1)
        #expect(throws: WireError.reservedLabelType(at: 0)) { try cursor.next(in: [0x80, 0, 0].span) }
        let long = record(wireName(Array(repeating: [0x61], count: 128)), .a, rdata: [])
        #expect(throws: WireError.nameTooLong(at: 0)) { try cursor.next(in: long.span) }
    }
}

@Suite struct MessageSummaryTests {
    private func summary(_ message: [UInt8]) throws(WireError) -> (MessageSummary, DomainName) {
        var qname = DomainName()
        let summary = try MessageSummary(message.span, qname: &qname)
        return (summary, qname)
    }

    private let response = HeaderFlags.qr

    @Test func `header, first question and the ends of the sections are told`() throws {
        let questions = question("A", "example", type: .mx) + question("b")
        let records =
            record([0xC0, 12], .mx, rdata: [0, 10, 0xC0, 14]) + record([0], .ns, rdata: wireName("ns"))
            + record([0], .opt, ttl: 0, rdata: [])
        let message = header(flags: response, 2, 1, 1, 1) + questions + records
        let (summary, qname) = try summary(message + [1, 2, 3])
        #expect(qname.presentation == "A.example.")
        #expect(summary.id == 0x1234 && summary.flags == response)
        #expect([summary.qdcount, summary.ancount, summary.nscount, summary.arcount] == [2, 1, 1, 1])
        #expect(summary.question?.qtype == .mx && summary.question?.qclass == .internet)
        #expect(summary.questionsEnd == 12 + questions.count)
        #expect(summary.end == message.count)
    }

    @Test func `a message without a question is one`() throws {
        #expect(try summary(header(0)).0.question == nil)
    }

    @Test func `every cut of a message is refused`() throws {
        let message =
            header(flags: response, 1, 2) + question("a") + record([0xC0, 12], .cname, rdata: wireName("b"))
            + record(wireName("b"), .a, rdata: [192, 0, 2, 1])
        _ = try summary(message)
        for count in 0..<message.count {
            #expect(throws: WireError.self) { try summary(Array(message.prefix(count))) }
        }
    }

    @Test(
        arguments: [
            (.a, 4), (.aaaa, 16), (.ns, 3), (.cname, 3), (.ptr, 3), (.dname, 3), (.soa, 26), (.mx, 5), (.srv, 9),
            (RRType(rawValue: 14), 6), (RRType(rawValue: 17), 6), (RRType(rawValue: 18), 5), (RRType(rawValue: 26), 8),
        ] as [(RRType, Int)])
    func `names and numbers must fill the RDATA exactly`(type: RRType, fitting: Int) throws {
        // Names `a.` wherever the type has some: one or two, behind its leading octets.
        let whole: [UInt8] =
            switch fitting {
            case 3: wireName("a")
            case 5: [0, 1] + wireName("a")
            case 6: wireName("a") + wireName("a")
            case 8: [0, 1] + wireName("a") + wireName("a")
            case 9: [0, 1, 0, 1, 0, 1] + wireName("a")
            case 26: wireName("a") + wireName("a") + [UInt8](repeating: 0, count: 20)
            default: [UInt8](repeating: 0, count: fitting)
            }
        func message(_ rdata: [UInt8]) -> [UInt8] {
            // A further record follows, so that a name may run out of its RDATA without leaving the message.
            header(flags: response, 0, 2) + record([0], type, rdata: rdata) + record([0], .txt, rdata: [0, 0, 0, 0])
        }
        #expect(throws: Never.self) { try summary(message(whole)) }
        for rdata in [Array(whole.dropLast()), whole + [0], []] {
            #expect(throws: WireError.self, "\(rdata.count) octets") { try summary(message(rdata)) }
        }
    }

    @Test func `UPDATE may leave out the RDATA in class ANY and NONE (RFC 2136 §2.4)`() throws {
        for rrClass in [254, 255] as [UInt16] {
            let prerequisite = record(wireName("a"), .a, rrClass: RRClass(rawValue: rrClass), rdata: [])
            #expect(throws: Never.self) { try summary(header(flags: 5 << 11, 0, 1) + prerequisite) }
        }
    }

    @Test func `bad pointers of owners and in RDATA are refused`() {
        let atOwner = header(flags: response, 0, 1) + record([0xC0, 12], .txt, rdata: [])
        #expect(throws: WireError.badPointer(at: 12)) { try summary(atOwner) }
        let inRDATA = header(flags: response, 0, 1) + record([0], .ns, rdata: [0xC0, 40])
        #expect(throws: WireError.badPointer(at: 23)) { try summary(inRDATA) }
    }

    @Test func `RDATA of other types is not looked into`() {
        let message = header(flags: response, 0, 1) + record([0], RRType(rawValue: 65_280), rdata: [0xC0, 0xFF, 0x80])
        #expect(throws: Never.self) { try summary(message) }
    }
}
