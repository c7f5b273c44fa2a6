import AnswerCache
import DNSMessage
import DNSWire

extension Fuzzer {
    /// What an upstream answers: believed, walked, kept, and handed on to clients.
    static let response = Fuzzer(name: "response", kind: "wire", seeds: WireSeeds.messages, read: ResponseFuzzing.read)

    /// Whole messages as the commands and the query log print them, by libldns.
    static let message = Fuzzer(
        name: "message", kind: "wire", seeds: WireSeeds.messages, read: WholeMessageFuzzing.read)
}

enum ResponseFuzzing {
    static func read(_ octets: [UInt8]) {
        let message = octets.span
        var (qname, scratch) = (DomainName(), DomainName())
        guard message.count >= WireLimit.headerOctets,
            let question = try? Question(from: message, at: WireLimit.headerOctets, pointers: false, name: &qname),
            isAnswer(message, to: qname, question.qtype), let query = QueryFuzzing.upstreamQuery(qname, question.qtype)
        else { return }
        let signs = ResponseSigns(message, questionEnd: question.end)
        var response = Response()
        guard (try? response.scan(message, qtype: question.qtype)) != nil else { return }
        restoreCase(octets, qname, response)
        // Bad options are nobody's concern but those of who reads them.
        precondition(!signs.isReadable || signs.rcode == response.rcode)
        precondition(response.end <= message.count && response.questionEnd == question.end)
        let isWellFormed = (try? MessageSummary(message, qname: &scratch)) != nil
        walk(response, message)
        handOn(response, octets, query, isWellFormed: isWellFormed)
        override(response, octets, qname, isWellFormed: isWellFormed)
        keep(response, octets, qname, question.qtype)
    }

    /// What goes further than to the forwarder: a response with the question that was asked.
    private static func isAnswer(_ message: Span<UInt8>, to qname: borrowing DomainName, _ qtype: RRType) -> Bool {
        let match = Response.match(message, qname: qname, qtype: qtype, letterCase: .lower)
        return match == .exact || match == .otherCase
    }

    /// Without its random case the response is as long and says the same.
    private static func restoreCase(_ octets: [UInt8], _ qname: DomainName, _ response: Response) {
        var restored = octets
        var message = restored.mutableSpan
        Response.restoreCase(of: qname, in: &message)
        var again = Response()
        precondition((try? again.scan(restored.span, qtype: .a)) != nil && again.end == response.end)
        precondition(again.rcode == response.rcode && again.ttlCount == response.ttlCount)
    }

    /// As far as the firewall looks: at where answers lead, and at the addresses in them.
    private static func walk(_ response: Response, _ message: Span<UInt8>) {
        var target = DomainName()
        var redirections = RedirectionCursor(questionEnd: response.questionEnd, ancount: response.ancount)
        while redirections.hops <= RedirectionCursor.maximumHops,
            (try? redirections.next(in: message, target: &target)) == true
        {
            precondition(response.redirects)
        }
        var records = RecordCursor(start: response.questionEnd, count: response.ancount)
        while let record = try? records.next(in: message) { _ = record.address(in: message) }
        for index in 0..<response.ttlCount { precondition(response.ttlOffset(index) + 4 <= response.end) }
    }

    private static func handOn(_ response: Response, _ octets: [UInt8], _ query: Query, isWellFormed: Bool) {
        for limit in [WireLimit.classicUDPOctets, WireLimit.udpOctets, max(4096, octets.count + 11)] {
            var buffer = Array(octets.prefix(response.questionEnd))
            buffer += repeatElement(0xFF, count: limit - buffer.count)
            var answer = buffer.mutableSpan
            var writer = AnswerWriter(query, rcode: response.rcode, limit: limit)
            let records = octets.span.extracting(response.questionEnd..<response.end)
            let fits = writer.appendAll(records, of: ResponseFacts(response), in: &answer)
            let count = writer.finish(in: &answer)
            precondition(count <= limit && fits == !writer.isTruncated)
            if isWellFormed { check(buffer.prefix(count)) }
        }
    }

