import DNSWire
import DomainTrie
import Forwarding
import QueryLog
import TestSupport
import Testing

@testable import FirewallPolicy
@testable import ResolverEngine

/// What rules and VPCs have counted, while policies come and go.
@Suite struct PolicyTallyTests {
    /// A policy with so many rules for each of two groups, in so many VPCs.
    private func policy(rules: Int, vpcs: Int = 2, name: String = "rule") throws -> PolicySnapshot {
        let actions: [FirewallRuleAction] = [.allow, .alert, .block(.nxDomain)]
        let groups = ["g", "h"].map { group in
            FirewallRuleGroup(
                id: group, name: "group \(group)",
                rules: (0..<rules).map { number in
                    FirewallRule(
                        name: "\(name) \(number)", priority: number, action: actions[number % 3], domainListID: "l")
                })
        }
        let part = PolicyPart(lists: [FirewallDomainList(id: "l", name: "list")], trie: try DomainTrieBuilder().build())
        return try FirewallPolicy(
            parts: [part], ruleGroups: groups, associations: [],
            vpcs: (0..<vpcs).map { VPC(id: "vpc-\($0)", cidrs: []) }
        ).compiled()
    }

    private func state(_ policy: PolicySnapshot, workers: Int = 3) throws -> ServingState {
        let upstream = Upstream(transport: .udp, endpoint: try #require(Endpoint("127.0.0.1:53", defaultPort: 53)))
        return ServingState(
            policy: policy,
            settings: ServingSettings(
                clients: [], upstreams: [upstream], forwardingRules: [], registry: RouteRegistry(), workers: workers))
    }

    @Test func `what several workers count is the sum of it, as a plain count has it`() throws {
        let policy = try policy(rules: 7, vpcs: 3)
        let tally = PolicyTally(policy.names, workers: 3)
        var generator = SeededGenerator(seed: 7)
        var rules: [CountedRule: UInt64] = [:]
        var vpcs: [CountedVPC: UInt64] = [:]
        for compiled in policy.names.rules { rules[CountedRule(compiled, policy.names)] = 0 }
        for vpc in policy.names.vpcs { vpcs[CountedVPC(id: vpc.id, groupID: nil, outcome: .none)] = 0 }
        for _ in 0..<2000 {
            let vpc = Int.random(in: policy.names.vpcs.indices, using: &generator)
            let number = Int.random(in: -1..<policy.names.rules.count, using: &generator)
            let rule = number < 0 ? nil : policy.names.rules[number]
            tally.note(
                rule.map { _ in RuleIndex(number) }, vpc: VPCIndex(vpc), worker: .random(in: 0..<3, using: &generator))
            let outcome = rule.map { FirewallOutcome($0.rule.action) } ?? FirewallOutcome.none
            vpcs[CountedVPC(id: policy.names.vpcs[vpc].id, groupID: rule?.groupID, outcome: outcome), default: 0] += 1
            if let rule { rules[CountedRule(rule, policy.names), default: 0] += 1 }
        }
        var counts = PolicyCounts()
        counts.add(tally)
        #expect(counts.rules.counts == rules && counts.rules.other == 0)
        #expect(counts.vpcs.counts == vpcs && counts.vpcs.other == 0)
    }

    @Test func `a count goes on when its policy is replaced and let go of`() throws {
        let states = StatesInUse(try state(try policy(rules: 2)))
        for round in 1...5 {
            // The last one is the state in force; only the test refers to it.
            let next = try state(try policy(rules: 2))
            states.add(next)
            for worker in 0..<3 { next.tally.note(1, vpc: 0, worker: worker) }
            let count = states.counts().rules.counts.first { $0.key.groupID == "g" && $0.key.name == "rule 1" }
            #expect(count?.value == UInt64(round * 3))
        }
    }

    @Test func `a thousand rules have counts of their own, and keep them whatever comes later`() throws {
        let first = try state(try policy(rules: 400, name: "first"))
        let states = StatesInUse(first)
        for rule in 0..<800 { first.tally.note(RuleIndex(rule), vpc: 0, worker: 0) }
        let before = states.counts().rules
        #expect(before.counts.count == 800 && before.other == 0)
        let second = try state(try policy(rules: 400, name: "second"))
        states.add(second)
        for rule in 0..<800 { second.tally.note(RuleIndex(rule), vpc: 0, worker: 0) }
        let after = states.counts().rules
        #expect(after.counts.count == PolicyCounts.keyLimit && after.other == 600)
        for (rule, count) in before.counts { #expect(after.counts[rule] == count) }
    }

    @Test func `rules that never counted anything make room once their policy is gone`() {
        var counts = BoundedCounts<Int>(limit: 3)
        for key in 0..<4 { counts.add(key == 1 ? 5 : 0, to: key) }
        #expect(counts.counts == [0: 0, 1: 5, 2: 0] && counts.other == 0)
        counts.removeZeros()
        counts.add(2, to: 4)
        #expect(counts.counts == [1: 5, 4: 2])
    }

    @Test func `answers are counted by everything they are`() {
        var counts = AnswerCounts()
        counts.note(.block, .udp, rcode: 0x83, qtype: .a)
        counts.note(.block, .tcp, rcode: 0x83, qtype: .https)
        counts.note(.none, .tcp, rcode: 0x80, qtype: RRType(rawValue: 65_000))
        #expect(counts.count(.block, overTCP: false) == 1 && counts.count(.block) == 2 && counts.total == 3)
        #expect(counts.count(.nxDomain) == 2 && counts.count(.noError) == 1 && counts.count(.servFail) == 0)
        #expect(counts.count(CountedType.a) == 1 && counts.count(.https) == 1 && counts.count(.other) == 1)
    }

    @Test(arguments: CountedType.allCases)
    func `a type that is counted by itself is the one of that mnemonic`(type: CountedType) throws {
        let qtype = type == .other ? RRType(rawValue: 99) : try #require(RRType(mnemonic: type.name))
        #expect(CountedType(qtype) == type)
    }
}
