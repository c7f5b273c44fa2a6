package import DNSWire
import DomainTrie

/// The evaluation of one name, rule by rule, up to the one that decided.
package struct PolicyTrace: Sendable {
    package struct Step: Sendable, Equatable {
        package var rule: RuleIndex
        package var outcome: Outcome
    }

    package enum Outcome: String, Sendable {
        case matched = "RULE_MATCHED"
        case listDoesNotCover = "NAME_NOT_IN_LIST"
        case qtypeMismatch = "QTYPE_MISMATCH"
        /// The rule trusts redirection, so it looks at the first name of a chain only.
        case onlyFirstName = "TRUSTS_REDIRECTION"
        case listUnavailable = "LIST_UNAVAILABLE"
    }

    package var vpc: VPCIndex
    package var steps: [Step]
    package var verdict: Verdict
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
        for index in tables[Int(vpc)].order {
            let compiled = names.rules[Int(index)]
            let outcome: PolicyTrace.Outcome =
                if let filter = compiled.rule.qtype, !filter.admits(qtype) {
                    .qtypeMismatch
                } else if isChainTarget, compiled.rule.redirection == .trust {
                    .onlyFirstName
                } else if !names.list(compiled.list).isAvailable {
                    .listUnavailable
                } else {
                    covering[compiled.list.part].contains(compiled.list.index) ? .matched : .listDoesNotCover
                }
            steps.append(PolicyTrace.Step(rule: index, outcome: outcome))
            if outcome == .matched || outcome == .listUnavailable { break }
        }
        let verdict = evaluate(name, qtype: qtype, vpc: vpc, isChainTarget: isChainTarget)
        return PolicyTrace(vpc: vpc, steps: steps, verdict: verdict)
    }
}
