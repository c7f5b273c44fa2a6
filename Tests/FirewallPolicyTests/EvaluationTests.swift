import DNSWire
import FirewallPolicy
import Testing

/// Order, types, chains and fail mode: the specification's §8.3 to §8.9, one behaviour each.
@Suite struct EvaluationTests {
    private let lists = [
        TestList("x", ["x.test"]), TestList("all", ["*"]), TestList("text", ["*x.test"]), TestList("missing", nil),
    ]

    @Test func `rules are considered by priority, not in the order in which they are written`() throws {
        let policy = try compile(
            lists, rules: [rule(30, .alert, "x"), rule(10, .block(.noData), "x"), rule(20, .allow, "x")])
        #expect(try policy.decision("x.test") == "10 BLOCK x")
    }

    @Test(arguments: [FirewallRuleAction.allow, .alert, .block(.nxDomain)])
    func `the first match ends the evaluation, whatever its action`(action: FirewallRuleAction) throws {
        let others = [FirewallRuleAction.allow, .alert, .block(.noData)]
        let rules = [rule(1, action, "x")] + others.enumerated().map { rule(2 + $0.offset, $0.element, "all") }
        let policy = try compile(lists, rules: rules)
        #expect(try policy.decision("x.test") == rules[0].name)
        #expect(try policy.decision("y.test") == rules[1].name)
    }

    @Test func `an entry without a dot after its star keeps its rule's place in the order`() throws {
        for (text, exact) in [(1, 2), (2, 1)] {
            let rules = [rule(text, .allow, "text"), rule(exact, .alert, "x"), rule(3, .block(.noData), "all")]
            let policy = try compile(lists, rules: rules)
            #expect(try policy.decision("x.test") == (text == 1 ? "1 ALLOW text" : "1 ALERT x"))
            #expect(try policy.decision("xx.test") == "\(text) ALLOW text")
            #expect(try policy.decision("y.test") == "3 BLOCK all")
        }
    }

    @Test func `a name that no rule matches is resolved, and a VPC without groups resolves everything`() throws {
        let policy = try compile(lists, rules: [rule(1, .block(.nxDomain), "x")])
        #expect(try policy.decision("y.test") == "NONE")
        let empty = try compile(
            lists, [FirewallRuleGroup(id: "g", name: "g", rules: [rule(1, .block(.noData), "all")])])
        #expect(try empty.decision("x.test") == "NONE")
    }

    @Test func `a verdict carries what the rule answers with`() throws {
        let target = try DomainName("walled.example")
        let policy = try compile(
            [TestList("a", ["a"]), TestList("b", ["b"]), TestList("c", ["c"])],
            rules: [
                rule(1, .block(.noData), "a"), rule(2, .block(.nxDomain), "b"),
                rule(3, .block(.override(domain: target, ttlSeconds: 604_800)), "c"),
            ])
        let verdicts = try ["a", "b", "c"].map { policy.evaluate(try DomainName($0), qtype: .a, vpc: 0) }
        #expect(verdicts[0] == .block(rule: 0, response: .noData))
        #expect(verdicts[1] == .block(rule: 1, response: .nxDomain))
        #expect(verdicts[2] == .block(rule: 2, response: .override(index: 0)))
        #expect(policy.overrides.map(\.target) == [target])
        #expect(policy.overrides.map(\.ttlSeconds) == [604_800])
    }

    // MARK: Types (§8.6)

    @Test func `a rule for one type leaves other types to the rules behind it`() throws {
        let policy = try compile(
            lists, rules: [rule(1, .allow, "x", qtype: .mx), rule(2, .block(.nxDomain), "all")])
        #expect(try policy.decision("x.test", .mx) == "1 ALLOW x")
        #expect(try policy.decision("x.test", .a) == "2 BLOCK all")
    }

    @Test func `TYPE28 and AAAA are the same filter`() throws {
        let type28 = try #require(RRType(mnemonic: "TYPE28"))
        let policy = try compile(lists, rules: [rule(1, .block(.noData), "x", qtype: type28)])
        #expect(try policy.decision("x.test", .aaaa) == "1 BLOCK x")
    }

    @Test func `ANY matches rules without a type only`() throws {
        let types = ["A", "AAAA", "CNAME", "MX", "TYPE65", "TYPE255"].compactMap { RRType(mnemonic: $0) }
        let filtered = types.enumerated().map { rule($0.offset, .block(.noData), "x", qtype: $0.element) }
        let policy = try compile(lists, rules: filtered + [rule(99, .alert, "x")])
        #expect(try policy.decision("x.test", .any) == "99 ALERT x")
    }

    // MARK: Redirection (§8.7)

    @Test func `a rule that trusts redirection looks at the first name only`() throws {
        let policy = try compile(
            lists, rules: [rule(1, .allow, "x", .trust), rule(2, .block(.noData), "x", .trust), rule(3, .alert, "x")])
        #expect(try policy.decision("x.test") == "1 ALLOW x")
        #expect(try policy.decision("x.test", isChainTarget: true) == "3 ALERT x")
    }

