package import DNSWire

/// Reads lines of a query log. Keys may come in any order, with any others among them.
package struct RecordReader: Sendable {
    private var keys = KeyTable(Member.top.map { ($0.rawValue, $0) }, other: Member.other)
    private var ownKeys = KeyTable(Member.own.map { ($0.rawValue, $0) }, other: Member.other)
    private var answerKeys = KeyTable(Member.answer.map { ($0.rawValue, $0) }, other: Member.other)
    private var types = TypeCache()

    package init() {}

    /// Keys that say something here.
    private enum Member: String {
        case vpcID = "vpc_id"
        case timestamp = "query_timestamp"
        case qname = "query_name"
        case qtype = "query_type"
        case rcode
        case answers
        case clientAddress = "srcaddr"
        case action = "firewall_rule_action"
        case ruleGroupID = "firewall_rule_group_id"
        case domainListID = "firewall_domain_list_id"
        case ownFields = "x_ext"
        case ruleName = "rule_name"
        case matchedName = "matched_name"
        case matchedAddress = "matched_address"
        case rdata = "Rdata"
        case type = "Type"
        case other

        static let top: [Member] = [
            .vpcID, .timestamp, .qname, .qtype, .rcode, .answers, .clientAddress, .action, .ruleGroupID, .domainListID,
            .ownFields,
        ]
        /// Of `x_ext`.
        static let own: [Member] = [.ruleName, .matchedName, .matchedAddress]
        static let answer: [Member] = [.rdata, .type]
    }

    /// Reads the record on a line. Escapes on the line are resolved in place.
    ///
    /// Of members that are there twice the last one counts. Does not allocate where the line is like those before it.
    /// - Parameters:
    ///   - text: behind the line there is a line feed or 0, and 32 octets more.
    ///   - line: without its end.
    ///   - qname: becomes the name asked for.
    package mutating func read(
        _ text: inout MutableSpan<UInt8>, line: Range<Int>, into record: inout RecordedQuery,
        qname: inout DomainName
    ) throws(RecordError) {
        record.clear()
        var cursor = JSONCursor(at: line.lowerBound)
        do throws(JSONError) {
            try readRecord(&cursor, &text, into: &record)
            _ = cursor.peek(text.span)
            guard cursor.offset == line.upperBound else { throw JSONError(offset: cursor.offset) }
        } catch {
            guard error.offset < line.upperBound else { throw .cutOff }
            throw .notJSON(column: error.offset - line.lowerBound + 1)
        }
        try finish(&record, text.span, qname: &qname)
    }

    /// Makes of texts what is needed of them for every record.
    private mutating func finish(
        _ record: inout RecordedQuery, _ text: Span<UInt8>, qname: inout DomainName
    ) throws(RecordError) {
        guard !record.qname.isEmpty else { throw .missing(.name) }
        guard !record.qtypeName.isEmpty else { throw .missing(.type) }
        do {
            try qname.read(text: text.extracting(record.qname.start..<record.qname.end))
        } catch {
            throw .badName
        }
        guard let qtype = types.type(record.qtypeName, of: text) else { throw .badType }
        record.qtype = qtype
        guard !record.actionName.isEmpty else { return }
        if text.has("BLOCK", at: record.actionName) {
            record.action = .block
        } else if text.has("ALERT", at: record.actionName) {
            record.action = .alert
        }
    }

    // MARK: Members

    private mutating func readRecord(
        _ cursor: inout JSONCursor, _ text: inout MutableSpan<UInt8>, into record: inout RecordedQuery
    ) throws(JSONError) {
        var place = 0
        try cursor.readObject(&text) { (cursor, text, key) throws(JSONError) in
            let member = unsafe keys.meaning(of: key, at: place, in: text.span.bytes)
            place += 1
            switch member {
            case .answers: try readAnswers(&cursor, &text, into: &record)
            case .ownFields: try readOwnFields(&cursor, &text, into: &record)
            case .vpcID: record.vpcID = try cursor.readText(&text)
            case .timestamp: record.timestamp = try cursor.readText(&text)
            case .qname: record.qname = try cursor.readText(&text)
            case .qtype: record.qtypeName = try cursor.readText(&text)
            case .rcode: record.rcode = try cursor.readText(&text)
            case .clientAddress: record.clientAddress = try cursor.readText(&text)
            case .action: record.actionName = try cursor.readText(&text)
            case .ruleGroupID: record.ruleGroupID = try cursor.readText(&text)
            case .domainListID: record.domainListID = try cursor.readText(&text)
            default: _ = try cursor.readText(&text)
            }
        }
    }

    private mutating func readOwnFields(
        _ cursor: inout JSONCursor, _ text: inout MutableSpan<UInt8>, into record: inout RecordedQuery
    ) throws(JSONError) {
        guard cursor.peek(text.span) == UInt8(ascii: "{") else { return try cursor.skipValue(&text) }
        var place = 0
        try cursor.readObject(&text) { (cursor, text, key) throws(JSONError) in
            let member = unsafe ownKeys.meaning(of: key, at: place, in: text.span.bytes)
            place += 1
            switch member {
            case .ruleName: record.ruleName = try cursor.readText(&text)
            case .matchedName: record.matchedName = try cursor.readText(&text)
            case .matchedAddress: record.matchedAddress = try cursor.readText(&text)
            default: _ = try cursor.readText(&text)
            }
        }
    }

    private mutating func readAnswers(
        _ cursor: inout JSONCursor, _ text: inout MutableSpan<UInt8>, into record: inout RecordedQuery
    ) throws(JSONError) {
        record.answers.removeAll(keepingCapacity: true)
        guard cursor.peek(text.span) == UInt8(ascii: "[") else { return try cursor.skipValue(&text) }
        try cursor.readArray(&text) { (cursor, text) throws(JSONError) in
            guard cursor.peek(text.span) == UInt8(ascii: "{") else { return try cursor.skipValue(&text) }
            record.answers.append(try readAnswer(&cursor, &text))
        }
    }

    private mutating func readAnswer(
        _ cursor: inout JSONCursor, _ text: inout MutableSpan<UInt8>
    ) throws(JSONError) -> RecordedQuery.Answer {
        var (rdata, type) = (TextRange.empty, TextRange.empty)
        var place = 0
        try cursor.readObject(&text) { (cursor, text, key) throws(JSONError) in
            let member = unsafe answerKeys.meaning(of: key, at: place, in: text.span.bytes)
            place += 1
            switch member {
            case .rdata: rdata = try cursor.readText(&text)
            case .type: type = try cursor.readText(&text)
            default: _ = try cursor.readText(&text)
            }
        }
        return RecordedQuery.Answer(kind: .init(types.type(type, of: text.span)), rdata: rdata)
    }
}

extension RecordedQuery.Answer.Kind {
    fileprivate init(_ type: RRType?) {
        // By numbers: patterns of `RRType` are compared by way of its conformances, for each record of each answer.
        switch type?.rawValue {
        case RRType.cname.rawValue, RRType.dname.rawValue: self = .redirection
        case RRType.a.rawValue, RRType.aaaa.rawValue: self = .address
        default: self = .other
        }
    }
}

extension JSONCursor {
    /// Reads a string; of another value nothing is kept.
    @inline(__always) fileprivate mutating func readText(
        _ text: inout MutableSpan<UInt8>
    ) throws(JSONError) -> TextRange {
        if peek(text.span) == UInt8(ascii: "\"") { return try readString(&text) }
        try skipValue(&text)
        return .empty
    }
}
