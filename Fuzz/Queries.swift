import DNSMessage
import DNSWire

extension Fuzzer {
    /// What a client sends: read, and answered in each way that there is, over UDP and over TCP.
    static let query = Fuzzer(name: "query", kind: "wire", seeds: WireSeeds.messages, read: QueryFuzzing.read)

    /// The fields and the options of an OPT record, in a query and in a response that are well-formed otherwise.
    static let opt = Fuzzer(name: "opt", kind: "opt", seeds: WireSeeds.options) { octets in
        for isResponse in [false, true] {
            guard let message = QueryFuzzing.message(opt: octets, isResponse: isResponse) else { continue }
            QueryFuzzing.read(message)
            ResponseFuzzing.read(message)
            WholeMessageFuzzing.read(message)
        }
    }
}

enum QueryFuzzing {
    private static let address = IPAddress(v4: 0xC000_0201)
    private static let longAddress = IPAddress(bits: 0x2001_0DB8 << 96 | 1)

    static func read(_ octets: [UInt8]) {
        var qname = DomainName()
        switch QueryOutcome.read(octets.span, qname: &qname) {
        case .ignored:
            precondition(octets.count < WireLimit.headerOctets || octets[2] & 0x80 != 0)
        case .unreadable(let rcode):
            var buffer = octets
            var message = buffer.mutableSpan
            let count = MessageWriter.writeHeader(rcode: rcode, in: &message)
            check(buffer.prefix(count), to: octets, limit: WireLimit.headerOctets)
        case .refused(let rcode, let query):
            answer(query, octets, rcode: rcode) { _, _ in }
        case .accepted(let query):
            for rcode in [RCODE.noError, .nxDomain, .servFail] { answer(query, octets, rcode: rcode) { _, _ in } }
            answer(query, octets, rcode: .noError) { writer, message in
                writer.appendCNAME(to: qname, ttlSeconds: 10, in: &message)
                writer.appendAddress(address, owner: qname, ttlSeconds: 10, in: &message)
                writer.appendAddress(longAddress, ttlSeconds: .max, in: &message)
            }
            answer(query, octets, rcode: .nxDomain) { $0.appendNegativeSOA(ttlSeconds: 10, in: &$1) }
            answer(query, octets, rcode: .noError) { $0.appendMinimalAny(ttlSeconds: 10, in: &$1) }
            forward(query, qname)
        }
    }

    /// Answers over UDP, then over TCP, in a buffer no larger than needed.
    private static func answer(
        _ query: Query, _ octets: [UInt8], rcode: RCODE, append: (inout AnswerWriter, inout MutableSpan<UInt8>) -> Void
    ) {
        var query = query
        if query.cookie != nil {
            _ = CookieSecrets([]).renew(&query.cookie!, of: address, unixSeconds: 1_700_000_000)
        }
        for limit in [query.udpAnswerLimit, WireLimit.messageOctets] {
            var buffer = octets + [UInt8](repeating: 0xFF, count: max(0, min(limit, 2048) - octets.count))
            var message = buffer.mutableSpan
            var writer = AnswerWriter(query, rcode: rcode, limit: min(limit, 2048))
            append(&writer, &message)
            writer.finish(in: &message)
            writer.appendError(.blocked, text: octets.span, in: &message)
            let count = writer.offset
            check(buffer.prefix(count), to: octets, limit: min(limit, 2048))
        }
    }

    /// What we ask an upstream in the client's place is a good query for the same.
    private static func forward(_ query: Query, _ qname: DomainName) {
        guard let asked = upstreamQuery(qname, query.qtype, query.variant) else {
            preconditionFailure("our query is refused")
        }
        precondition(asked.qtype == query.qtype && asked.variant == query.variant)
    }

    /// The query that an upstream gets, as we would read it.
    static func upstreamQuery(_ qname: DomainName, _ qtype: RRType, _ variant: QueryVariant = []) -> Query? {
        var buffer = [UInt8](repeating: 0xFF, count: 12 + 255 + 4 + 11)
        var message = buffer.mutableSpan
        let count = MessageWriter.writeQuery(id: 7, qname: qname, qtype: qtype, variant: variant, in: &message)
        var name = DomainName()
        let outcome = QueryOutcome.read(buffer.span.extracting(0..<count), qname: &name)
        guard case .accepted(let query) = outcome, name.isEqual(to: qname) else { return nil }
        return query
    }

    /// An answer fits, is ours to its query, and is one to libldns, too.
    private static func check(_ answer: ArraySlice<UInt8>, to query: [UInt8], limit: Int) {
        let answer = Array(answer)
        precondition(answer.count <= limit)
        var name = DomainName()
        guard let summary = try? MessageSummary(answer.span, qname: &name) else { preconditionFailure("unreadable") }
        precondition(summary.end == answer.count && summary.flags & HeaderFlags.qr != 0)
        precondition(answer[..<2] == query[..<2])
        if summary.qdcount > 0 { precondition(answer[12..<summary.questionsEnd] == query[12..<summary.questionsEnd]) }
        do { _ = try LDNSMessage(wire: answer.span) } catch { preconditionFailure("libldns: \(error)") }
    }

    /// A message for `www.example A` whose OPT record has these fields behind its type: six octets of class and TTL, then
    /// the options.
    static func message(opt octets: [UInt8], isResponse: Bool) -> [UInt8]? {
        guard octets.count >= 6 else { return nil }
        let header: [UInt8] = [0, 7, isResponse ? 0x81 : 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 1]
        let question: [UInt8] = [3, 0x77, 0x77, 0x77, 7, 0x65, 0x78, 0x61, 0x6D, 0x70, 0x6C, 0x65, 0, 0, 1, 0, 1]
        let options = octets.dropFirst(6)
        let length = [UInt8(truncatingIfNeeded: options.count >> 8), UInt8(truncatingIfNeeded: options.count)]
        return header + question + [0, 0, 41] + octets.prefix(6) + length + options
    }
}
