import DNSWire
import Explanations
import FirewallPolicy
import PolicyStore
import SourceFiles
import Testing

/// Rule groups of a template, AWS's lists among them, and rules that have no effect here.
@Suite struct TemplateTests {
    private static let template = """
        Resources:
          Vpc: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: 10.0.0.0/16 } }
          Names:
            Type: AWS::Route53Resolver::FirewallDomainList
            Properties: { Name: names, Domains: [other.example, "*.listed.example"] }
          Late:
            Type: AWS::Route53Resolver::FirewallRuleGroup
            Properties:
              Name: late
              FirewallRules:
                - { Priority: 10, Action: ALERT, FirewallDomainListId: !Ref Names, Qtype: AAAA }
                - { Priority: 20, Action: BLOCK, BlockResponse: NODATA, FirewallDomainListId: !Ref Names }
          Early:
            Type: AWS::Route53Resolver::FirewallRuleGroup
            Properties:
              Name: early
              FirewallRules:
                - { Priority: 7, Action: BLOCK, BlockResponse: NODATA, DnsThreatProtection: DGA, ConfidenceThreshold: HIGH }
                - { Priority: 5, Action: BLOCK, BlockResponse: NXDOMAIN, FirewallDomainListId: rslvr-fdl-cb11fc50eaef4bad }
          A1:
            Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
            Properties: { Name: a, FirewallRuleGroupId: !Ref Late, VpcId: !Ref Vpc, Priority: 300 }
          A2:
            Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
            Properties: { Name: a, FirewallRuleGroupId: !Ref Early, VpcId: !Ref Vpc, Priority: 200 }
        """

    private let policy: TestPolicy

    init() throws {
        policy = try TestPolicy(block: "bad.example\n")
        policy.templates = try TemplateLoader.load(
            text: Self.template, file: "fw.yaml", parameters: [:], domainFiles: DomainFiles(),
            identity: AccountIdentity(region: "us-east-1", accountID: "000000000000"))
        policy.managed = [
            ManagedList(
                name: .malware, id: "rslvr-fdl-cb11fc50eaef4bad",
                files: [try policy.list("malware.txt", "# feed\nevil.example\n")])
        ]
    }

    private func explanation(_ name: String, _ qtype: RRType = .a) throws -> Explanation {
        try policy.explanation(of: name, qtype, client: "10.0.0.9")
    }

    @Test func `groups stand in the order of their associations, rules in that of their priorities`() throws {
        let explanation = try explanation("a.listed.example")
        #expect(explanation.groups.map(\.name) == ["lists", "early", "late"])
        #expect(explanation.groups.map(\.priority) == [1, 200, 300])
        #expect(explanation.steps.map(\.priority) == [1, 5, 7, 10, 20])
        #expect(
            explanation.steps.map(\.outcome) == [
                .listDoesNotCover, .listDoesNotCover, .threatProtection, .qtypeMismatch, .matched,
            ])
        #expect(explanation.steps[2].subject == "DGA")
        #expect(explanation.steps[3].qtype == "AAAA")
        let text = explanation.description
        #expect(text.contains("7. block DGA: UNSUPPORTED_THREAT_PROTECTION (BLOCK, DGA)"), "\(text)")
        #expect(text.contains("alert Names AAAA: QTYPE_MISMATCH (only AAAA)"), "\(text)")
    }

    @Test func `the entry of a template's list is named by the template's line, one of AWS's lists by its file`() throws
    {
        let listed = try explanation("a.listed.example")
        #expect((listed.entry?.origin, listed.entry?.file, listed.entry?.line) == (.template, "fw.yaml", 5))
        #expect((listed.entry?.entry, listed.entry?.list) == ("*.listed.example", "names"))
        let evil = try explanation("evil.example")
        #expect((evil.entry?.origin, evil.entry?.line) == (.file, 2))
        #expect(evil.entry?.list == "AWSManagedDomainsMalwareDomainList")
        let control = "controldomain1.malwarelist.firewall.route53resolver.us-east-1.amazonaws.com"
        #expect(try explanation(control).entry?.origin == .starter)
    }

    @Test func `a query type that a rule looks at lets it decide before the others`() throws {
        let explanation = try explanation("a.listed.example", .aaaa)
        #expect(explanation.code == .ruleAlert)
        #expect(explanation.steps.last?.outcome == .shadowed)
        #expect(explanation.steps.last?.shadowedBy == "late / \(explanation.rule ?? "")")
    }
}
