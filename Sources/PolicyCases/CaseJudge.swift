import DNSWire
import DomainTrie
import Explanations
import FirewallPolicy
package import PolicyStore
package import ResolverEngine

/// Judges cases as the engine judges queries (`Worker+Query.swift`): the name, each redirection, then the addresses.
package struct CaseJudge {
    private let state: ServingState
    private let loaded: PolicyLoader.Loaded
    private let localNames = LocalNames()
    private var policy: PolicySnapshot { state.policy }

    package init(state: ServingState, loaded: PolicyLoader.Loaded) {
        self.state = state
        self.loaded = loaded
    }

    /// Nil where there is no such VPC.
    package func outcome(of policyCase: PolicyCase) -> CaseOutcome? {
        let vpc: VPCIndex
        switch policyCase.asker {
        case .client(let address):
            guard state.admits(address) else {
                return CaseOutcome(action: .refuse, code: .clientNotServed, rcode: "REFUSED", answers: [])
            }
            vpc = policy.vpc(of: address)
        case .vpc(let id):
            guard let index = policy.names.vpcs.firstIndex(where: { $0.id == id }) else { return nil }
            vpc = VPCIndex(index)
        }
        var outcome = CaseOutcome()
        judge(policyCase, vpc, &outcome)
        return outcome
    }

    /// The ids of all VPCs.
    package var vpcIDs: [String] { policy.names.vpcs.map(\.id) }

    private func judge(_ policyCase: PolicyCase, _ vpc: VPCIndex, _ outcome: inout CaseOutcome) {
        let qtype = policyCase.qtype
        let trace = policy.trace(policyCase.name, qtype: qtype, vpc: vpc)
        note(trace, policyCase.name, &outcome)
        var trustsChain = false
        switch trace.verdict {
        case .allow(let rule, let trusts):
            trustsChain = trusts
            if let rule { take(.allow, .ruleAllow, rule, policyCase.name, &outcome) }
            // Fail-open resolves, yet no rule has said so.
            let last = trace.steps.first { $0.outcome == .matched || $0.outcome == .listUnavailable }
            if last?.outcome == .listUnavailable { outcome.code = .noVerdict }
        case .alert(let rule, let trusts):
            trustsChain = trusts
            take(.alert, .ruleAlert, rule, policyCase.name, &outcome)
        case .block(let rule, let answer): return block(.ruleBlock, rule, answer, policyCase.name, &outcome)
        case .fail: return fail(&outcome)
        }
        // Nobody looks at answers that are given here.
        let isOwn = localNames.contains(policyCase.name, qtype: qtype)
        guard trustsChain || isOwn || !isBroken(by: policyCase, qtype, vpc, &outcome) else { return }
        guard !policyCase.chain.isEmpty || !policyCase.answers.isEmpty else { return }
        outcome.rcode = "NOERROR"
        outcome.answers = policyCase.chain.map(\.description) + policyCase.answers.map(\.description)
    }

    /// Whether the answer is replaced, because of where it leads to or of its addresses.
    private func isBroken(
        by policyCase: PolicyCase, _ qtype: RRType, _ vpc: VPCIndex, _ outcome: inout CaseOutcome
    ) -> Bool {
        for (hop, target) in policyCase.chain.enumerated() {
            guard hop < RedirectionCursor.maximumHops else {
                guard policy.withoutVerdict(vpc: vpc) == .fail else { break }
                fail(&outcome)
                return true
            }
            let trace = policy.trace(target, qtype: qtype, vpc: vpc, isChainTarget: true)
            note(trace, target, &outcome)
            switch trace.verdict {
            case .allow: continue
            case .alert(let rule, _):
                if outcome.action != .alert { take(.alert, .chainTargetAlert, rule, target, &outcome) }
            case .block(let rule, let answer):
                block(.chainTargetBlocked, rule, answer, target, &outcome)
                return true
            case .fail:
                fail(&outcome)
                return true
            }
        }
        let mayBePrivate = !state.isUsualRoute(of: policyCase.name, vpc: vpc)
        for address in policyCase.answers {
            let verdict = policy.evaluate(address, of: policyCase.name, mayBePrivate: mayBePrivate)
            guard case .block(let rule, let answer)? = verdict else { continue }
            outcome.steps.append("\(address): \(policy.names.rules[Int(rule)].rule.name): ADDRESS_MATCHED")
            block(.answerBlocked, rule, answer, nil, &outcome)
            return true
        }
        return false
    }

    // MARK: Results

    private func note(_ trace: PolicyTrace, _ name: DomainName, _ outcome: inout CaseOutcome) {
        if trace.steps.isEmpty {
            outcome.steps.append("\(name): no rule holds in \(policy.names.vpcs[Int(trace.vpc)].id)")
        }
        for step in trace.steps {
            let compiled = policy.names.rules[Int(step.rule)]
            outcome.steps.append(
                "\(name): \(compiled.rule.priority). \(compiled.groupName) / \(compiled.rule.name): "
                    + step.outcome.rawValue)
            guard step.outcome == .matched else { continue }
            outcome.deciding.append(step.rule)
            if let match = match(of: compiled.list, name) { outcome.matches.append(match) }
        }
    }

    private func take(
        _ action: Explanation.Action, _ code: Explanation.Code, _ rule: RuleIndex, _ name: DomainName?,
        _ outcome: inout CaseOutcome
    ) {
        let compiled = policy.names.rules[Int(rule)]
        (outcome.action, outcome.code, outcome.rule) = (action, code, compiled.rule.name)
        outcome.entry = name.flatMap { match(of: compiled.list, $0)?.text }
    }

    private func block(
        _ code: Explanation.Code, _ rule: RuleIndex, _ answer: BlockAnswer, _ name: DomainName?,
        _ outcome: inout CaseOutcome
    ) {
        take(.block, code, rule, name, &outcome)
        outcome.rcode = answer == .nxDomain ? "NXDOMAIN" : "NOERROR"
        outcome.answers = []
        if case .override(let index) = answer { outcome.answers = [policy.overrides[index].target.description] }
    }

    private func fail(_ outcome: inout CaseOutcome) {
        (outcome.action, outcome.code, outcome.rule, outcome.entry) = (.fail, .noVerdict, nil, nil)
        (outcome.rcode, outcome.answers) = ("SERVFAIL", [])
    }

    /// How a list covers a name; nil for lists of addresses, and for entries such as `*example.com`.
    private func match(of list: ListReference, _ name: DomainName) -> ListMatch? {
        guard policy.tries.indices.contains(list.part),
            let entry = policy.tries[list.part].entry(of: list.index, covering: name)
        else { return nil }
        let isBelow = name.labelCount > entry.labelCount
        let isWildcard = isBelow && (entry.isWildcard || loaded.isInAWSWords(list))
        let own = name.suffix(fromLabel: name.labelCount - entry.labelCount)
        return ListMatch(
            list: list, name: own.description, isBelow: isBelow,
            text: (isWildcard ? EntryScope.below : .exact).text(of: own))
    }
}
