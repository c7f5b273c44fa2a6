import DNSWire
import PolicyLint
import SourceFiles
import Testing

@Suite struct ChainProbeTests {
    private static let template = """
        Resources:
          Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }
          Allowed:
            Type: AWS::Route53Resolver::FirewallDomainList
            Properties:
              Domains:
                - www.service.example
                - api.service.example
                - "*.corp.example"
          Everything: { Type: AWS::Route53Resolver::FirewallDomainList, Properties: { Domains: ["*"] } }
          Rules:
            Type: AWS::Route53Resolver::FirewallRuleGroup
            Properties:
              FirewallRules:
                - { Priority: 1, Action: ALLOW, FirewallDomainListId: !Ref Allowed REDIRECTION }
                - { Priority: 2, Action: BLOCK, BlockResponse: NODATA, FirewallDomainListId: !Ref Everything }
          Association:
            Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
            Properties: { FirewallRuleGroupId: !Ref Rules, VpcId: !Ref Vpc, Priority: 101 }

        """

    private static func template(trusting: Bool = false) -> String {
        let redirection = trusting ? ", FirewallDomainRedirectionAction: TRUST_REDIRECTION_DOMAIN" : ""
        return template.replacing(" REDIRECTION", with: redirection)
    }

    @Test func `a name that redirects to what is blocked is told at its entry`() throws {
        var asked: [String] = []
        let findings = try Linted.findings(template: Self.template()) { name, _ in
            asked.append(name.description)
            let target = name.description.hasPrefix("www.") ? "edge.cdn.example" : "a.corp.example"
            return .targets([target].compactMap { try? DomainName($0) })
        }
        #expect(asked == ["www.service.example.", "api.service.example."])
        #expect(findings.map(\.rule) == [.brokenChain])
        #expect(findings.first?.place.description == "fw.yaml:7:11")
        #expect(findings.first?.message.contains("edge.cdn.example") == true)
    }

    @Test func `nobody is asked about names whose redirections are trusted`() throws {
        let findings = try Linted.findings(template: Self.template(trusting: true)) { name, _ in
            Issue.record("asked about \(name)")
            return .failed("")
        }
        #expect(findings.isEmpty)
    }

    @Test func `who could not be asked about is told once`() throws {
        let findings = try Linted.findings(template: Self.template()) { _, _ in .failed("time-out") }
        #expect(findings.map(\.rule) == [.unresolvedName])
        #expect(findings.first?.message.contains("www.service.example\" and 1 more") == true)
    }
}
