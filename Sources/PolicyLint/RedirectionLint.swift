import DNSWire
import FirewallPolicy
import PolicyStore
import SourceFiles

/// What becomes of names that redirect to others.
struct RedirectionLint {
    let policy: LintedPolicy

    /// - Parameter areResolved: upstreams are asked what allowed names redirect to, so nobody has to guess.
    func findings(areResolved: Bool) -> [LintFinding] {
        (areResolved ? [] : inspectedAllowLists) + trustingBlocks + blockedOverrides
    }

    /// Where everything else is blocked, an allowed name that redirects works only if what it redirects to is allowed too.
    private var inspectedAllowLists: [LintFinding] {
        let everything = policy.listsOfEverything
        return policy.rules.indices.compactMap { index -> LintFinding? in
            let rule = policy.rules[index]
            guard rule.isAllow, rule.inspects, !everything.contains(rule.list),
                let blocking = rulesBehind(index).first(where: { other in
                    other.isBlock && other.inspects && everything.contains(other.list)
                        && (other.qtype == nil || rule.qtype == nil || other.qtype == rule.qtype)
                })
            else { return nil }
            return LintFinding(
                .inspectedAllowList, at: rule.place,
                "where a name of \(rule.listName.debugDescription) redirects is judged too, and \(blocking.title) blocks all "
                    + "that is not on the list; set TRUST_REDIRECTION_DOMAIN, or look with `sekisho check --resolve`",
                related: [blocking.place])
        }
    }

    /// Rules that come after it in some VPC.
    private func rulesBehind(_ index: Int) -> [LintedRule] {
        policy.orders.flatMap { order -> [LintedRule] in
            guard let position = order.rules.firstIndex(of: index) else { return [] }
            return order.rules[(position + 1)...].map { policy.rules[$0] }
        }
    }

    /// For a rule about every name this is how allow lists are kept working; for a list of bad names it is a hole.
    private var trustingBlocks: [LintFinding] {
        let everything = policy.listsOfEverything
        return policy.rules.filter { $0.isBlock && !$0.inspects && !everything.contains($0.list) }.map { rule in
            LintFinding(
                .trustingBlock, at: rule.place,
                "with TRUST_REDIRECTION_DOMAIN the rule looks at the name asked for only: names that redirect to those of "
                    + "\(rule.listName.debugDescription) are answered")
        }
    }

    /// A client that is sent to a name asks for it.
    private var blockedOverrides: [LintFinding] {
        let snapshot = policy.loaded.policy
        var known: Set<String> = []
        return policy.orders.flatMap { order in
            order.rules.compactMap { index -> LintFinding? in
                let rule = policy.rules[index]
                guard case .block(.override(let target, _)) = rule.rule.action,
                    let vpc = snapshot.names.vpcs.firstIndex(where: { order.vpcIDs.contains($0.id) }),
                    case .block(let blocking, _) = snapshot.evaluate(target, qtype: .a, vpc: VPCIndex(vpc)),
                    known.insert("\(rule.groupID) \(target)").inserted
                else { return nil }
                let name = String(target.description.dropLast()).debugDescription
                let title = snapshot.names.rules[Int(blocking)].rule.name.debugDescription
                return LintFinding(
                    .blockedOverride, at: rule.place,
                    "clients are sent to \(name), which rule \(title) blocks; allow it in an earlier rule")
            }
        }
    }
}
