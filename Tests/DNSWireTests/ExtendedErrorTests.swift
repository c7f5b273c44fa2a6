import DNSMessage
import DNSWire
import Testing

/// What an answer says of itself, as libldns reads it.
@Suite struct ExtendedErrorTests {
    private static let edns = EDNS(udpPayloadSize: 1232, dnssecOK: false)

    /// The answer to a query for `www.example A`, made by `write`, then told more of by `explain`.
    private func answer(
        edns: EDNS? = edns, limit: Int = 512,
        _ write: (inout AnswerWriter, inout MutableSpan<UInt8>) -> Void = { _, _ in },
        explain: (inout AnswerWriter, inout MutableSpan<UInt8>) -> Void
    ) throws -> [UInt8] {
        let asked = try LDNSMessage.query(name: "www.example", type: .a, id: 7, edns: edns).wire()
        var qname = DomainName()
        guard case .accepted(let query) = QueryOutcome.read(asked.span, qname: &qname) else { return [] }
        var buffer = asked + [UInt8](repeating: 0xEE, count: 1232)
        var message = buffer.mutableSpan
        var writer = AnswerWriter(query, rcode: .nxDomain, limit: limit)
        write(&writer, &message)
        #expect(writer.finish(in: &message) == writer.offset)
        explain(&writer, &message)
        #expect(writer.offset <= limit)
        return Array(buffer.prefix(writer.offset))
    }

    @Test(arguments: ["", "block ads.txt", "Regel „Grün“", String(repeating: "x", count: 200)])
    func `an error has its code and its text (RFC 8914 §2)`(text: String) throws {
        let octets = try answer { writer, message in
            writer.appendError(.blocked, text: text.utf8.span, in: &message)
        }
        let message = try parsed(octets)
        #expect(message.extendedErrors == [ExtendedDNSError(infoCode: 15, extraText: text)])
        #expect(message.edns == EDNS(udpPayloadSize: UInt16(WireLimit.udpOctets), dnssecOK: false))
        var name = DomainName()
        #expect(try MessageSummary(octets.span, qname: &name).end == octets.count)
    }

    @Test func `several errors and whole options stand one behind the other`() throws {
        let other = ExtendedDNSError(infoCode: 9, extraText: "no key").option
        let raw = [0, UInt8(other.code), 0, UInt8(other.data.count)] + other.data
        let octets = try answer { writer, message in
            writer.appendError(.staleAnswer, text: [UInt8]().span, in: &message)
            writer.appendOptions(raw.span, in: &message)
            writer.appendOptions([UInt8]().span, in: &message)
            writer.appendError(.networkError, text: "x".utf8.span, in: &message)
        }
        #expect(
            try parsed(octets).extendedErrors == [
                ExtendedDNSError(infoCode: 3), ExtendedDNSError(infoCode: 9, extraText: "no key"),
                ExtendedDNSError(infoCode: 23, extraText: "x"),
            ])
    }

    @Test func `who sent no OPT is told nothing`() throws {
        let octets = try answer(edns: nil) { writer, message in
            writer.appendError(.blocked, text: "why".utf8.span, in: &message)
            writer.appendOptions([0, 15, 0, 2, 0, 0].span, in: &message)
        }
        #expect(octets.count == WireLimit.headerOctets + 13 + 4)
        #expect(try parsed(octets).edns == nil)
    }

    /// Header, question and OPT are 40 octets.
    @Test(arguments: [(40, nil), (45, nil), (46, ""), (48, ""), (49, "why")] as [(Int, String?)])
    func `what does not fit is left out, the text first`(limit: Int, text: String?) throws {
        let octets = try answer(limit: limit) { writer, message in
            writer.appendError(.blocked, text: "why".utf8.span, in: &message)
        }
        let message = try parsed(octets)
        #expect(message.extendedErrors.map(\.extraText) == (text.map { [$0] } ?? []))
        #expect(!message.isTruncated && message.edns != nil)
        let limited = try answer { writer, message in
            writer.appendError(.blocked, text: "why".utf8.span, textLimit: limit, in: &message)
        }
        #expect(try parsed(limited).extendedErrors.map(\.extraText) == [text ?? ""])
    }

    @Test func `errors of a response are found among its options, four and 256 octets at most`() throws {
        func ranges(_ options: [EDNSOption]) throws -> [Int] {
            let octets = try LDNSMessage.response(
                to: LDNSMessage.query(name: "www.example.", type: .a, id: 1), edns: Self.edns, options: options
            ).wire()
            let response = try scanned(octets)
            #expect(response.errors.octets <= ExtendedErrorRanges.octetLimit)
            return (0..<response.errors.count).map { index in
                let option = octets[response.errors[index]]
                #expect(option.prefix(2) == [0, 15])
                return option.count
            }
        }
        func error(_ count: Int) -> EDNSOption {
            ExtendedDNSError(infoCode: 1, extraText: String(repeating: "x", count: count)).option
        }
        let other = EDNSOption(code: 3, data: [1, 2, 3])
        #expect(try ranges([]) == [])
        #expect(try ranges([other, error(0), other, error(5), other]) == [6, 11])
        #expect(try ranges([1, 2, 3, 4, 5].map(error)) == [7, 8, 9, 10])
        #expect(try ranges([error(240), error(5), error(4)]) == [246, 10])
        #expect(try ranges([EDNSOption(code: 15, data: [1]), error(1)]) == [7])
    }

    @Test func `options that are cut off end the search, and the response is still good`() throws {
        var octets = try LDNSMessage.response(
            to: LDNSMessage.query(name: "www.example.", type: .a, id: 1), edns: Self.edns,
            options: [ExtendedDNSError(infoCode: 1).option, ExtendedDNSError(infoCode: 2).option]
        ).wire()
        octets[octets.count - 3] = 9
        #expect(try scanned(octets).errors.count == 1)
    }
}

