package import DNSWire
import DomainTrie
import FirewallPolicy
import PolicyStore
import SourceFiles

/// What a name redirects to, as upstreams say now.
package enum Resolution: Sendable {
    /// The targets of CNAME and DNAME records in the answer, in order; none for a name that does not redirect.
    case targets([DomainName])
    /// Why nobody has said.
    case failed(String)
}

/// Asks what allowed names redirect to, and judges that: an allow list breaks when somebody else moves a service.
///
/// Names are bounded in number and time; whoever is asked is the caller's choice. Wildcards name nothing to ask about.
struct ChainProbe {
    let policy: LintedPolicy
    let resolve: PolicyLinter.Resolve

    private static let nameLimit = 1_000
    private static let timeLimit = Duration.seconds(60)

    /// An entry of an allow list whose redirections are judged, in a VPC where its rule decides.
    private struct Candidate {
        var name: DomainName
        var place: Place
        var rule: LintedRule
        var vpcs: [VPCIndex]
    }

    var findings: [LintFinding] {
        var findings: [LintFinding] = []
        var failures: [(candidate: Candidate, reason: String)] = []
        let candidates = candidates
        let end = ContinuousClock.now + ChainProbe.timeLimit
        for (index, candidate) in candidates.enumerated() {
            guard index < ChainProbe.nameLimit, ContinuousClock.now < end else {
                findings.append(
                    LintFinding(
                        .unresolvedName, at: candidate.place,
                        "\(index) of \(candidates.count) allowed names were asked about; there was no time for more"))
                break
            }
            for vpc in candidate.vpcs {
                switch resolve(candidate.name, policy.loaded.policy.names.vpcs[Int(vpc)].id) {
                case .targets(let targets): findings += breaks(candidate, targets, vpc)
                case .failed(let reason): failures.append((candidate, reason))
                }
            }
        }
        guard let first = failures.first else { return findings }
        let others = failures.count == 1 ? "" : " and \(failures.count - 1) more"
        return findings + [
            LintFinding(
                .unresolvedName, at: first.candidate.place,
                "what \(first.candidate.name.shown)\(others) redirects to could not be found out: \(first.reason)")
        ]
    }

    private var candidates: [Candidate] {
        var rules: [ListReference: [(rule: LintedRule, vpcs: [VPCIndex])]] = [:]
        for order in policy.orders {
            // VPCs with equal rules are alike, but for whom they ask.
            let vpcs = policy.loaded.policy.names.vpcs.indices.filter { index in
                order.vpcIDs.contains(policy.loaded.policy.names.vpcs[index].id)
            }.map { VPCIndex($0) }
            for rule in order.rules.map({ policy.rules[$0] }) where rule.isAllow && rule.inspects {
                rules[rule.list, default: []].append((rule, vpcs))
            }
        }
        var candidates: [Candidate] = []
        policy.loaded.readEntries(of: Set(rules.keys)) { list, name, scope, place in
            guard scope == .exact || scope == .subtree, candidates.count <= ChainProbe.nameLimit else { return }
            for (rule, vpcs) in rules[list] ?? [] {
                candidates.append(Candidate(name: copy name, place: place, rule: rule, vpcs: vpcs))
            }
        }
        return candidates.filter(isInspected)
    }

    /// Whether the rule, or another one like it, lets the name pass and its answer be looked at.
    private func isInspected(_ candidate: Candidate) -> Bool {
        candidate.vpcs.contains { vpc in
            let verdict = policy.loaded.policy.evaluate(candidate.name, qtype: qtype(candidate), vpc: vpc)
            if case .allow(_, trustsChain: false) = verdict { return true }
            return false
        }
    }

    private func qtype(_ candidate: Candidate) -> RRType { candidate.rule.qtype ?? .a }

    private func breaks(_ candidate: Candidate, _ targets: [DomainName], _ vpc: VPCIndex) -> [LintFinding] {
        let snapshot = policy.loaded.policy
        for target in targets {
            let verdict = snapshot.evaluate(target, qtype: qtype(candidate), vpc: vpc, isChainTarget: true)
            guard case .block(let index, _) = verdict else { continue }
            let title = snapshot.names.rules[Int(index)].rule.name.debugDescription
            return [
                LintFinding(
                    .brokenChain, at: candidate.place,
                    "\(candidate.name.shown) redirects to \(target.shown), which rule \(title) blocks: add that name to "
                        + "\(candidate.rule.listName.debugDescription), or set TRUST_REDIRECTION_DOMAIN in "
                        + candidate.rule.title,
                    related: [candidate.rule.place])
            ]
        }
        return []
    }
}

extension DomainName {
    /// In quotation marks, without its final dot.
    fileprivate var shown: String { String(description.dropLast()).debugDescription }
}
