import DNSMessage
import DNSWire
import Foundation
import Testing

/// What clients with EDNS are told of why an answer is as it is (RFC 8914).
@Suite struct ExtendedErrorTests {
    private static let anyAddress = UpstreamBehaviour.answer(["@ 60 IN A 192.0.2.10"])
    private static let files = ["ads.txt": "ads.example\n"]

    private static func server(
        _ configuration: String = "", _ upstream: ScriptedUpstream? = nil
    ) throws -> Sekisho {
        try Sekisho(
            "block: [ads.txt]\n" + configuration, files: files,
            upstreams: [try upstream ?? ScriptedUpstream(otherwise: anyAddress)])
    }

    @Test(arguments: ["nxdomain", "nodata", "safe.example"], Transport.allCases)
    func `a blocked answer names its rule`(response: String, transport: Transport) throws {
        let server = try Self.server("block_response: \(response)")
        let reply = try server.ask("www.ads.example", edns: .usual, over: transport)
        #expect(reply.errors == [ExtendedDNSError(infoCode: 15, extraText: "block ads.txt")])
        #expect(try server.ask("www.ads.example", over: transport).edns == nil)
        #expect(try server.ask("a.example", edns: .usual, over: transport).errors.isEmpty)
    }

    @Test func `the code and the name are the operator's to choose, and a reload changes them`() throws {
        let server = try Self.server("extended_errors: { rule_names: false, block_code: censored }")
        #expect(try server.ask("ads.example", edns: .usual).errors == [ExtendedDNSError(infoCode: 16)])
        try server.rewrite("block: [ads.txt]\nextended_errors: { block_code: filtered }")
        server.process.signal(SIGHUP)
        let expected = [ExtendedDNSError(infoCode: 17, extraText: "block ads.txt")]
        #expect(try eventually { try server.ask("ads.example", edns: .usual).errors == expected })
    }

    @Test func `a redirection to a blocked name has the error of the rule, and none of the upstream's`() throws {
        let redirection = UpstreamBehaviour.answer(["@ 60 IN CNAME ads.example.", "ads.example. 60 IN A 192.0.2.1"])
        let upstream = try ScriptedUpstream(otherwise: .explained(redirection, [ExtendedDNSError(infoCode: 9)]))
        let server = try Self.server("", upstream)
        for _ in 0..<2 {
            let reply = try server.ask("a.example", edns: .usual)
            #expect(reply.rcode == .nxDomain)
            #expect(reply.errors == [ExtendedDNSError(infoCode: 15, extraText: "block ads.txt")])
        }
    }

    @Test(arguments: Transport.allCases)
    func `an upstream's errors are passed on, from the cache as well`(transport: Transport) throws {
        let errors = [ExtendedDNSError(infoCode: 9, extraText: "no SEP"), ExtendedDNSError(infoCode: 22)]
        let upstream = try ScriptedUpstream([
            "bogus.example. A": .explained(.fail(.servFail), errors),
            "odd.example. A": .explained(Self.anyAddress, errors),
        ])
        let server = try Self.server("", upstream)
        #expect(try server.ask("bogus.example", edns: .usual, over: transport).errors == errors)
        for _ in 0..<2 {
            let reply = try server.ask("odd.example", edns: .usual, over: transport)
            #expect(reply.errors == errors && reply.data == ["192.0.2.10"])
        }
        #expect(try server.ask("odd.example", over: transport).edns == nil)
        #expect(upstream.count("odd.example. A") == 1)
    }

