package import DNSWire
import DomainTrie

/// The evaluation of one name, rule by rule: up to the one that decided, and what the others would have said.
package struct PolicyTrace: Sendable {
    package struct Step: Sendable, Equatable {
        package var rule: RuleIndex
        package var outcome: Outcome
    }

    package enum Outcome: String, Sendable, CaseIterable, Codable {
        case matched = "RULE_MATCHED"
        case listDoesNotCover = "NAME_NOT_IN_LIST"
        case qtypeMismatch = "QTYPE_MISMATCH"
        /// The rule trusts redirection, so it looks at the first name of a chain only.
        case onlyFirstName = "TRUSTS_REDIRECTION"
        case listUnavailable = "LIST_UNAVAILABLE"
        /// It stands behind the rule that decided, and would have matched.
        case shadowed = "SHADOWED_BY"
        /// It stands behind the rule that decided, and would not have matched.
        case notReached = "NOT_REACHED"
    }

    package var vpc: VPCIndex
    /// Every rule that holds in the VPC, in order of evaluation.
    package var steps: [Step]
    package var verdict: Verdict

    /// The rule that ended the evaluation, by its match or because nobody can say whether it matches.
    package var decider: RuleIndex? { steps.first { $0.outcome.decides }?.rule }
}

extension PolicyTrace.Outcome {
    var decides: Bool { self == .matched || self == .listUnavailable }
}

extension PolicySnapshot {
    /// Evaluates as `evaluate` does and writes down why. Allocates: for people, not for packets.
    package func trace(
        _ name: DomainName, qtype: RRType, vpc: VPCIndex, isChainTarget: Bool = false
    ) -> PolicyTrace {
        let covering = tries.map { trie in
            let match = trie.lookup(name)
            return Set(trie.listSets[match.labels]).union(trie.listSets[match.octets])
        }
        var steps: [PolicyTrace.Step] = []
        var isDecided = false
        for index in tables[Int(vpc)].order {
            let compiled = names.rules[Int(index)]
            var outcome: PolicyTrace.Outcome =
                if let filter = compiled.rule.qtype, !filter.admits(qtype) {
                    .qtypeMismatch
                } else if isChainTarget, compiled.rule.redirection == .trust {
                    .onlyFirstName
                } else if !names.list(compiled.list).isAvailable {
                    .listUnavailable
                } else {
                    covering[compiled.list.part].contains(compiled.list.index) ? .matched : .listDoesNotCover
                }
            let decides = outcome.decides
            if isDecided { outcome = outcome == .matched ? .shadowed : .notReached }
            steps.append(PolicyTrace.Step(rule: index, outcome: outcome))
            isDecided = isDecided || decides
        }
        let verdict = evaluate(name, qtype: qtype, vpc: vpc, isChainTarget: isChainTarget)
        return PolicyTrace(vpc: vpc, steps: steps, verdict: verdict)
    }
}