    @Test func `trust is the matching rule's, for ALLOW and ALERT; a name without a match trusts nothing`() throws {
        for action in [FirewallRuleAction.allow, .alert] {
            for redirection in [RedirectionAction.inspect, .trust] {
                let policy = try compile(lists, rules: [rule(1, action, "x", redirection)])
                let verdict = policy.evaluate(try DomainName("x.test"), qtype: .a, vpc: 0)
                #expect(verdict.trustsChain == (redirection == .trust))
                #expect(!policy.evaluate(try DomainName("y.test"), qtype: .a, vpc: 0).trustsChain)
            }
        }
    }

    @Test func `a target is filtered by the type of the query, as the first name is`() throws {
        let policy = try compile(lists, rules: [rule(1, .block(.noData), "x", qtype: .aaaa)])
        #expect(try policy.decision("x.test", .aaaa, isChainTarget: true) == "1 BLOCK x")
        #expect(try policy.decision("x.test", .a, isChainTarget: true) == "NONE")
    }

    // MARK: Fail mode (§8.9)

    @Test(arguments: [(false, "FAIL"), (true, "NONE")])
    func `a rule whose list is missing gives no verdict: closed fails, open resolves`(
        failOpen: Bool, decision: String
    ) throws {
        let policy = try compile(
            lists, rules: [rule(1, .alert, "x"), rule(2, .allow, "missing"), rule(3, .block(.noData), "all")],
            failOpen: failOpen)
        #expect(try policy.decision("y.test") == decision)
        #expect(try policy.decision("x.test") == "1 ALERT x", "a rule before the missing list still decides")
        #expect(try policy.decision("y.test", isChainTarget: true) == decision)
    }

    @Test func `a missing list matters only to the types and places its rule looks at`() throws {
        let byType = try compile(
            lists, rules: [rule(1, .block(.noData), "missing", qtype: .aaaa), rule(2, .alert, "all")])
        #expect(try byType.decision("x.test", .aaaa) == "FAIL")
        #expect(try byType.decision("x.test", .a) == "2 ALERT all")
        #expect(try byType.decision("x.test", .any) == "2 ALERT all")
        let byPlace = try compile(lists, rules: [rule(1, .allow, "missing", .trust), rule(2, .alert, "all")])
        #expect(try byPlace.decision("x.test") == "FAIL")
        #expect(try byPlace.decision("x.test", isChainTarget: true) == "2 ALERT all")
    }

    @Test func `no verdict fails closed only where a rule group is associated (§8.9)`() throws {
        let group = FirewallRuleGroup(id: "g", name: "g", rules: [rule(1, .alert, "x")])
        let vpcs = ["vpc-bare", "vpc-closed", "vpc-open"].map { VPC(id: $0, cidrs: [], failOpen: $0 == "vpc-open") }
        let associations = ["vpc-closed", "vpc-open"].map {
            FirewallRuleGroupAssociation(ruleGroupID: "g", vpcID: $0, priority: 101)
        }
        let policy = try compile(lists, [group], associations, vpcs: vpcs)
        let words = vpcs.map { policy.words(policy.withoutVerdict(vpc: policy.index(ofVPC: $0.id) ?? 0)) }
        #expect(words == ["NONE", "FAIL", "NONE"])
    }
}

@Suite struct CompilationTests {
    private let lists = [TestList("x", ["x.test"])]

    @Test func `VPCs are judged by their own associations`() throws {
        let groups = [
            FirewallRuleGroup(id: "a", name: "a", rules: [rule(1, .allow, "x")]),
            FirewallRuleGroup(id: "b", name: "b", rules: [rule(2, .block(.noData), "x")]),
        ]
        let orders = [
            ("vpc-ab", ["a", "b"]), ("vpc-ba", ["b", "a"]), ("vpc-b", ["b"]), ("vpc-ab2", ["a", "b"]), ("vpc-", []),
        ]
        let associations = orders.flatMap { vpc, order in
            order.enumerated().map {
                FirewallRuleGroupAssociation(ruleGroupID: $0.element, vpcID: vpc, priority: 101 + $0.offset)
            }
        }
        let policy = try compile(lists, groups, associations.reversed(), vpcs: orders.map { VPC(id: $0.0, cidrs: []) })
        let decisions = try orders.map { try policy.decision("x.test", vpc: policy.index(ofVPC: $0.0)) }
        #expect(decisions == ["1 ALLOW x", "2 BLOCK x", "2 BLOCK x", "1 ALLOW x", "NONE"])
    }

    @Test func `a rule for a list that does not exist is refused`() {
        #expect(throws: PolicyError.unknownList("y", rule: "1 ALLOW y", group: "g")) {
            try compile(lists, rules: [rule(1, .allow, "y")])
        }
    }

    @Test func `an association with a rule group that does not exist is refused`() {
        let association = FirewallRuleGroupAssociation(ruleGroupID: "h", vpcID: VPC.defaultID, priority: 101)
        #expect(throws: PolicyError.unknownRuleGroup("h", vpc: VPC.defaultID)) { try compile(lists, [], [association]) }
    }
}
