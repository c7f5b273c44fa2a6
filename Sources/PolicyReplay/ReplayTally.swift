import DNSWire
package import RecordedQueries

/// Where a record is: number of the piece of the log, line in the piece.
typealias RecordPlace = (piece: Int, line: Int)

/// What a replay has counted.
package struct ReplayTally: Sendable {
    /// So many names, and so many clients, are counted apart by each thread.
    private static let textLimit = 100_000
    private static let exampleLimit = 5

    package struct BadLine: Sendable {
        var place: RecordPlace
        package var error: RecordError
    }

    package private(set) var recordCount = 0
    /// By what was done, then by what is done now.
    private var actions = Array(repeating: 0, count: Ruling.Action.allCases.count * Ruling.Action.allCases.count)
    private var differences = Array(repeating: 0, count: Difference.allCases.count)
    private(set) var names = CountedTexts(limit: textLimit)
    private(set) var clients = CountedTexts(limit: textLimit)
    /// What was done, `RuleLabels.separator`, what is done now.
    private(set) var rules = CountedTexts(limit: textLimit)
    /// By difference, the first one of each of the first names.
    private var examples: [[ReplayExample]] = Array(repeating: [], count: Difference.allCases.count)
    package private(set) var unknownRuleCount = 0
    package private(set) var lackingAnswerCount = 0
    package private(set) var badLineCount = 0
    /// The first ones.
    private(set) var badLines: [BadLine] = []
    package private(set) var period = RecordedPeriod()

    package init() {}

    package func count(_ difference: Difference) -> Int { differences[difference.rawValue] }
    package func count(before: Ruling.Action, after: Ruling.Action) -> Int { actions[ReplayTally.place(before, after)] }
    func examples(_ difference: Difference) -> [ReplayExample] { examples[difference.rawValue] }

    private static func place(_ before: Ruling.Action, _ after: Ruling.Action) -> Int {
        before.rawValue * Ruling.Action.allCases.count + after.rawValue
    }
}

// MARK: - Counting

extension ReplayTally {
    /// Counts a record; does not allocate.
    mutating func count(_ outcome: Comparer.Outcome, _ record: borrowing RecordedQuery, _ text: Span<UInt8>) {
        recordCount += 1
        actions[ReplayTally.place(outcome.actionBefore, outcome.after.action)] += 1
        period.include(record.timestamp, of: text)
        if outcome.hasUnknownRule { unknownRuleCount += 1 }
        if outcome.lacksAnswer { lackingAnswerCount += 1 }
    }

    /// Counts a difference by name, client and rule. Returns whether it is one to show: that of another name than the
    /// examples before it.
    mutating func count(
        _ difference: Difference, _ qname: borrowing DomainName, _ record: borrowing RecordedQuery,
        _ text: Span<UInt8>, labels: [UInt8]
    ) -> Bool {
        differences[difference.rawValue] += 1
        let wire = qname.octets
        let isFirst = unsafe names.count(difference, wire.span.bytes, from: 0, octets: qname.octetCount)
        let client = record.clientAddress
        unsafe clients.count(difference, text.bytes, from: client.start, octets: client.count)
        rules.count(difference, labels)
        return isFirst && examples[difference.rawValue].count < ReplayTally.exampleLimit
    }

    mutating func add(_ example: ReplayExample, of difference: Difference) {
        examples[difference.rawValue].append(example)
    }

    mutating func note(_ error: RecordError, at place: RecordPlace) {
        badLineCount += 1
        guard badLines.count < ReplayTally.exampleLimit else { return }
        badLines.append(BadLine(place: place, error: error))
    }

    /// Adds what another thread has counted. Each has gone through its pieces in order, so that the first examples of all
    /// are among the first of each.
    mutating func add(_ other: ReplayTally) {
        recordCount += other.recordCount
        for place in actions.indices { actions[place] += other.actions[place] }
        for place in differences.indices { differences[place] += other.differences[place] }
        names.add(other.names)
        clients.add(other.clients)
        rules.add(other.rules)
        for place in examples.indices {
            examples[place] = ReplayTally.first(examples[place] + other.examples[place])
        }
        unknownRuleCount += other.unknownRuleCount
        lackingAnswerCount += other.lackingAnswerCount
        badLineCount += other.badLineCount
        badLines = Array((badLines + other.badLines).sorted { $0.place < $1.place }.prefix(ReplayTally.exampleLimit))
        period.include(other.period)
    }

    /// The first ones, one of each name.
    private static func first(_ examples: [ReplayExample]) -> [ReplayExample] {
        var names: Set<String> = []
        let first = examples.sorted { $0.place < $1.place }.filter { names.insert($0.name).inserted }
        return Array(first.prefix(exampleLimit))
    }
}

/// A record on which two decisions differ.
struct ReplayExample: Sendable {
    var place: RecordPlace
    var name: String
    var type: String
    var client: String
    var vpc: String
    var labels: RuleLabels
    /// The redirection or the address that the rule matches now.
    var through: String?
}
