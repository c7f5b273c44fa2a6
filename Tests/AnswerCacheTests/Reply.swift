import AnswerCache
import DNSMessage
import DNSWire
import Testing

/// A response as an upstream gives it, with what it answers.
struct Reply {
    var name: DomainName
    var qtype: RRType
    var variant: QueryVariant
    var message: [UInt8]
    var response = Response()

    init(
        _ name: String, _ qtype: RRType = .a, variant: QueryVariant = [], rcode: RCODE = .noError,
        answer: [String] = [], authority: [String] = [], additional: [String] = [],
        errors: [ExtendedDNSError] = []
    ) throws {
        self.name = try DomainName(name)
        self.qtype = qtype
        self.variant = variant
        let octets = try LDNSMessage.response(
            to: LDNSMessage.query(name: name, type: qtype, id: 1), rcode: rcode, answer: answer, authority: authority,
            additional: additional, edns: errors.isEmpty ? nil : EDNS(udpPayloadSize: 1232, dnssecOK: false),
            options: errors.map(\.option)
        ).wire()
        message = octets
        try response.scan(octets.span, qtype: qtype)
    }

    /// Everything behind the question.
    var records: [UInt8] { Array(message[response.questionEnd..<response.end]) }
}

extension AnswerCache {
    func insert(_ reply: Reply, now: UInt32) {
        insert(
            reply.name, qtype: reply.qtype, variant: reply.variant, response: reply.response,
            message: reply.message.span, now: now)
    }

    func find(_ reply: Reply, now: UInt32, stale: Bool = false) -> CachedAnswer? {
        find(reply.name, qtype: reply.qtype, variant: reply.variant, now: now, stale: stale)
    }
}

extension CachedAnswer {
    var recordOctets: [UInt8] { unsafe Array(records) }

    /// The message that a client gets which asks for `name`, as the engine makes it.
    func message(to name: String, _ qtype: RRType) throws -> [UInt8] {
        let asked = try LDNSMessage.query(name: name, type: qtype, id: 2).wire()
        var qname = DomainName()
        guard case .accepted(let query) = QueryOutcome.read(asked.span, qname: &qname) else { throw NotAQuery() }
        var message = asked + [UInt8](repeating: 0, count: WireLimit.messageOctets - asked.count)
        var span = message.mutableSpan
        var writer = AnswerWriter(query, rcode: facts.rcode, limit: WireLimit.messageOctets)
        let records = unsafe records
        unsafe writer.appendAll(records.span, of: facts, in: &span)
        patchTTLs(in: &span, recordsAt: query.questionEnd)
        let octets = writer.finish(in: &span)
        return Array(message.prefix(octets))
    }

    func records(to name: String, _ qtype: RRType) throws -> [ResourceRecord] {
        let octets = try message(to: name, qtype)
        let message = try parsed(octets)
        return LDNSMessage.Section.allCases.flatMap { message.records(in: $0) }
    }
}

struct NotAQuery: Error {}

/// The message as libldns reads it.
func parsed(_ octets: [UInt8]) throws(MessageError) -> LDNSMessage { try LDNSMessage(wire: octets.span) }
