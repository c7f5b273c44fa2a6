import DNSWire
import Foundation
import TestSupport
import Testing

/// A CloudFormation template as the policy of a running server.
@Suite struct TemplateTests {
    private static let template = Result { try TestFiles.text(of: "Tests/Templates/scenario.yaml") }

    private static let configuration = """
        policy: { templates: [firewall.yaml], parameters: { Cidr: 127.0.0.0/16 } }
        query_log: ["file:queries.log"]
        """

    @Test func `a template's rules hold on the wire, with AWS's exact and wildcard entries, and in the log`() throws {
        let upstream = try ScriptedUpstream([:], otherwise: .answer(["@ 60 IN A 192.0.2.1"]))
        let server = try Sekisho(
            Self.configuration, files: ["firewall.yaml": try Self.template.get()], upstreams: [upstream])
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
            files: ["firewall.yaml": try Self.template.get(), "sekisho.yaml": Self.configuration])
        #expect(result.exit == .code(0))
        #expect(result.output.contains("firewall.yaml:6: *.ads.example"))
        #expect(result.output.contains("BLOCK, answered NODATA (RULE_BLOCK)"))
    }

    @Test func `check reports what AWS would refuse, with file, line and property, and exits 2`() throws {
        let wrong = try Self.template.get().replacingOccurrences(of: "Priority: 101", with: "Priority: 100")
        let result = try Sekisho.run(
            ["check", "-c", "sekisho.yaml", "--upstream", "192.0.2.1"],
            files: ["firewall.yaml": wrong, "sekisho.yaml": Self.configuration])
        #expect(result.exit == .code(2))
        #expect(result.errors.contains("firewall.yaml:19:"))
        #expect(result.errors.contains("Association.Priority"))
    }

    /// The template's VPCs, and the addresses of clients in each of them and in none.
    private static let vpcs = ["Office": "vpc-00000001", "Lab": "vpc-00000002"]
    private static let sources = ["127.0.0.1", "127.0.1.1", "127.0.2.1"]

    @Test(.enabled(if: PythonOracle.isNew && PythonOracle.hasCFNLint, "needs what deploy/setup.sh test installs"))
    func `the same template decides the same through the file and through the API`() throws {
        let upstream = try ScriptedUpstream(
            [
                "alias.example. A": .answer(["@ 60 IN CNAME x.ads.example.", "x.ads.example. 60 IN A 192.0.2.2"]),
                "trusted.corp.example. A": .answer(["@ 60 IN CNAME ads.example.", "ads.example. 60 IN A 192.0.2.3"]),
            ], otherwise: .answer(["@ 60 IN A 192.0.2.1"]))
        let file = try Sekisho(
            "policy: { templates: [verdicts.yaml] }",
            files: ["verdicts.yaml": TestFiles.text(of: "Tests/Templates/verdicts.yaml")], upstreams: [upstream])
        let api = try Sekisho(
            """
            admin: { listen: '127.0.0.1:0' }
            vpcs: [{ id: vpc-00000001, cidrs: [127.0.0.0/24] }, { id: vpc-00000002, cidrs: [127.0.1.0/24] }]
            """, upstreams: [upstream])
        let description = try JSONSerialization.data(withJSONObject: [
            "api": "http://\(try #require(api.endpoints.last))", "resolvers": ["\(file.endpoint)", "\(api.endpoint)"],
            "vpcs": Self.vpcs, "sources": Self.sources,
        ])
        let result = try PythonOracle.run(
            script: "same_verdicts.py",
            [TestFiles.path("Tests/Templates/verdicts.yaml"), String(decoding: description, as: UTF8.self)])
        #expect(result.status == 0, "\(result.output)")
    }
}
