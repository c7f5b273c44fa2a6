import DNSWire
import Foundation
import TestSupport
import Testing

/// AWS's API changes the next answer; real clients drive it.
@Suite struct APITests {
    private static let isNew = ConditionTrait.enabled(
        if: PythonOracle.isNew, "needs boto3 and the AWS CLI as deploy/setup.sh test installs them")

    private static let configuration = """
        admin: { listen: '127.0.0.1:0' }
        block: [own.txt]
        vpcs:
          - { id: vpc-00000001, cidrs: [127.0.0.0/24] }
          - { id: vpc-00000002, cidrs: [127.0.1.0/24] }
        policy: { domain_files: { 's3://bucket/': ./files/ } }
        """

    /// `alias.example` is redirected once, `long.example` once more than anything is judged.
    private static func upstream() throws -> ScriptedUpstream {
        let hops = ["@"] + (0...16).map { "hop\($0).example." }
        let chain = zip(hops, hops.dropFirst()).map { "\($0) 60 IN CNAME \($1)" }
        return try ScriptedUpstream(
            [
                "alias.example. A": .answer(["@ 60 IN CNAME target.example.", "target.example. 60 IN A 192.0.2.7"]),
                "long.example. A": .answer(chain + ["hop16.example. 60 IN A 192.0.2.1"]),
                "portal.example. A": .answer(["@ 60 IN A 192.0.2.80"]),
                "walled.example. MX": .answer(["@ 60 IN MX 10 mail.example."]),
                "walled.example. AAAA": .answer(["@ 60 IN AAAA 2001:db8::1"]),
                "mail.example. AAAA": .answer(["@ 60 IN AAAA 2001:db8::1"]),
            ], otherwise: .answer(["@ 60 IN A 192.0.2.1"]))
    }

    /// Runs a script against a server of its own, which has to conform.
    private static func drive(with script: String) throws {
        var files = ["own.txt": "own.example\n"]
        for (name, text) in ServerDescription.files { files["files/\(name)"] = text }
        let server = try Sekisho(configuration, files: files, upstreams: [try upstream()])
        var description = ServerDescription(
            api: "http://\(try #require(server.endpoints.last))", vpcs: ["vpc-00000001", "vpc-00000002"],
            quotas: [
                "rulesPerGroup": 100, "ruleGroupsPerVPC": 5, "queryLogConfigs": 20, "targetsPerRule": 6,
                "tagsPerResource": 200,
            ])
        description.dns = "\(server.endpoint)"
        description.sources = ["127.0.0.1", "127.0.1.1"]
        let result = try PythonOracle.run(script: script, [try description.json()])
        #expect(result.status == 0, "\(result.output)")
        // The lists of the configuration are in force as they were.
        #expect(try server.ask("own.example").rcode == .nxDomain)
    }

    @Test(isNew) func `what boto3 does holds for the next query, whatever operation it calls`() throws {
        try Self.drive(with: "boto3_scenario.py")
    }

    @Test(isNew) func `what the AWS CLI does holds for the next query, whatever operation it calls`() throws {
        try Self.drive(with: "aws_cli_scenario.py")
    }

    @Test func `an address that others can reach is refused without credentials`() throws {
        let result = try Sekisho.run(
            ["serve", "--listen", "127.0.0.1:0", "--upstream", "192.0.2.1", "--admin", "0.0.0.0:0"])
        #expect(result.exit == .code(2))
        #expect(result.errors.contains("--admin: 0.0.0.0:0 is no loopback address"))
    }
}
