import DNSWire
import Foundation
import Glibc
import TestSupport
import Testing

/// What the configuration gives the API: objects of templates, managed lists, buckets, keys; and what the API gives the
/// resolver in return: where names are resolved.
@Suite struct APIConfigurationTests {
    private static let template = """
        Resources:
          Vpc: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: 127.0.0.0/16 } }
          Blocked:
            Type: AWS::Route53Resolver::FirewallDomainList
            Properties: { Name: blocked, Domains: [ads.example, "*.Ads.example"], Tags: [{ Key: team, Value: dns }] }
          Rules:
            Type: AWS::Route53Resolver::FirewallRuleGroup
            Properties:
              Name: rules
              FirewallRules:
                - { Priority: 10, Action: BLOCK, BlockResponse: NODATA, FirewallDomainListId: !Ref Blocked }
                - Priority: 20
                  Action: BLOCK
                  BlockResponse: OVERRIDE
                  BlockOverrideDomain: allowed.sekisho.test
                  BlockOverrideDnsType: CNAME
                  BlockOverrideTtl: 9
                  Qtype: TYPE1
                  FirewallDomainListId: rslvr-fdl-cb11fc50eaef4bad
                - { Priority: 30, Action: ALERT, DnsThreatProtection: DGA, ConfidenceThreshold: LOW }
          Association:
            Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
            Properties: { Name: a, FirewallRuleGroupId: !Ref Rules, VpcId: !Ref Vpc, Priority: 101 }
          System:
            Type: AWS::Route53Resolver::ResolverRule
            Properties: { RuleType: SYSTEM, DomainName: open.example, Name: open }
          NoReverse:
            Type: AWS::Route53Resolver::ResolverConfig
            Properties: { AutodefinedReverseFlag: DISABLE, ResourceId: !Ref Vpc }
          Log:
            Type: AWS::Route53Resolver::ResolverQueryLoggingConfig
            Properties: { Name: log, DestinationArn: "arn:aws:s3:::bucket" }
        """

    private static func server(_ more: String = "", files: [String: String] = [:]) throws -> Sekisho {
        let configuration = """
            policy: { templates: [firewall.yaml] }
            managed_lists:
              AWSManagedDomainsMalwareDomainList: { id: rslvr-fdl-cb11fc50eaef4bad, files: [bad.txt] }
            """
        return try Sekisho(
            [configuration, more].joined(separator: "\n"),
            files: ["firewall.yaml": template, "bad.txt": "bad.example\n"].merging(files) { $1 },
            upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.1"]))],
            arguments: more.contains("admin:") ? [] : ["--admin", "127.0.0.1:0"])
    }

    private static func api(of server: Sekisho) throws -> APIClient {
        APIClient(try #require(server.endpoints.last))
    }

    @Test func `a template's resources are seen through the API, as what they are`() throws {
        let server = try Self.server()
        let api = try Self.api(of: server)
        let list = try #require(try api.all("ListFirewallDomainLists", "FirewallDomainLists").last)
        #expect(list["Name"] == "blocked")
        #expect(try Set(api.domains(of: list["Id"]).values.map(\.text)) == ["ads.example.", "*.ads.example."])
        #expect(try api.call("ListTagsForResource", ["ResourceArn": list["Arn"]])["Tags"].values.count == 1)
        let group = try #require(try api.all("ListFirewallRuleGroups", "FirewallRuleGroups").first)
        let rules = try api.all("ListFirewallRules", "FirewallRules", ["FirewallRuleGroupId": group["Id"]])
        #expect(rules.map { $0["Priority"] } == [10, 20, 30])
        #expect(rules[2]["DnsThreatProtection"] == "DGA" && rules[2]["FirewallThreatProtectionId"] != .null)
        #expect(server.log.contains("DnsThreatProtection: is not enforced by this version"))
        #expect(rules[1]["Qtype"] == "TYPE1" && rules[1]["BlockOverrideDomain"] == "allowed.sekisho.test")
        let association = try #require(
            try api.all("ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations").first)
        #expect(association["FirewallRuleGroupId"] == group["Id"])
        #expect(try api.all("ListResolverRules", "ResolverRules").map { $0["DomainName"] } == ["open.example."])
        #expect(try api.all("ListResolverQueryLogConfigs", "ResolverQueryLogConfigs").map { $0["Name"] } == ["log"])
        let config = try api.call("GetResolverConfig", ["ResourceId": association["VpcId"]])["ResolverConfig"]
        #expect(config["AutodefinedReverse"] == "DISABLED")
    }