@Suite struct SynthesizedRecordTests {
    private func answer(
        _ qtype: RRType, _ write: (inout AnswerWriter, inout MutableSpan<UInt8>) -> Void
    ) throws -> LDNSMessage {
        var buffer = try LDNSMessage.query(name: "Www.Example", type: qtype, id: 7).wire()
        var qname = DomainName()
        guard case .accepted(let query) = QueryOutcome.read(buffer.span, qname: &qname) else {
            throw WireError.badOPT(at: 0)
        }
        buffer += [UInt8](repeating: 0xEE, count: 512)
        var message = buffer.mutableSpan
        var writer = AnswerWriter(query, rcode: .nxDomain, limit: 512)
        write(&writer, &message)
        let count = writer.finish(in: &message)
        return try parsed(Array(buffer.prefix(count)))
    }

    @Test(arguments: [0, 10, 604_800] as [UInt32])
    func `a SOA record says in TTL and MINIMUM for how long there is nothing (RFC 2308 §3)`(ttl: UInt32) throws {
        let message = try answer(.a) { $0.appendNegativeSOA(ttlSeconds: ttl, in: &$1) }
        #expect(message.records(in: .answer).isEmpty && message.records(in: .additional).isEmpty)
        #expect(
            message.records(in: .authority).map { "\($0.owner) \($0.ttlSeconds) \($0.type.mnemonic) \($0.rdata)" } == [
                "Www.Example. \(ttl) SOA . . 1 3600 600 86400 \(ttl)"
            ])
    }

    @Test func `a resolver remembers such an answer for that long`() throws {
        let message = try answer(.a) { $0.appendNegativeSOA(ttlSeconds: 77, in: &$1) }
        let response = try scanned(message.wire())
        #expect(response.isNegative && response.cacheSeconds == 77)
    }

    @Test func `a query for ANY gets HINFO RFC8482 (RFC 8482 §4.2)`() throws {
        let message = try answer(.any) { $0.appendMinimalAny(ttlSeconds: 3600, in: &$1) }
        #expect(
            message.records(in: .answer).map { "\($0.owner) \($0.ttlSeconds) \($0.type.mnemonic) \($0.rdata)" } == [
                "Www.Example. 3600 HINFO \"RFC8482\" \"\""
            ])
    }
}
