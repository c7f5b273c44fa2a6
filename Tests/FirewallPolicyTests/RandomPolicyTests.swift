import DNSWire
import DomainTrie
import FirewallPolicy
import TestSupport
import Testing

/// A policy with its lists as they were written, evaluated as the specification says it, step by step.
private struct NaivePolicy {
    var lists: [TestList] = []
    var groups: [FirewallRuleGroup] = []
    var associations: [FirewallRuleGroupAssociation] = []
    var vpcs: [VPC] = []

    /// What one question is judged by.
    struct Question {
        var name: DomainName
        var qtype: RRType
        var isChainTarget: Bool
    }

    struct Decision {
        /// The deciding rule's name, `NONE` or `FAIL`.
        var name: String
        /// How many rules were considered.
        var considered: Int
        /// Rules behind those that match as well.
        var shadowed: [String] = []
    }

    func decide(_ question: Question, vpc: VPC) throws -> Decision {
        let ownGroups = associations.filter { $0.vpcID == vpc.id }.sorted { $0.priority < $1.priority }
        let rules = ownGroups.flatMap { association in
            groups.filter { $0.id == association.ruleGroupID }.flatMap(\.rules).sorted { $0.priority < $1.priority }
        }
        let results = try rules.map { try matches($0, question) }
        guard let end = results.firstIndex(where: { $0 != false }) else {
            return Decision(name: "NONE", considered: rules.count)
        }
        let name = results[end] == nil ? (vpc.failOpen ? "NONE" : "FAIL") : rules[end].name
        let shadowed = zip(rules, results).dropFirst(end + 1).filter { $0.1 == true }.map(\.0.name)
        return Decision(name: name, considered: end + 1, shadowed: shadowed)
    }

    /// Nil: nobody can say.
    private func matches(_ rule: FirewallRule, _ question: Question) throws -> Bool? {
        if let qtype = rule.qtype, qtype != question.qtype { return false }
        if rule.redirection == .trust, question.isChainTarget { return false }
        guard let entries = lists.first(where: { $0.id == rule.domainListID })?.entries else { return nil }
        return try entries.contains { try DomainSpecification($0).covers(question.name) }
    }

    func compiled() throws -> PolicySnapshot { try compile(lists, groups, associations, vpcs: vpcs) }
}

