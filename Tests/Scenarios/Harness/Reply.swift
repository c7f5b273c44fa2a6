import DNSMessage
import DNSWire

/// An answer that a client received, as libldns reads it. What libldns can't read fails its making.
struct Reply: Sendable {
    var octets: [UInt8]
    var id: UInt16
    /// The sixteen bits after the ID.
    var flags: UInt16
    /// With the upper bits of the OPT record, where there is one.
    var rcode: RCODE
    /// The name that was asked, in lower case with its final dot; nil when there is no question.
    var question: String?
    var answers: [ResourceRecord]
    var authority: [ResourceRecord]
    var edns: EDNS?
    /// Why the answer is as it is (RFC 8914).
    var errors: [ExtendedDNSError]
    /// Every option of the OPT record.
    var options: [EDNSOption]

    init(_ octets: [UInt8]) throws {
        let message = try LDNSMessage(wire: octets.span)
        self.octets = octets
        id = message.id
        flags = octets.span.uint16(at: 2)
        rcode = message.rcode
        question = message.questions.first?.name
        answers = message.records(in: .answer)
        authority = message.records(in: .authority)
        edns = message.edns
        errors = message.extendedErrors
        options = message.ednsOptions
    }

    var isTruncated: Bool { flags & HeaderFlags.tc != 0 }
    /// The answers without their TTLs: `a.example. A 192.0.2.10`.
    var lines: [String] { answers.map { "\($0.owner) \($0.type.mnemonic) \($0.rdata)" } }
    var ttlSeconds: [UInt32] { answers.map(\.ttlSeconds) }
    /// What the answers say: addresses, names.
    var data: [String] { answers.map(\.rdata) }
}
