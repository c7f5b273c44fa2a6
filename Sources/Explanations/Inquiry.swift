import DNSMessage
import DNSWire
import FirewallPolicy
import Forwarding
import PolicyStore
import ResolverEngine

/// One explanation in the making: the path of a query once more (`Worker+Query.swift`), with everything written down.
struct Inquiry {
    private let explainer: Explainer
    private let question: Explainer.Question
    private let vpc: VPCIndex
    private let preview: AnswerPreview
    private(set) var result: Explanation

    init(_ question: Explainer.Question, _ explainer: Explainer) throws(ExplainError) {
        self.question = question
        self.explainer = explainer
        let choice: Explanation.VPCChoice
        (vpc, choice) = try explainer.choice(for: question.client)
        preview = AnswerPreview(of: question.name, qtype: question.qtype, under: explainer.state)
        let client: String? = if case .address(let address) = question.client { address.description } else { nil }
        result = Explanation(
            name: question.name.description, type: question.qtype.mnemonic, client: client,
            admission: explainer.admission(of: question.client), vpc: explainer.policy.names.vpcs[Int(vpc)].id,
            vpcChoice: choice, groups: explainer.groups(of: vpc), code: .noMatch, action: .allow)
    }

    mutating func run(asking ask: Explainer.Asker?) {
        let trace = explainer.policy.trace(question.name, qtype: question.qtype, vpc: vpc)
        result.steps = explainer.steps(trace, in: result.groups)
        if result.admission?.code == .notServed { return refuse(.clientNotServed, .notServed) }
        if preview.refusal != nil { return refuse(.typeNotServed, .typeRefused) }
        switch trace.verdict {
        case .allow(nil, _):
            // Fail-open resolves, yet no rule has said so.
            if trace.decider != nil { result.code = .noVerdict }
            resolve(trustsChain: false, asking: ask)
        case .allow(let rule?, let trusts):
            note(.ruleAllow, .allow, rule, question.name)
            resolve(trustsChain: trusts, asking: ask)
        case .alert(let rule, let trusts):
            note(.ruleAlert, .alert, rule, question.name)
            resolve(trustsChain: trusts, asking: ask)
        case .block(let rule, let response):
            note(.ruleBlock, .block, rule, question.name)
            receiveBlock(response, by: rule, asking: ask)
        case .fail:
            (result.code, result.action) = (.noVerdict, .fail)
            receive(.noVerdict)
        }
    }

    private mutating func refuse(_ code: Explanation.Code, _ content: AnswerPreview.Content) {
        (result.code, result.action) = (code, .refuse)
        receive(content)
    }

    // MARK: Rules

    /// Takes a rule's verdict on a name as the result.
    private mutating func note(
        _ code: Explanation.Code, _ action: Explanation.Action, _ rule: RuleIndex, _ name: DomainName
    ) {
        take(code, action, rule)
        switch explainer.entry(of: rule, covering: name) {
        case .success(let entry): (result.entry, result.entryProblem) = (entry, nil)
        case .failure(let problem): (result.entry, result.entryProblem) = (nil, problem.description)
        }
    }

    private mutating func take(_ code: Explanation.Code, _ action: Explanation.Action, _ rule: RuleIndex) {
        let compiled = explainer.policy.names.rules[Int(rule)].rule
        (result.code, result.action, result.rule) = (code, action, compiled.name)
        if case .block(let response) = compiled.action { result.blockResponse = response.name }
    }

    // MARK: Resolution

    private mutating func resolve(trustsChain: Bool, asking ask: Explainer.Asker?) {
        let resolution = explainer.resolution(of: question.name, question.qtype, vpc, isLocal: preview.isLocal)
        result.resolution = resolution
        switch resolution.code {
        case .localName: return receive(.local)
        case .autodefinedReverse: return receive(.nonexistent)
        case .minimalAny: return receive(.minimalAny)
        case .resolverRule, .systemRule, .forwardingRule, .usualUpstreams: break
        }
        var answer = FoundAnswer(targets: question.targets, addresses: question.addresses)
        if let ask, let found = self.ask(question.name, ask) { answer = found }
        if let instead = judge(answer, trustsChain: trustsChain) { return receiveInstead(instead, asking: ask) }
        if let message = answer.message { receive(.upstream(message)) }
    }

    /// What the upstreams of a name answer; nil, and a note, where they do not.
    private mutating func ask(_ name: DomainName, _ ask: Explainer.Asker) -> FoundAnswer? {
        guard let route = explainer.state.route(of: name, vpc: vpc) else { return nil }
        do {
            return try FoundAnswer(
                message: try ask(name, question.qtype, route.upstreams), qtype: question.qtype)
        } catch {
            result.notes.append("\(name) was not answered: \(error)")
            return nil
        }
    }

    // MARK: What the answer has

    /// What an answer is replaced by.
    private enum Replacement {
        case block(BlockAnswer, by: RuleIndex)
        case failure
    }