    @Test func `who is not served hears 18, a query without RD 20, another class or a transfer 21`() throws {
        let server = try Self.server("clients: { allow: [\"127.0.0.2/32\"] }")
        #expect(try server.ask("ads.example", edns: .usual).errors == [ExtendedDNSError(infoCode: 18)])
        let served = IPAddress("127.0.0.2")!
        var query = QueryMessage("a.example", edns: .usual)
        query.flags = 0
        let reply = try exchange(query, with: server.endpoint, from: served)
        #expect(reply?.rcode == .refused && reply?.errors == [ExtendedDNSError(infoCode: 20)])
        let transfer = QueryMessage("a.example", .axfr, edns: .usual)
        #expect(
            try exchange(transfer, with: server.endpoint, from: served)?.errors == [ExtendedDNSError(infoCode: 21)])
    }

    @Test func `without an answer from upstream it is 22, and a stale answer is 3 or 19`() throws {
        let soa = "example. 1 IN SOA ns.example. admin.example. 1 3600 600 86400 1"
        var upstream: ScriptedUpstream? = try ScriptedUpstream(
            ["none.example. A": .nxDomain(soa: soa)], otherwise: .answer(["@ 1 IN A 192.0.2.10"]))
        let endpoint = try #require(upstream).endpoint
        let server = try Sekisho("upstreams: [\"\(endpoint)\"]\nlisten: [\"127.0.0.1:0\"]")
        #expect(try server.ask("a.example", edns: .usual).errors.isEmpty)
        #expect(try server.ask("none.example", edns: .usual).errors.isEmpty)
        upstream = nil
        Thread.sleep(forTimeInterval: 1.5)
        let reply = try server.ask("a.example", edns: .usual)
        #expect(reply.data == ["192.0.2.10"] && reply.errors == [ExtendedDNSError(infoCode: 3)])
        let none = try server.ask("none.example", edns: .usual)
        #expect(none.rcode == .nxDomain && none.errors == [ExtendedDNSError(infoCode: 19)])
        let unknown = try server.ask("other.example", edns: .usual)
        #expect(unknown.rcode == .servFail)
        #expect([22, 23].contains(try #require(unknown.errors.first).infoCode) && unknown.errors.count == 1)
    }

    @Test func `a refused or blocked answer is at most three times its query, whatever the name of the rule`() throws {
        let name = String(repeating: "l", count: 120) + ".txt"
        let server = try Sekisho(
            "block: [\(name)]\nclients: { allow: [\"127.0.0.0/8\"] }", files: [name: "ads.example\nx.y\n"],
            upstreams: [try ScriptedUpstream(otherwise: Self.anyAddress)])
        for asked in ["x.y", "ads.example", "a.rather.long.name.below.ads.example"] {
            for edns in [nil, EDNS.usual] {
                let query = QueryMessage(asked, edns: edns)
                let reply = try #require(try exchange(query, with: server.endpoint))
                #expect(reply.rcode == .nxDomain)
                #expect(reply.octets.count <= 3 * (try query.octets().count), "\(asked)")
            }
        }
        let overTCP = try server.ask("x.y", edns: .usual, over: .tcp)
        #expect(overTCP.errors.map(\.extraText) == ["block " + String(repeating: "l", count: 90)])
    }

    @Test func `dig and the query command show the error`() throws {
        let server = try Self.server()
        let dig = try ToolReply.dig(["ads.example"], at: server.endpoint)
        #expect(dig.text.contains("EDE: 15 (Blocked): (block ads.txt)"), "\(dig.text)")
        let own = try Sekisho.run(["query", "ads.example", "--server", "\(server.endpoint)"])
        #expect(own.output.contains(";; EDE: 15 block ads.txt"), "\(own.output)")
    }
}

/// Whether clients may remember that a name is blocked (RFC 2308).
@Suite struct NegativeTTLTests {
    private static let template = """
        Resources:
          List:
            Type: AWS::Route53Resolver::FirewallDomainList
            Properties: { Name: list, Domains: [aws.example] }
          Group:
            Type: AWS::Route53Resolver::FirewallRuleGroup
            Properties:
              Name: group
              FirewallRules:
                - FirewallDomainListId: !Ref List
                  Priority: 1
                  Action: BLOCK
                  BlockResponse: NODATA
          Association:
            Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
            Properties: { FirewallRuleGroupId: !Ref Group, VpcId: vpc-00000000, Priority: 101 }
        """

    @Test(
        arguments: [
            ("", 10, nil), ("block_soa: lists\nblock_ttl: 1m", 60, nil), ("block_soa: all\nblock_ttl: 1m", 60, 60),
            ("block_soa: none", nil, nil),
        ] as [(String, UInt32?, UInt32?)])
    func `lists answer with a SOA record for block_ttl, rule groups if they are told to`(
        configuration: String, list: UInt32?, group: UInt32?
    ) throws {
        let server = try Sekisho(
            "block: [ads.txt]\npolicy: { templates: [t.yaml] }\n" + configuration,
            files: ["ads.txt": "ads.example\n", "t.yaml": Self.template], upstreams: [try ScriptedUpstream()])
        for (name, rcode, ttl) in [("ads.example", RCODE.nxDomain, list), ("aws.example", .noError, group)] {
            let reply = try server.ask(name)
            #expect(reply.rcode == rcode && reply.answers.isEmpty)
            #expect(reply.authority.map(\.ttlSeconds) == (ttl.map { [$0] } ?? []), "\(name)")
            #expect(reply.authority.map(\.owner) == (ttl == nil ? [] : ["\(name)."]))
        }
    }

    @Test func `ANY is answered here, unless a rule says otherwise (RFC 8482)`() throws {
        let upstream = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
        let server = try Sekisho("block: [ads.txt]", files: ["ads.txt": "ads.example\n"], upstreams: [upstream])
        for transport in Transport.allCases {
            #expect(try server.ask("a.example", .any, over: transport).lines == ["a.example. HINFO \"RFC8482\" \"\""])
            #expect(try server.ask("ads.example", .any, over: transport).rcode == .nxDomain)
            #expect(try server.ask("localhost", .any, over: transport).data == ["127.0.0.1"])
        }
        #expect(upstream.arrivals.isEmpty)
    }
}
