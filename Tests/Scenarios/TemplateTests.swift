import DNSWire
import Foundation
import Testing

/// A CloudFormation template as the policy of a running server.
@Suite struct TemplateTests {
    private static let template = """
        Parameters: { Cidr: { Type: String } }
        Resources:
          Vpc: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: !Ref Cidr } }
          Blocked:
            Type: AWS::Route53Resolver::FirewallDomainList
            Properties: { Name: blocked, Domains: [ads.example, "*.ads.example"] }
          Watched:
            Type: AWS::Route53Resolver::FirewallDomainList
            Properties: { Name: watched, Domains: ["*.zip"] }
          Rules:
            Type: AWS::Route53Resolver::FirewallRuleGroup
            Properties:
              Name: rules
              FirewallRules:
                - { Priority: 10, Action: BLOCK, BlockResponse: NODATA, FirewallDomainListId: !Ref Blocked }
                - { Priority: 20, Action: ALERT, FirewallDomainListId: !Ref Watched }
          Association:
            Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
            Properties: { Name: a, FirewallRuleGroupId: !Ref Rules, VpcId: !Ref Vpc, Priority: 101 }
          Bucket: { Type: "AWS::S3::Bucket" }
        """

    private static let configuration = """
        policy: { templates: [firewall.yaml], parameters: { Cidr: 127.0.0.0/16 } }
        query_log: ["file:queries.log"]
        """

    @Test func `a template's rules hold on the wire, with AWS's exact and wildcard entries, and in the log`() throws {
        let upstream = try ScriptedUpstream([:], otherwise: .answer(["@ 60 IN A 192.0.2.1"]))
        let server = try Sekisho(
            Self.configuration, files: ["firewall.yaml": Self.template], upstreams: [upstream])
        #expect(try server.ask("ads.example").lines == [])
        #expect(try server.ask("x.ads.example").lines == [])
        #expect(try server.ask("badads.example").data == ["192.0.2.1"])
        #expect(try server.ask("zip").data == ["192.0.2.1"])
        #expect(try server.ask("a.zip").data == ["192.0.2.1"])
        func lines() -> [Substring] { server.directory.read("queries.log").split(separator: "\n") }
        #expect(eventually { lines().count == 5 })
        let lines = lines()
        #expect(lines.filter { $0.contains(#""firewall_rule_action":"BLOCK""#) }.count == 2)
        #expect(lines.filter { $0.contains(#""firewall_rule_action":"ALERT""#) }.count == 1)
        #expect(lines.allSatisfy { $0.contains(#""vpc_id":"vpc-"#) && !$0.contains("vpc-00000000") })
    }

    @Test func `explain names the template's file and line`() throws {
        let result = try Sekisho.run(
            ["explain", "x.ads.example", "-c", "sekisho.yaml"],
            files: ["firewall.yaml": Self.template, "sekisho.yaml": Self.configuration])
        #expect(result.exit == .code(0))
        #expect(result.output.contains("firewall.yaml:6: *.ads.example"))
        #expect(result.output.contains("BLOCK, answered NODATA (RULE_BLOCK)"))
    }

    @Test func `check reports what AWS would refuse, with file, line and property, and exits 2`() throws {
        let wrong = Self.template.replacingOccurrences(of: "Priority: 101", with: "Priority: 100")
        let result = try Sekisho.run(
            ["check", "-c", "sekisho.yaml", "--upstream", "192.0.2.1"],
            files: ["firewall.yaml": wrong, "sekisho.yaml": Self.configuration])
        #expect(result.exit == .code(2))
        #expect(result.errors.contains("firewall.yaml:19:"))
        #expect(result.errors.contains("Association.Priority"))
    }
}