@Suite struct RandomPolicyTests {
    @Test(arguments: 0..<150) func `verdict and trace are what a plain evaluation finds`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let naive = randomPolicy(using: &generator)
        let policy = try naive.compiled()
        for _ in 0..<40 {
            let question = try randomQuestion(using: &generator)
            for (index, vpc) in naive.vpcs.enumerated() {
                let expected = try naive.decide(question, vpc: vpc)
                expect(policy, question, VPCIndex(index), decides: expected)
            }
        }
    }

    private func expect(
        _ policy: PolicySnapshot, _ question: NaivePolicy.Question, _ vpc: VPCIndex,
        decides expected: NaivePolicy.Decision
    ) {
        let (name, qtype, isTarget) = (question.name, question.qtype, question.isChainTarget)
        let verdict = policy.evaluate(name, qtype: qtype, vpc: vpc, isChainTarget: isTarget)
        let trace = policy.trace(name, qtype: qtype, vpc: vpc, isChainTarget: isTarget)
        #expect(policy.words(verdict) == expected.name, "\(question)")
        #expect(trace.verdict == verdict)
        let (considered, rest) = (trace.steps.prefix(expected.considered), trace.steps.dropFirst(expected.considered))
        #expect(considered.count == expected.considered)
        for step in considered.dropLast() {
            #expect([.listDoesNotCover, .qtypeMismatch, .onlyFirstName].contains(step.outcome))
        }
        #expect(rest.allSatisfy { [.shadowed, .notReached].contains($0.outcome) })
        let shadowed = rest.filter { $0.outcome == .shadowed }.map { policy.names.rules[Int($0.rule)].rule.name }
        #expect(shadowed == expected.shadowed)
        switch verdict {
        case .allow(let rule?, _), .alert(let rule, _), .block(let rule, _):
            #expect(trace.decider == rule)
            #expect(considered.last?.outcome == .matched)
            let decider = policy.names.rules[Int(rule)].rule
            #expect(verdict.trustsChain == (decider.redirection == .trust && policy.words(verdict).contains(" AL")))
        case .fail:
            #expect(considered.last?.outcome == .listUnavailable)
        case .allow(nil, _):
            #expect(considered.last?.outcome != .matched)
        }
    }

    private func randomPolicy(using generator: inout SeededGenerator) -> NaivePolicy {
        var naive = NaivePolicy()
        naive.lists = (0..<6).map { index in
            let isMissing = Int.random(in: 0..<12, using: &generator) == 0
            let count = Int.random(in: 0...6, using: &generator)
            return TestList(
                "l\(index)", isMissing ? nil : (0..<count).map { _ in randomEntry(using: &generator) })
        }
        naive.groups = (0..<3).map { group in
            let rules = (0..<Int.random(in: 0...6, using: &generator)).map { _ in randomRule(using: &generator) }
            let numbered = rules.enumerated().map { index, rule in
                var rule = rule
                rule.name = "\(group).\(index) \(rule.action.name)"
                rule.priority = index
                return rule
            }
            return FirewallRuleGroup(id: "g\(group)", name: "", rules: numbered.shuffled(using: &generator))
        }
        naive.vpcs = (0..<3).map { VPC(id: "vpc-\($0)", cidrs: [], failOpen: $0 == 2) }
        for vpc in naive.vpcs {
            for group in naive.groups where Bool.random(using: &generator) {
                naive.associations.append(
                    FirewallRuleGroupAssociation(
                        ruleGroupID: group.id, vpcID: vpc.id, priority: naive.associations.count * 7 % 11))
            }
        }
        return naive
    }

    private func randomRule(using generator: inout SeededGenerator) -> FirewallRule {
        let actions: [FirewallRuleAction] = [.allow, .alert, .block(.nxDomain), .block(.noData)]
        let qtypes: [RRType?] = [nil, nil, .a, .aaaa, .mx]
        return FirewallRule(
            name: "", priority: 0, action: actions.randomElement(using: &generator) ?? .allow,
            domainListID: "l\(Int.random(in: 0..<6, using: &generator))",
            qtype: qtypes.randomElement(using: &generator) ?? nil,
            redirection: Bool.random(using: &generator) ? .inspect : .trust)
    }

    private func randomName(labels: ClosedRange<Int>, using generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: labels, using: &generator)).map { _ in
            ["a", "b", "ab", "ba"].randomElement(using: &generator) ?? "a"
        }.joined(separator: ".")
    }

    private func randomEntry(using generator: inout SeededGenerator) -> String {
        let name = randomName(labels: 1...3, using: &generator)
        return [name, name, "*.\(name)", "*.\(name)", "*\(name)", "*"].randomElement(using: &generator) ?? name
    }

    private func randomQuestion(using generator: inout SeededGenerator) throws -> NaivePolicy.Question {
        NaivePolicy.Question(
            name: try DomainName(randomName(labels: 1...4, using: &generator)),
            qtype: [.a, .aaaa, .mx, .any, .txt].randomElement(using: &generator) ?? .a,
            isChainTarget: Int.random(in: 0..<3, using: &generator) == 0)
    }

    @Test func `1,000 rules over 200 lists are still right`() throws {
        var generator = SeededGenerator(seed: 1000)
        var naive = NaivePolicy(vpcs: [VPC(id: VPC.defaultID, cidrs: [])])
        naive.lists = (0..<200).map { index in
            TestList("l\(index)", (0..<5).map { _ in "\(randomName(labels: 4...6, using: &generator)).n\(index % 50)" })
        }
        let rules = (0..<1000).map { index in
            var rule = randomRule(using: &generator)
            rule.name = "\(index) \(rule.action.name)"
            rule.priority = index
            rule.domainListID = "l\(Int.random(in: 0..<200, using: &generator))"
            return rule
        }
        naive.groups = [FirewallRuleGroup(id: "g", name: "g", rules: rules.shuffled(using: &generator))]
        naive.associations = [FirewallRuleGroupAssociation(ruleGroupID: "g", vpcID: VPC.defaultID, priority: 101)]
        let policy = try naive.compiled()
        let listed = naive.lists.flatMap { $0.entries ?? [] }
        for _ in 0..<25 {
            let question = NaivePolicy.Question(
                name: try DomainName(listed.randomElement(using: &generator) ?? "a"),
                qtype: [.a, .aaaa, .txt].randomElement(using: &generator) ?? .a, isChainTarget: false)
            expect(policy, question, 0, decides: try naive.decide(question, vpc: naive.vpcs[0]))
        }
    }
}