    private mutating func judge(_ answer: FoundAnswer, trustsChain: Bool) -> Replacement? {
        if trustsChain {
            result.chain = answer.targets.map { Explanation.Hop(name: $0.description, code: .notJudged) }
        } else if let instead = judgeChain(answer.targets) {
            return instead
        }
        guard explainer.policy.judgesAddresses else { return nil }
        if !trustsChain { return judgeAddresses(answer.addresses) }
        result.addresses = answer.addresses.map { .init(address: $0.description, outcome: .notJudged) }
        return nil
    }

    private mutating func judgeChain(_ targets: [DomainName]) -> Replacement? {
        for (index, target) in targets.enumerated() {
            if index == RedirectionCursor.maximumHops { return giveUpOnChain() }
            let trace = explainer.policy.trace(target, qtype: question.qtype, vpc: vpc, isChainTarget: true)
            var hop = Explanation.Hop(name: target.description, code: .noMatch)
            hop.steps = explainer.steps(trace, in: result.groups)
            hop.take(trace, target, explainer)
            result.chain.append(hop)
            switch trace.verdict {
            case .allow:
                continue
            case .alert(let rule, _):
                guard result.action != .alert else { continue }
                take(.chainTargetAlert, .alert, rule)
            case .block(let rule, let response):
                take(.chainTargetBlocked, .block, rule)
                (result.entry, result.entryProblem) = (hop.entry, hop.entryProblem)
                return .block(response, by: rule)
            case .fail:
                (result.code, result.action, result.rule) = (.noVerdict, .fail, nil)
                return .failure
            }
            (result.entry, result.entryProblem) = (hop.entry, hop.entryProblem)
        }
        return nil
    }

    /// A chain that is too long is not judged any further, and the VPC says what that means.
    private mutating func giveUpOnChain() -> Replacement? {
        guard explainer.policy.withoutVerdict(vpc: vpc) == .fail else {
            result.notes.append("targets behind the first \(RedirectionCursor.maximumHops) are not judged")
            return nil
        }
        (result.code, result.action, result.rule) = (.chainTooLong, .fail, nil)
        return .failure
    }

    private mutating func judgeAddresses(_ addresses: [IPAddress]) -> Replacement? {
        let mayBePrivate = !explainer.state.isUsualRoute(of: question.name, vpc: vpc)
        for address in addresses {
            var judged = Explanation.JudgedAddress(address: address.description, outcome: .notListed)
            defer { result.addresses.append(judged) }
            guard
                case .block(let rule, let response)? = explainer.policy.evaluate(
                    address, of: question.name, mayBePrivate: mayBePrivate)
            else { continue }
            take(.answerBlocked, .block, rule)
            (judged.outcome, judged.rule) = (.matched, result.rule)
            switch explainer.entry(of: rule, containing: address) {
            case .success(let entry): (result.entry, result.entryProblem) = (entry, nil)
            case .failure(let problem): (result.entry, result.entryProblem) = (nil, problem.description)
            }
            return .block(response, by: rule)
        }
        return nil
    }

    // MARK: What the client receives

    private mutating func receiveInstead(_ instead: Replacement, asking ask: Explainer.Asker?) {
        switch instead {
        case .block(let response, let rule): receiveBlock(response, by: rule, asking: ask)
        case .failure: receive(.noVerdict)
        }
    }

    private mutating func receiveBlock(_ response: BlockAnswer, by rule: RuleIndex, asking ask: Explainer.Asker?) {
        var target: FoundAnswer?
        if case .override(let index) = response {
            let name = explainer.policy.overrides[index].target
            if preview.asks(forTarget: name) {
                result.resolution = explainer.resolution(of: name, question.qtype, vpc, isLocal: false)
                target = ask.flatMap { self.ask(name, $0) }
                if ask == nil, result.resolution?.upstreams.isEmpty == false {
                    result.notes.append("the records of \(name) follow its CNAME")
                }
            }
        }
        receive(.blocked(response, by: rule, target: target?.message))
    }

    private mutating func receive(_ content: AnswerPreview.Content) {
        result.received = Explanation.Received(preview.octets(content))
    }
}

extension Explanation.Hop {
    fileprivate mutating func take(_ trace: PolicyTrace, _ target: DomainName, _ explainer: Explainer) {
        let decider: RuleIndex
        switch trace.verdict {
        case .allow(nil, _):
            code = trace.decider == nil ? .noMatch : .noVerdict
            return
        case .fail:
            code = .noVerdict
            return
        case .allow(let rule?, _): (code, decider) = (.ruleAllow, rule)
        case .alert(let rule, _): (code, decider) = (.ruleAlert, rule)
        case .block(let rule, _): (code, decider) = (.ruleBlock, rule)
        }
        rule = explainer.policy.names.rules[Int(decider)].rule.name
        switch explainer.entry(of: decider, covering: target) {
        case .success(let entry): self.entry = entry
        case .failure(let problem): entryProblem = problem.description
        }
    }
}
