import DNSWire
import Foundation

@testable import RecordedQueries

/// What a line says, in texts.
struct ReadRecord: Equatable {
    var name: String
    var type: String
    var action: RecordedQuery.Action
    var answers: [String]
    /// By key.
    var texts: [String: String]

    init(
        name: String, type: String, action: RecordedQuery.Action = .none, answers: [String] = [],
        texts: [String: String] = [:]
    ) {
        self.name = name
        self.type = type
        self.action = action
        self.answers = answers
        self.texts = texts
    }

    init(_ name: borrowing DomainName, _ record: borrowing RecordedQuery, _ text: Span<UInt8>) {
        self.name = name.description
        type = record.qtype.mnemonic
        action = record.action
        answers = record.answers.map { "\($0.kind) \(text.string($0.rdata))" }
        texts = [:]
        let fields = [
            ("vpc_id", record.vpcID), ("query_timestamp", record.timestamp), ("srcaddr", record.clientAddress),
            ("rcode", record.rcode), ("firewall_rule_group_id", record.ruleGroupID),
            ("firewall_domain_list_id", record.domainListID), ("rule_name", record.ruleName),
            ("matched_name", record.matchedName), ("matched_address", record.matchedAddress),
        ]
        for (key, range) in fields where !range.isEmpty { texts[key] = text.string(range) }
    }
}

/// Reads one line.
func read(_ line: some Sequence<UInt8>, with reader: inout RecordReader) throws(RecordError) -> ReadRecord {
    // What stands behind a line must not matter.
    var octets = Array("…\n".utf8) + Array(line)
    let range = 4..<octets.count
    octets += Array("\n\"}]\\{ : 1234567890 tail of another line".utf8)
    var record = RecordedQuery()
    var name = DomainName()
    var text = octets.mutableSpan
    try reader.read(&text, line: range, into: &record, qname: &name)
    return ReadRecord(name, record, text.span)
}

func read(_ line: String) throws(RecordError) -> ReadRecord {
    var reader = RecordReader()
    return try read(line.utf8, with: &reader)
}