    @Test func `a template's resources can't be changed, and the error says why; what stands beside them can`() throws {
        let server = try Self.server()
        let api = try Self.api(of: server)
        let list = try #require(try api.all("ListFirewallDomainLists", "FirewallDomainLists").last)["Id"]
        let group = try #require(try api.all("ListFirewallRuleGroups", "FirewallRuleGroups").first)["Id"]
        let error = #expect(throws: APIError.self) {
            try api.call(
                "UpdateFirewallDomains",
                ["FirewallDomainListId": list, "Operation": "ADD", "Domains": ["more.example"]])
        }
        #expect(error?.code == "AccessDeniedException" && error?.message.contains("firewall.yaml") == true)
        #expect(throws: APIError.self) { try api.call("DeleteFirewallRuleGroup", ["FirewallRuleGroupId": group]) }
        #expect(try server.ask("ads.example").lines == [])

        // An allow of one's own, before the template's group, about the template's list.
        let own = try api.create("CreateFirewallRuleGroup", "FirewallRuleGroup", ["Name": "own"])
        try api.call(
            "CreateFirewallRule",
            [
                "CreatorRequestId": "r", "FirewallRuleGroupId": own, "FirewallDomainListId": list, "Name": "allow",
                "Priority": 1, "Action": "ALLOW",
            ])
        let vpc = try #require(
            try api.all("ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations").first)["VpcId"]
        _ = try api.create(
            "AssociateFirewallRuleGroup", "FirewallRuleGroupAssociation",
            ["FirewallRuleGroupId": own, "VpcId": vpc, "Priority": 102, "Name": "later"])
        #expect(try server.ask("ads.example").lines == [])
        let first = try #require(
            try api.all("ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations").last)["Id"]
        try api.call(
            "DisassociateFirewallRuleGroup", ["FirewallRuleGroupAssociationId": first])
        // The template's list again, after it has been edited and read anew.
        try server.directory.write(
            Self.template.replacingOccurrences(of: "ads.example, ", with: ""), to: "firewall.yaml")
        server.process.signal(SIGHUP)
        #expect(eventually { server.log.contains("reloaded") })
        #expect(try api.domains(of: list) == ["*.ads.example."])
        #expect(try server.ask("ads.example").data == ["192.0.2.1"])
        #expect(try server.ask("x.ads.example").lines == [])
        #expect(try api.all("ListFirewallRuleGroups", "FirewallRuleGroups").map { $0["Id"] }.contains(own))
    }

    @Test func `managed lists have AWS's names and owner, rules may use them, nobody may read or change them`() throws {
        let server = try Self.server()
        let api = try Self.api(of: server)
        let lists = try api.all("ListFirewallDomainLists", "FirewallDomainLists").filter {
            $0["ManagedOwnerName"] != .null
        }
        #expect(
            Set(lists.map { $0["Name"].text }) == [
                "AWSManagedDomainsMalwareDomainList", "AWSManagedDomainsBotnetCommandandControl",
                "AWSManagedDomainsAggregateThreatList", "AWSManagedDomainsAmazonGuardDutyThreatList",
            ])
        #expect(lists.allSatisfy { $0["ManagedOwnerName"] == "Route 53 Resolver DNS Firewall" })
        for (operation, members) in [
            ("ListFirewallDomains", [:]), ("UpdateFirewallDomains", ["Operation": "ADD", "Domains": ["a.example"]]),
            ("DeleteFirewallDomainList", [:]),
        ] as [(String, [String: JSON])] {
            let error = #expect(throws: APIError.self) {
                try api.call(
                    operation,
                    .object(members.merging(["FirewallDomainListId": "rslvr-fdl-cb11fc50eaef4bad"]) { $1 }))
            }
            #expect(error?.code == "AccessDeniedException")
        }
        let zone = "firewall.route53resolver.us-east-1.amazonaws.com"
        let portal = ["allowed.sekisho.test.", "192.0.2.1"]
        #expect(try server.ask("x.bad.example").data == portal)
        #expect(try server.ask("controldomain1.malwarelist.\(zone)").data == portal)
        #expect(try server.ask("controldomain1.botnetlist.\(zone)").data == ["1.2.3.4"])

        let botnet = try #require(lists.first { $0["Name"] == "AWSManagedDomainsBotnetCommandandControl" })["Id"]
        let group = try api.create("CreateFirewallRuleGroup", "FirewallRuleGroup", ["Name": "own"])
        try api.call(
            "CreateFirewallRule",
            [
                "CreatorRequestId": "r", "FirewallRuleGroupId": group, "FirewallDomainListId": botnet,
                "Name": "block", "Priority": 1, "Action": "BLOCK", "BlockResponse": "NXDOMAIN",
            ])
        let vpc = try #require(
            try api.all("ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations").first)["VpcId"]
        _ = try api.create(
            "AssociateFirewallRuleGroup", "FirewallRuleGroupAssociation",
            ["FirewallRuleGroupId": group, "VpcId": vpc, "Priority": 200, "Name": "later"])
        #expect(try server.ask("controldomain1.botnetlist.\(zone)").rcode == .nxDomain)
    }

    @Test func `a rule whose list is gone gives no verdict: SERVFAIL, or an answer where the VPC fails open`() throws {
        let server = try Self.server()
        let api = try Self.api(of: server)
        let group = try api.create("CreateFirewallRuleGroup", "FirewallRuleGroup", ["Name": "own"])
        try api.call(
            "CreateFirewallRule",
            [
                "CreatorRequestId": "r", "FirewallRuleGroupId": group,
                "FirewallDomainListId": "rslvr-fdl-cb11fc50eaef4bad", "Name": "alert", "Priority": 1,
                "Action": "ALERT",
            ])
        let vpc: JSON = "vpc-00000000"
        _ = try api.create(
            "AssociateFirewallRuleGroup", "FirewallRuleGroupAssociation",
            ["FirewallRuleGroupId": group, "VpcId": vpc, "Priority": 101, "Name": "own"])
        try server.rewrite("block: [bad.txt]\nadmin: { listen: '127.0.0.1:0' }")
        server.process.signal(SIGHUP)
        #expect(eventually { server.log.contains("reloaded") })
        #expect(try server.ask("bad.example").rcode == .nxDomain)
        #expect(try server.ask("any.example").rcode == .servFail)
        try api.call("UpdateFirewallConfig", ["ResourceId": vpc, "FirewallFailOpen": "ENABLED"])
        #expect(try server.ask("any.example").data == ["192.0.2.1"])
    }

    @Test func `a resolver rule of the API forwards from the next query on, until it is disassociated`() throws {
        let corp = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 10.0.0.1"]))
        let server = try Self.server()
        let api = try Self.api(of: server)
        let vpc = try #require(
            try api.all("ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations").first)["VpcId"]
        #expect(try server.ask("www.corp.example").data == ["192.0.2.1"])
        let target: JSON = ["Ip": .text("\(corp.endpoint.address)"), "Port": .number(Int(corp.endpoint.port))]
        let rule = try api.create(
            "CreateResolverRule", "ResolverRule",
            ["RuleType": "FORWARD", "DomainName": "corp.example", "TargetIps": [target], "Name": "corp"])
        #expect(try server.ask("www.corp.example").data == ["192.0.2.1"])
        try api.call("AssociateResolverRule", ["ResolverRuleId": rule, "VPCId": vpc])
        #expect(try server.ask("www.corp.example").data == ["10.0.0.1"])
        #expect(try server.ask("corp.example").data == ["10.0.0.1"])
        try api.call("DisassociateResolverRule", ["ResolverRuleId": rule, "VPCId": vpc])
        #expect(try server.ask("www.corp.example").data == ["192.0.2.1"])
        #expect(corp.arrivals.count == 2)
    }

    @Test func `with credentials an unsigned call is refused on every address`() throws {
        let server = try Self.server(
            """
            admin: { listen: '0.0.0.0:0' }
            aws: { credentials: [{ access_key_id: AKIAIOSFODNN7EXAMPLE, secret_access_key: secret }] }
            """)
        let port = try #require(server.endpoints.last).port
        let api = APIClient(try #require(Endpoint("127.0.0.1:\(port)", defaultPort: 0)))
        let error = #expect(throws: APIError.self) { try api.call("ListFirewallDomainLists") }
        #expect(error?.code == "MissingAuthenticationTokenException")
    }

    @Test(.enabled(if: PythonOracle.hasMoto, "needs python3 with moto's server"))
    func `a file in an S3-compatible bucket is imported, and a missing one leaves the list as it was`() throws {
        let text = "imported.example\n*.imported.example\n"
        try PythonOracle.serving(script: "s3_server.py", ["bucket", "lists/a.txt", text]) { address in
            let server = try Self.server(
                "aws: { s3: { endpoint: '\(address)', access_key_id: test, secret_access_key: secret } }")
            let api = try Self.api(of: server)
            let list = try api.create("CreateFirewallDomainList", "FirewallDomainList", ["Name": "imported"])
            func status() throws -> JSON {
                try api.call("GetFirewallDomainList", ["FirewallDomainListId": list])["FirewallDomainList"]["Status"]
            }
            for (key, expected) in [("lists/a.txt", "COMPLETE"), ("lists/b.txt", "COMPLETE_IMPORT_FAILED")] {
                try api.call(
                    "ImportFirewallDomains",
                    ["FirewallDomainListId": list, "Operation": "REPLACE", "DomainFileUrl": "s3://bucket/\(key)"])
                #expect(eventually { (try? status()) != "IMPORTING" })
                #expect(try status() == .text(expected))
                #expect(try api.domains(of: list).values.count == 2)
            }
        }
    }
}
