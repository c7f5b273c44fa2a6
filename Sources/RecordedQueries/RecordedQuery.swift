package import DNSWire

/// # RecordedQueries
/// Reads query logs in AWS's form, of AWS or our own, as quickly as they come from a disk.
/// - Touches: the files and pipes that it is told to read.
/// - Threads: a reader and what it fills belong to one caller. A log is cut in pieces, which as many readers share.
/// - Costs: a line is walked over once, where it lies in the buffer; no allocation for one like others before it.

/// What a line of a query log says of one query, but for the name asked for, which is large and apart.
///
/// One is filled again and again. Texts are where the line has them (`TextRange`), without escapes, and last as long as the
/// line. Not `Copyable`, since copies would be made wherever it is borrowed.
package struct RecordedQuery: ~Copyable, Sendable {
    package enum Action: Sendable, Equatable {
        /// No rule, or an ALLOW rule: AWS logs both alike.
        case none
        case alert
        case block
    }

    /// A record of the answer that was sent.
    package struct Answer: Sendable, Equatable {
        package enum Kind: Sendable {
            /// A CNAME or DNAME record.
            case redirection
            /// An A or AAAA record.
            case address
            case other
        }

        package var kind: Kind
        package var rdata: TextRange

        package var isRedirection: Bool { kind == .redirection }
        package var isAddress: Bool { kind == .address }
    }

    package internal(set) var qtype = RRType.a
    package internal(set) var action = Action.none
    /// In the order of the answer.
    package internal(set) var answers: [Answer] = []
    package internal(set) var qname = TextRange.empty
    var qtypeName = TextRange.empty
    var actionName = TextRange.empty
    package internal(set) var timestamp = TextRange.empty
    package internal(set) var vpcID = TextRange.empty
    package internal(set) var clientAddress = TextRange.empty
    package internal(set) var rcode = TextRange.empty
    package internal(set) var ruleGroupID = TextRange.empty
    package internal(set) var domainListID = TextRange.empty
    /// Of `x_ext`, as the next two.
    package internal(set) var ruleName = TextRange.empty
    /// The name asked for, or the redirection's target, that the rule matched.
    package internal(set) var matchedName = TextRange.empty
    /// The address in the answer that the rule matched.
    package internal(set) var matchedAddress = TextRange.empty

    package init() {}

    package var isBlocked: Bool { action == .block }

    /// Keeps the memory for answers.
    mutating func clear() {
        var next = RecordedQuery()
        swap(&next.answers, &answers)
        next.answers.removeAll(keepingCapacity: true)
        self = next
    }
}

extension Span<UInt8> {
    /// A text of a line, as UTF-8.
    package func string(_ range: TextRange) -> String {
        String(decoding: (range.start..<range.end).map { self[$0] }, as: UTF8.self)
    }

    /// Whether a text of a line has these octets.
    package func has(_ octets: [UInt8], at range: TextRange) -> Bool {
        guard octets.count == range.count else { return false }
        for index in octets.indices where self[range.start &+ index] != octets[index] { return false }
        return true
    }

    /// Whether a text of a line is this one.
    package func has(_ text: StaticString, at range: TextRange) -> Bool {
        guard text.utf8CodeUnitCount == range.count else { return false }
        // Within the text.
        for index in 0..<range.count where unsafe self[range.start &+ index] != text.utf8Start[index] { return false }
        return true
    }
}

extension [UInt8] {
    /// Appends a text of a line.
    package mutating func append(_ range: TextRange, of text: Span<UInt8>) {
        for offset in range.start..<range.end { append(text[offset]) }
    }
}

/// Why a line is no record that could be replayed.
package enum RecordError: Error, Sendable, Equatable {
    /// The line is no JSON: what is wrong with it is so many octets behind its begin.
    case notJSON(column: Int)
    /// It ends before the record does.
    case cutOff
    /// A member that every record has is not there, or no text.
    case missing(Member)
    case badName
    case badType
    /// A redirection in the answers does not lead to a name.
    case badTarget
    case tooLong(octetLimit: Int)

    package enum Member: String, Sendable {
        case name = "query_name"
        case type = "query_type"
    }
}

extension RecordError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notJSON(let column): "is no JSON at character \(column)"
        case .cutOff: "ends in the middle of a record"
        case .missing(let name): "is no record of a query: it has no \(name.rawValue)"
        case .badName: "query_name is no domain name"
        case .badType: "query_type is no type"
        case .badTarget: "a CNAME of the answers is no domain name"
        case .tooLong(let limit): "is longer than \(limit >> 10) KiB"
        }
    }
}
