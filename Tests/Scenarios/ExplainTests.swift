import DNSMessage
import DNSWire
import Foundation
import TestSupport
import Testing

/// `explain` of a running server and of its files: what it says is what the wire and the log show.
@Suite struct ExplainTests {
    static let vpcs = """
        vpcs:
          - { id: vpc-0000000a, cidrs: [127.0.1.0/24] }
          - { id: vpc-0000000b, cidrs: [127.0.2.0/24], fail_open: true }
        """

    /// What a server with an API says of a name.
    private static func asked(_ server: Sekisho, _ query: String) throws -> HTTPAnswer {
        var connection = try HTTPConnection(to: try #require(server.endpoints.last))
        try connection.send(Array("GET /api/v1/explain?\(query) HTTP/1.1\r\nConnection: close\r\n\r\n".utf8))
        return try #require(try connection.receive())
    }

    private static func run(_ arguments: [String], in server: Sekisho) throws -> Finished {
        try Finished(running: try Sekisho.executable(), ["explain"] + arguments, in: server.directory)
    }

    /// A group of the API that blocks `kept.example` in VPC A.
    static func addToAPI(_ server: Sekisho) throws {
        let api = APIClient(try #require(server.endpoints.last))
        let list = try api.create("CreateFirewallDomainList", "FirewallDomainList", ["Name": "kept list"])
        try api.call(
            "UpdateFirewallDomains",
            ["FirewallDomainListId": list, "Operation": "ADD", "Domains": ["kept.example", "*.kept.example"]])
        let group = try api.create("CreateFirewallRuleGroup", "FirewallRuleGroup", ["Name": "kept group"])
        _ = try api.create(
            "CreateFirewallRule", "FirewallRule",
            [
                "FirewallRuleGroupId": group, "FirewallDomainListId": list, "Priority": 10, "Action": "BLOCK",
                "BlockResponse": "NODATA", "Name": "kept rule",
            ])
        _ = try api.create(
            "CreateFirewallRule", "FirewallRule",
            [
                "FirewallRuleGroupId": group, "DnsThreatProtection": "DGA", "ConfidenceThreshold": "HIGH",
                "Priority": 5, "Action": "BLOCK", "BlockResponse": "NODATA", "Name": "dga rule",
            ])
        _ = try api.create(
            "AssociateFirewallRuleGroup", "FirewallRuleGroupAssociation",
            ["FirewallRuleGroupId": group, "VpcId": "vpc-0000000a", "Priority": 200, "Name": "kept association"])
    }

    @Test func `what the API keeps is explained by the server, and from its files while it runs and after`() throws {
        let server = try Sekisho(
            "admin: { listen: '127.0.0.1:0' }\nblock: [own.txt]\nclients: { allow: [127.0.0.0/8] }\n" + Self.vpcs,
            files: ["own.txt": "own.example\n"], upstreams: [try ScriptedUpstream()])
        try Self.addToAPI(server)
        let api = "http://\(try #require(server.endpoints.last))"
        let question = ["www.kept.example", "--client", "127.0.1.9", "--json"]
        let live = try Self.run(question + ["--server", api], in: server)
        #expect(live.exit == .code(0), "\(live.errors)")
        let value = try JSONDecoder().decode(JSON.self, from: Data(live.output.utf8))
        #expect(value["code"] == "RULE_BLOCK")
        #expect(value["entry"]["entry"] == "*.kept.example.")
        #expect(value["entry"]["origin"] == "api")
        #expect(value["entry"]["list"] == "kept list")
        #expect(value["groups"].values.map { $0["priority"].number } == [1, 200])
        #expect(
            value["steps"].values.map { $0["outcome"].text } == [
                "NAME_NOT_IN_LIST", "UNSUPPORTED_THREAT_PROTECTION", "RULE_MATCHED",
            ])
        let offline = question + ["-c", Sekisho.configurationName]
        #expect(try Self.run(offline, in: server).output == live.output)
        let before = try Self.stateFiles(server)
        server.process.stop(grace: .seconds(5))
        #expect(try Self.run(offline, in: server).output == live.output)
        #expect(try Self.stateFiles(server) == before)
    }

    private static func stateFiles(_ server: Sekisho) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: server.directory.path + "/state").sorted()
    }

    @Test func `a store that can't be read is a note, and what is left is explained`() throws {
        let finished = try Sekisho.run(
            ["explain", "own.example", "-c", Sekisho.configurationName],
            files: [
                Sekisho.configurationName: "admin: { listen: '127.0.0.1:0' }\nblock: [own.txt]\nstate_directory: .\n",
                "own.txt": "own.example\n", "policy.sqlite": "no database, but long enough to be taken for one\n",
            ])
        #expect(finished.exit == .code(0))
        #expect(finished.output.contains("BLOCK, answered NXDOMAIN (RULE_BLOCK)"))
        #expect(finished.output.contains("note: what the API keeps can't be read: "), "\(finished.output)")
    }

    @Test(arguments: [
        ("", "give a \"name\""), ("name=a..b", "\"a..b\" is not a domain name"),
        ("name=a&type=NOTYPE", "\"NOTYPE\" is not a type"), ("name=a&client=1.2.3", "\"1.2.3\" is not an address"),
        ("name=a&client=127.0.0.1&vpc=vpc-00000000", "client and vpc exclude each other"),
        ("name=a&vpc=vpc-1", "there is no VPC \"vpc-1\"; there are vpc-00000000"),
        ("name=a&cname=b,c..d", "\"c..d\" is not a domain name"), ("name=a&answer=x", "\"x\" is not an address"),
        ("name=a&resolve=maybe", "\"maybe\" is not true or false"),
        (
            "name=a&frobnicate=1",
            "unknown parameter \"frobnicate\"; there are name, type, client, vpc, cname, answer, resolve"
        ),
    ])
    func `a server says what is wrong with a question`(query: String, message: String) throws {
        let server = try Sekisho("admin: { listen: '127.0.0.1:0' }", upstreams: [try ScriptedUpstream()])
        let answer = try Self.asked(server, query)
        #expect(answer.status == 400)
        #expect(try JSONDecoder().decode(JSON.self, from: Data(answer.body)) == ["error": .text(message)])
    }

    @Test(arguments: [
        ["a..b"], ["a.example", "--cname", "b,c..d"], ["a.example", "--client", "1.2.3"],
        ["a.example", "--client", "127.0.0.1", "--vpc", "vpc-00000000"], ["a.example", "--vpc", "vpc-1"],
        ["a.example", "--server", "ftp://127.0.0.1"], ["a.example", "--server", "http://127.0.0.1/x"],
        ["a.example", "--server", "127.0.0.1:1", "--block", "x.txt"], ["a.example", "--resolve", "--cname", "b"],
    ])
    func `wrong usage has code 2`(arguments: [String]) throws {
        let finished = try Sekisho.run(["explain"] + arguments)
        #expect(finished.exit == .code(2), "\(finished.errors)")
        #expect(!finished.errors.isEmpty)
    }

    @Test func `nobody there, and nobody let in, has code 1`() throws {
        let port = try Socket.udpAndTCP(on: Endpoint.loopback.address).0.localEndpoint().port
        let nobody = try Sekisho.run(["explain", "a.example", "--server", "127.0.0.1:\(port)"])
        #expect(nobody.exit == .code(1) && nobody.errors.contains("127.0.0.1:\(port)"), "\(nobody.errors)")
        let server = try Sekisho(
            "admin: { listen: '127.0.0.1:0' }\naws: { credentials: { access_key_id: test, secret_access_key: secret } }",
            upstreams: [try ScriptedUpstream()])
        let command = ["explain", "a.example", "--server", "\(try #require(server.endpoints.last))"]
        let stranger = try Sekisho.run(command)
        #expect(stranger.exit == .code(1) && stranger.errors.contains("Missing Authentication Token"))
        let program = try Sekisho.executable()
        let keys = ["AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=us-east-1"]
        let known = try Finished(running: "env", keys + [program] + command, in: try TemporaryDirectory())
        #expect(known.exit == .code(0), "\(known.errors)")
        #expect(known.output.contains("ALLOW (NO_MATCH)"))
    }
}
