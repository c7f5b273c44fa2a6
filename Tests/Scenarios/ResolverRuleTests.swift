import DNSWire
import Glibc
import Testing

/// Where a VPC's names are resolved: resolver rules and autodefined reverse names.
@Suite struct ResolverRuleTests {
    private static func template(corp: Endpoint) -> String {
        """
        Resources:
          Vpc: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: 127.0.0.0/16 } }
          Other: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: 127.1.0.0/16 } }
          Corp:
            Type: AWS::Route53Resolver::ResolverRule
            Properties:
              RuleType: FORWARD
              DomainName: corp.example
              ResolverEndpointId: rslvr-out-0123456789abcdef0
              TargetIps: [{ Ip: \(corp.address), Port: "\(corp.port)" }]
          Open:
            Type: AWS::Route53Resolver::ResolverRule
            Properties: { RuleType: SYSTEM, DomainName: open.corp.example }
          CorpHere:
            Type: AWS::Route53Resolver::ResolverRuleAssociation
            Properties: { ResolverRuleId: !Ref Corp, VPCId: !Ref Vpc }
          OpenHere:
            Type: AWS::Route53Resolver::ResolverRuleAssociation
            Properties: { ResolverRuleId: !Ref Open, VPCId: !Ref Vpc }
          NoReverse:
            Type: AWS::Route53Resolver::ResolverConfig
            Properties: { AutodefinedReverseFlag: DISABLE, ResourceId: !Ref Other }
        """
    }

    private static func ask(_ server: Sekisho, _ name: String, from client: String, _ type: RRType = .a) throws -> Reply
    {
        let source = try #require(IPAddress(client))
        return try #require(try exchange(QueryMessage(name, type), with: server.endpoint, from: source))
    }

    @Test func `a template's rules forward in their VPC, and answers do not cross between VPCs`() throws {
        let usual = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.1"]))
        let corp = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 10.0.0.1"]))
        let server = try Sekisho(
            "policy: { templates: [net.yaml] }\nclients: { allow: [127.0.0.0/8] }",
            files: ["net.yaml": Self.template(corp: corp.endpoint)], upstreams: [usual])
        // Twice, so that the second answers come from the cache.
        for _ in 0..<2 {
            #expect(try Self.ask(server, "www.corp.example", from: "127.0.0.9").data == ["10.0.0.1"])
            #expect(try Self.ask(server, "corp.example", from: "127.0.0.9").data == ["10.0.0.1"])
            #expect(try Self.ask(server, "a.open.corp.example", from: "127.0.0.9").data == ["192.0.2.1"])
            #expect(try Self.ask(server, "xcorp.example", from: "127.0.0.9").data == ["192.0.2.1"])
            #expect(try Self.ask(server, "www.corp.example", from: "127.1.0.9").data == ["192.0.2.1"])
        }
        #expect(corp.arrivals.map(\.question) == ["www.corp.example. A", "corp.example. A"])
        #expect(usual.count("www.corp.example. A") == 1)
    }

    @Test func `private reverse names stay here where AWS would answer them, and go out where that is switched off`()
        throws
    {
        let usual = try ScriptedUpstream(otherwise: .answer(["@ 60 IN PTR host.example."]))
        let server = try Sekisho(
            "policy: { templates: [net.yaml] }\nclients: { allow: [127.0.0.0/8] }",
            files: ["net.yaml": Self.template(corp: usual.endpoint)], upstreams: [usual])
        #expect(try Self.ask(server, "4.3.2.10.in-addr.arpa", from: "127.0.0.9", .ptr).rcode == .nxDomain)
        #expect(usual.arrivals.isEmpty)
        #expect(try Self.ask(server, "4.3.2.10.in-addr.arpa", from: "127.1.0.9", .ptr).data == ["host.example."])
        #expect(try Self.ask(server, "4.3.2.10.in-addr.arpa", from: "127.2.0.9", .ptr).data == ["host.example."])
        #expect(try Self.ask(server, "4.2.0.192.in-addr.arpa", from: "127.0.0.9", .ptr).data == ["host.example."])
    }

    @Test func `a reload changes upstreams and forwarding rules, and old upstreams' answers are not given any more`()
        throws
    {
        let first = try ScriptedUpstream(otherwise: .answer(["@ 600 IN A 192.0.2.1"]))
        let second = try ScriptedUpstream(otherwise: .answer(["@ 600 IN A 192.0.2.2"]))
        let server = try Sekisho("upstreams: ['\(first.endpoint)']", upstreams: [first, second])
        #expect(try server.ask("a.example").data == ["192.0.2.1"])
        try server.rewrite(
            "upstreams: ['\(second.endpoint)']\nforwarding_rules: { domain: corp, upstreams: '\(first.endpoint)' }")
        server.process.signal(SIGHUP)
        #expect(eventually { server.log.contains("reloaded") })
        #expect(try server.ask("a.example").data == ["192.0.2.2"])
        #expect(try server.ask("a.corp").data == ["192.0.2.1"])
        #expect(!server.log.contains("needs a restart"))
    }
}
