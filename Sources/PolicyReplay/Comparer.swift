import DNSWire
import FirewallPolicy
import RecordedQueries

/// A policy that takes part in a comparison.
package struct PolicySide: Sendable {
    var judge: RecordJudge
    let rules: RuleBook

    package init(_ judge: RecordJudge) {
        self.judge = judge
        rules = RuleBook(judge.policy)
    }
}

/// Compares two decisions on one recorded query after the other.
struct Comparer: Sendable {
    /// Of no meaning where the log is compared. Not optional, since it would be copied for each record.
    private var before: PolicySide
    private var after: PolicySide
    private let comparesWithLog: Bool

    /// - Parameter before: nil compares with what the log says that happened.
    init(before: PolicySide?, after: PolicySide) {
        self.before = before ?? after
        self.after = after
        comparesWithLog = before == nil
    }

    struct Outcome {
        var difference: Difference?
        var actionBefore: Ruling.Action
        /// Nil where the log is compared.
        var before: Ruling?
        var after: Ruling
        /// The log names a rule that the policy does not know: whether it is the one that acts now, nobody can say.
        var hasUnknownRule = false
        /// Decided by the name alone, as the answer is not in the log.
        var lacksAnswer = false
    }

    mutating func compare(
        _ qname: borrowing DomainName, _ record: borrowing RecordedQuery, _ text: Span<UInt8>
    ) throws(RecordError) -> Outcome {
        let ruling = try after.judge.judge(qname, record, text)
        guard !comparesWithLog else { return compareWithLog(ruling, qname, record, text) }
        let earlier = try before.judge.judge(qname, record, text)
        var outcome = Outcome(actionBefore: earlier.action, before: earlier, after: ruling)
        outcome.lacksAnswer = record.isBlocked && (earlier.needsAnswer || ruling.needsAnswer)
        if earlier.action.resolves != ruling.action.resolves {
            outcome.difference = ruling.action.resolves ? .newlyAllowed : .newlyBlocked
        } else if before.rules.label(of: earlier) != after.rules.label(of: ruling) {
            outcome.difference = .changed
        }
        return outcome
    }

    private func compareWithLog(
        _ ruling: Ruling, _ qname: borrowing DomainName, _ record: borrowing RecordedQuery, _ text: Span<UInt8>
    ) -> Outcome {
        var outcome = Outcome(actionBefore: Ruling.Action(record.action), after: ruling)
        // The client got SERVFAIL, for this reason or another.
        if ruling.action == .fail, text.has("SERVFAIL", at: record.rcode) { return outcome }
        switch (outcome.actionBefore.resolves, ruling.action.resolves) {
        case (true, false):
            outcome.difference = .newlyBlocked
        case (false, true):
            outcome.difference = .newlyAllowed
            // An autoclosure, such as that of &&, can't capture a borrowed name.
            if ruling.needsAnswer {
                let isUnclear = after.rules.mayHaveBlockedAnswer(qname, record, ruling.vpc, text)
                if isUnclear { outcome.difference = .unclear }
            }
        case (true, true), (false, false):
            guard outcome.actionBefore == ruling.action, let rule = ruling.rule else {
                outcome.difference = outcome.actionBefore == ruling.action ? nil : .changed
                break
            }
            let likeness = after.rules.likeness(of: record, to: rule, text)
            outcome.hasUnknownRule = likeness == .unknown
            let hasOtherAnswer = ruling.action == .block && !after.rules.answers(like: record, rule, text)
            if likeness == .other || hasOtherAnswer { outcome.difference = .changed }
        }
        return outcome
    }

    /// What was done, `RuleLabels.separator`, what is done now.
    func appendLabels(
        of outcome: Outcome, _ record: borrowing RecordedQuery, _ text: Span<UInt8>, to labels: inout [UInt8]
    ) {
        if let ruling = outcome.before {
            labels += before.rules.label(of: ruling)
        } else {
            after.rules.appendLabel(of: record, text, to: &labels)
        }
        labels.append(RuleLabels.separator)
        labels += after.rules.label(of: outcome.after)
    }

    func vpcID(_ outcome: Outcome) -> String { after.judge.policy.names.vpcs[Int(outcome.after.vpc)].id }
}

extension Ruling.Action {
    init(_ action: RecordedQuery.Action) {
        switch action {
        case .none: self = .allow
        case .alert: self = .alert
        case .block: self = .block
        }
    }
}
