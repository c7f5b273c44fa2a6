package import DNSWire
import Explanations
package import FirewallPolicy
import PolicyReplay
package import RecordedQueries

/// Makes cases of recorded queries: one for each name, type and VPC, with what the last record of them says.
package struct CaseCollector {
    /// So many questions are told apart.
    private static let questionLimit = 100_000

    private let policy: PolicySnapshot
    private let glossary: LogGlossary
    private var cases: [RecordedCase.Question: RecordedCase] = [:]
    package private(set) var recordCount = 0
    package private(set) var period = RecordedPeriod()
    /// Queries that were blocked, and maybe because of what the answer led to, which the log does not have.
    package private(set) var unclearCount = 0
    /// Queries that no rule blocked and that got no answer: whether a rule would have, nobody can say.
    package private(set) var failedCount = 0
    /// Queries of questions beyond as many as are told apart.
    package private(set) var otherCount = 0

    /// - Parameter policy: tells what the log calls its VPCs and rules; cases say what the log says.
    package init(_ policy: PolicySnapshot) {
        self.policy = policy
        glossary = LogGlossary(policy)
    }

    package var questionCount: Int { cases.count }

    package mutating func take(
        _ qname: borrowing DomainName, _ record: borrowing RecordedQuery, _ text: Span<UInt8>
    ) throws(RecordError) {
        recordCount += 1
        period.include(record.timestamp, of: text)
        let hasAnswer = text.has("NOERROR", at: record.rcode) || text.has("NXDOMAIN", at: record.rcode)
        if !record.isBlocked, !hasAnswer {
            failedCount += 1
        } else if glossary.isUnclear(qname, record, text) {
            unclearCount += 1
        } else {
            add(try makeCase(qname, record, text))
        }
    }

    private mutating func add(_ next: RecordedCase) {
        let queries = cases[next.question]?.queries ?? 0
        guard queries > 0 || cases.count < CaseCollector.questionLimit else {
            otherCount += 1
            return
        }
        cases[next.question] = next
        cases[next.question]?.queries = queries + 1
    }

    private func makeCase(
        _ qname: borrowing DomainName, _ record: borrowing RecordedQuery, _ text: Span<UInt8>
    ) throws(RecordError) -> RecordedCase {
        let vpc = policy.names.vpcs[Int(glossary.vpc(of: record, text))].id
        let answer = try record.answer(of: qname, text)
        var result = RecordedCase(
            question: .init(name: qname.textWithoutDot, qtype: record.qtype, vpc: vpc),
            chain: answer.targets.map(\.textWithoutDot), answers: answer.addresses.map(\.description),
            action: Explanation.Action(record.action))
        guard record.action != .none else { return result }
        result.rule = glossary.ruleName(of: record, text)
        guard record.isBlocked else { return result }
        let target = record.answers.first { $0.isRedirection }
        let override = try target.map { item throws(RecordError) in try DomainName(item.rdata, of: text).textWithoutDot
        }
        let isNoError = text.has("NOERROR", at: record.rcode)
        // Of an override, the code is its target's.
        if isNoError { result.rcode = "NOERROR" }
        if override == nil, text.has("NXDOMAIN", at: record.rcode) { result.rcode = "NXDOMAIN" }
        result.answer = override ?? (isNoError ? PolicyCase.none : nil)
        return result
    }

    /// The most frequent questions, of each action in turn as long as it has any, those that are asked often first.
    package func cases(limit: Int) -> [RecordedCase] {
        let ordered = cases.values.sorted { $0.precedes($1) }
        var counts: [Explanation.Action: Int] = [:]
        var places: [(rank: Int, place: Int)] = []
        for (place, item) in ordered.enumerated() {
            counts[item.action, default: 0] += 1
            places.append((counts[item.action, default: 0], place))
        }
        places.sort { $0 < $1 }
        return places.prefix(limit).map(\.place).sorted().map { ordered[$0] }
    }
}

extension Explanation.Action {
    fileprivate init(_ action: RecordedQuery.Action) {
        switch action {
        case .none: self = .allow
        case .alert: self = .alert
        case .block: self = .block
        }
    }
}

extension DomainName {
    /// As people write it; the root keeps its dot.
    fileprivate var textWithoutDot: String {
        let text = description
        return text == "." ? text : String(text.dropLast())
    }
}
