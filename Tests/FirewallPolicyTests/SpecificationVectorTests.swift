import DNSWire
import FirewallPolicy
import Testing

/// The vectors of the specification, §8.10, one by one.
@Suite struct SpecificationVectorTests {
    @Test(
        arguments: [
            ("example.com", "example.com", true), ("example.com", "EXAMPLE.com.", true),
            ("example.com", "www.example.com", false), ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", true), ("*.example.com", "example.com", false),
            ("*.example.com", "badexample.com", false), ("*", "example.com", true),
            ("*", "4.3.2.10.in-addr.arpa", true),
            ("*", "10.in-addr.arpa", true), ("*", "com", true), ("*", ".", true),
        ] as [(String, String, Bool)])
    func `an entry matches the names that it should`(entry: String, name: String, matches: Bool) throws {
        let policy = try compile([TestList("l", [entry])], rules: [rule(1, .block(.nxDomain), "l")])
        #expect(try policy.decision(name) == (matches ? "1 BLOCK l" : "NONE"))
        #expect(try DomainSpecification(entry).covers(DomainName(name)) == matches)
    }

    @Test func `ALERT does not fall through to a later BLOCK`() throws {
        let policy = try compile(
            [TestList("a", ["*.a.test"]), TestList("all", ["*"])],
            rules: [rule(1, .alert, "a"), rule(2, .block(.nxDomain), "all")])
        #expect(try policy.decision("x.a.test") == "1 ALERT a")
        #expect(try policy.decision("a.test") == "2 BLOCK all")
    }

    @Test(arguments: [(RedirectionAction.inspect, "2 BLOCK all"), (.trust, "1 ALLOW a")])
    func `an allowed name whose chain leaves the list is blocked, unless the rule trusts redirection`(
        redirection: RedirectionAction, decision: String
    ) throws {
        let policy = try compile(
            [TestList("a", ["a.test"]), TestList("all", ["*"])],
            rules: [rule(1, .allow, "a", redirection), rule(2, .block(.nxDomain), "all")])
        #expect(try judgeChain(["a.test", "b.net"], under: policy) == decision)
    }

    /// The algorithm of §8.7, in the order of its lines.
    private func judgeChain(_ names: [String], under policy: PolicySnapshot) throws -> String {
        let vpc = policy.vpc(of: IPAddress(v4: 0))
        let first = policy.evaluate(try DomainName(names[0]), qtype: .a, vpc: vpc)
        if case .block = first { return policy.words(first) }
        if first.trustsChain { return policy.words(first) }
        for target in names.dropFirst() {
            let verdict = policy.evaluate(try DomainName(target), qtype: .a, vpc: vpc, isChainTarget: true)
            if case .block = verdict { return policy.words(verdict) }
        }
        return policy.words(first)
    }

    @Test func `a list with Qtype=AAAA blocks AAAA and not A`() throws {
        let policy = try compile(
            [TestList("l", ["example.com"])], rules: [rule(1, .block(.noData), "l", qtype: .aaaa)])
        #expect(try policy.decision("example.com", .a) == "NONE")
        #expect(try policy.decision("example.com", .aaaa) == "1 BLOCK l")
    }

    @Test func `the rule group with the lower association priority wins`() throws {
        let policy = try compile(
            [TestList("x", ["x"])],
            [
                FirewallRuleGroup(id: "late", name: "late", rules: [rule(1, .block(.nxDomain), "x")]),
                FirewallRuleGroup(id: "early", name: "early", rules: [rule(9, .allow, "x")]),
            ],
            [
                FirewallRuleGroupAssociation(ruleGroupID: "late", vpcID: VPC.defaultID, priority: 200),
                FirewallRuleGroupAssociation(ruleGroupID: "early", vpcID: VPC.defaultID, priority: 101),
            ])
        #expect(try policy.decision("x") == "9 ALLOW x")
    }
}