    /// The response as that of an override's target, behind a CNAME of ours.
    private static func override(_ response: Response, _ octets: [UInt8], _ target: DomainName, isWellFormed: Bool) {
        guard let qname = try? DomainName("blocked.example"), let query = QueryFuzzing.upstreamQuery(qname, .a) else {
            preconditionFailure("a plain query is refused")
        }
        var buffer = [UInt8](repeating: 0xFF, count: WireLimit.udpOctets)
        var answer = buffer.mutableSpan
        _ = MessageWriter.writeQuestion(qname, qtype: .a, in: &answer)
        var writer = AnswerWriter(query, rcode: .noError, limit: WireLimit.udpOctets)
        writer.appendCNAME(to: target, ttlSeconds: 10, in: &answer)
        var scratch = DomainName()
        try? writer.appendAnswers(
            of: octets.span, questionEnd: response.questionEnd, ancount: response.ancount, name: &scratch, in: &answer)
        let count = writer.finish(in: &answer)
        if isWellFormed { check(buffer.prefix(count)) }
    }

    private static func check(_ answer: ArraySlice<UInt8>) {
        let answer = Array(answer)
        var name = DomainName()
        guard let summary = try? MessageSummary(answer.span, qname: &name) else { preconditionFailure("unreadable") }
        precondition(summary.end == answer.count && summary.flags & HeaderFlags.qr != 0)
    }

    /// Into a cache so small that it goes around, and out of it again.
    private static func keep(_ response: Response, _ octets: [UInt8], _ qname: DomainName, _ qtype: RRType) {
        let cache = AnswerCache(octets: 8192, limits: AnswerCache.Limits(), seed: 1)
        for round in 0..<8 as Range<UInt32> {
            let variant = QueryVariant(rawValue: round)
            cache.insert(qname, qtype: qtype, variant: variant, response: response, message: octets.span, now: round)
            for (variant, now) in [(variant, round), (QueryVariant(rawValue: 0), round + 60)] {
                guard let found = cache.find(qname, qtype: qtype, variant: variant, now: now, stale: true) else {
                    continue
                }
                let records = unsafe Array(found.records)
                precondition(records[...] == octets[response.questionEnd..<response.end])
                var buffer = Array(octets.prefix(response.questionEnd)) + records
                var message = buffer.mutableSpan
                found.patchTTLs(in: &message, recordsAt: response.questionEnd)
            }
        }
    }
}

enum WholeMessageFuzzing {
    static func read(_ octets: [UInt8]) {
        compare(octets)
        if let message = try? LDNSMessage(wire: octets.span) {
            _ = message.presentation
            _ = message.wire()
            _ = (message.questions, message.edns, message.extendedErrors)
            for section in LDNSMessage.Section.allCases { _ = message.records(in: section) }
        }
        var name = DomainName()
        guard octets.count >= WireLimit.headerOctets,
            let question = try? Question(
                from: octets.span, at: WireLimit.headerOctets, pointers: false, name: &name)
        else { return }
        var records = RecordCursor(start: question.end, count: octets.span.uint16(at: 6))
        while let record = try? records.next(in: octets.span) { _ = rdataPresentation(of: record, in: octets.span) }
    }

    /// Whose RDATA both libldns and `MessageSummary` check: others libldns refuses for reasons that are none of ours.
    private static let checkedTypes: [RRType] = [.a, .aaaa, .ns, .cname, .ptr, .soa, .mx, .srv, .opt]

    /// What we accept libldns accepts, too, and reads alike.
    private static func compare(_ octets: [UInt8]) {
        var qname = DomainName()
        guard let summary = try? MessageSummary(octets.span, qname: &qname) else { return }
        var records = RecordCursor(
            start: summary.questionsEnd, count: summary.ancount &+ summary.nscount &+ summary.arcount)
        while let record = try? records.next(in: octets.span) {
            guard checkedTypes.contains(record.type) else { return }
        }
        do {
            let message = try LDNSMessage(wire: octets.span)
            precondition(message.id == summary.id && message.questions.count == Int(summary.qdcount))
            guard let question = message.questions.first, let ours = summary.question else { return }
            precondition(question.qtype == ours.qtype && question.qclass == ours.qclass)
            let name = try? DomainName(question.name)
            precondition(name.map { $0.isEqual(to: qname) } == true)
        } catch {
            preconditionFailure("libldns refuses what we accept: \(error)")
        }
    }
}
