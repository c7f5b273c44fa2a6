import FirewallPolicy
import SourceFiles

/// Rules that come too late: the first rule that matches decides, whatever its action.
struct RuleOrderLint {
    let policy: LintedPolicy
    let survey: EntrySurvey

    /// How much of a rule's list earlier rules decide, in every VPC in which the rule is in force.
    private struct Shadow {
        struct Share {
            var earlier: Int
            var count = 0
            var examples: [EntryClass.Example] = []
        }

        /// By the rule that decides, in the order in which they were found.
        var shares: [Share] = []
        var count: Int { shares.reduce(0) { $0 + $1.count } }

        mutating func add(_ entries: EntryClass, decidedBy earlier: Int) {
            let index = shares.firstIndex { $0.earlier == earlier } ?? shares.count
            if index == shares.count { shares.append(Share(earlier: earlier)) }
            shares[index].count += entries.count
            shares[index].examples += entries.examples
        }
    }

    var findings: [LintFinding] {
        policy.rules.indices.flatMap { index -> [LintFinding] in
            guard policy.rules[index].isWritten, let shadow = shadow(of: index) else { return [] }
            let total = survey.classes(of: policy.rules[index].list).reduce(0) { $0 + $1.count }
            if shadow.count == total { return [whole(policy.rules[index], shadow, total)] }
            return parts(policy.rules[index], shadow, total)
        }
    }

    // MARK: Who decides before

    /// Nil where no entry is decided before the rule in every VPC.
    private func shadow(of index: Int) -> Shadow? {
        let orders = policy.orders.filter { $0.rules.contains(index) }
        var shadow = Shadow()
        for entries in survey.classes(of: policy.rules[index].list) {
            let deciding = orders.map { decidingRule(on: entries, before: index, in: $0) }
            if let first = deciding.first, let first, deciding.allSatisfy({ $0 != nil }) {
                shadow.add(entries, decidedBy: first)
            }
        }
        return shadow.shares.isEmpty ? nil : shadow
    }

    /// The first rule that decides every query for such entries which would get to the rule at `index`.
    private func decidingRule(on entries: EntryClass, before index: Int, in order: LintedOrder) -> Int? {
        for earlier in order.rules {
            if earlier == index { return nil }
            let rule = policy.rules[earlier]
            if rule.admitsAll(of: policy.rules[index]), entries.coveringLists.contains(rule.list) { return earlier }
        }
        return nil
    }

    // MARK: What that means

    private func kind(_ rule: LintedRule, after earlier: [LintedRule]) -> LintRule {
        if rule.isAllow, earlier.contains(where: \.isBlock) { return .allowAfterBlock }
        if rule.isBlock, earlier.contains(where: \.isAlert) { return .blockAfterAlert }
        return rule.isBlock && earlier.allSatisfy(\.isAllow) ? .pointlessBlock : .shadowedRule
    }

    private func whole(_ rule: LintedRule, _ shadow: Shadow, _ total: Int) -> LintFinding {
        let earlier = shadow.shares.map { policy.rules[$0.earlier] }
        let kind = kind(rule, after: earlier)
        let titles = earlier.prefix(3).map(\.title).joined(separator: " and ")
        let what = reason(rule, earlier, total, titles)
        // A rule that trusts redirection does not look at what is redirected to.
        let rest = earlier.allSatisfy(\.inspects) || !rule.inspects ? "" : ", but for targets of redirections"
        let remedy =
            switch kind {
            case .allowAfterBlock: "give the ALLOW a lower priority number than the BLOCK"
            case .blockAfterAlert: "an ALERT ends the evaluation: give the BLOCK a lower priority number"
            case .pointlessBlock: "remove it, or the names from the list that is allowed"
            default: "give it a lower priority number, or remove it"
            }
        return LintFinding(
            kind, at: rule.place, "rule \(rule.rule.name.debugDescription) is never reached\(rest): \(what); \(remedy)",
            related: earlier.prefix(3).map(\.place))
    }

    private func reason(_ rule: LintedRule, _ earlier: [LintedRule], _ total: Int, _ titles: String) -> String {
        if earlier.count == 1, earlier[0].list == rule.list {
            return "\(titles) has the same list, \(rule.listName.debugDescription)"
        }
        if earlier.count == 1, policy.listsOfEverything.contains(earlier[0].list) {
            return "\(titles) decides every name"
        }
        let entries = total == 1 ? "the one entry" : "all \(total) entries"
        return "\(titles) decide\(earlier.count == 1 ? "s" : "") \(entries) of \(rule.listName.debugDescription) before"
    }

    /// Some names come too late: an error of whoever wants them allowed, or blocked; good to know otherwise.
    private func parts(_ rule: LintedRule, _ shadow: Shadow, _ total: Int) -> [LintFinding] {
        var findings: [LintFinding] = []
        var others = Shadow()
        for share in shadow.shares {
            let earlier = policy.rules[share.earlier]
            let kind = kind(rule, after: [earlier])
            if kind == .allowAfterBlock || kind == .blockAfterAlert, let first = share.examples.first {
                findings.append(part(kind, rule, earlier, share, first))
            } else if earlier.isWritten {
                others.shares.append(share)
            }
        }
        guard !others.shares.isEmpty else { return findings }
        let shares = others.shares.prefix(3).map { share in
            "\(share.count) by \(policy.rules[share.earlier].title), such as "
                + (share.examples.first?.text.debugDescription ?? "")
        }
        let list = rule.listName.debugDescription
        let message =
            "\(others.count) of \(total) entries of \(list) are decided before: \(shares.joined(separator: "; "))"
        return findings + [LintFinding(.overlappingLists, at: rule.place, message)]
    }

    private func part(
        _ kind: LintRule, _ rule: LintedRule, _ earlier: LintedRule, _ share: Shadow.Share, _ first: EntryClass.Example
    ) -> LintFinding {
        let others = share.count == 1 ? "" : " and \(share.count - 1) more of the list"
        let (wanted, done) = rule.isAllow ? ("allowed", "blocks") : ("blocked", "only alerts on")
        let message =
            "\(first.text.debugDescription)\(others) will not be \(wanted): \(earlier.title) \(done) "
            + "\(share.count == 1 ? "it" : "them") before \(rule.title) is reached; give that one a lower priority number"
        let places = share.examples.dropFirst().prefix(3).map(\.place)
        return LintFinding(kind, at: first.place, message, related: [earlier.place, rule.place] + places)
    }
}
