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
        policy: { templates: [foreign.yaml], domain_files: { 's3://bucket/': ./files/ } }

        """

    /// As few as the scenarios can do with.
    private static let quotas = [
        "domain_lists": 8, "domains": 3000, "rule_groups": 8, "rules_per_group": 6, "rule_groups_per_vpc": 3,
        "query_log_configs": 5, "query_log_config_associations": 1, "resolver_rules": 4,
        "resolver_rule_associations": 2,
    ]

    private static func aws(isSigned: Bool) -> String {
        let quotas = quotas.map { "\($0): \($1)" }.joined(separator: ", ")
        let keys = isSigned ? ", credentials: { access_key_id: test, secret_access_key: secret }" : ""
        return "aws: { quotas: { \(quotas) }\(keys) }"
    }

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
    private static func drive(with script: String, isSigned: Bool = false) async throws {
        var files = [
            "own.txt": "own.example\n", "foreign.yaml": try TestFiles.text(of: "Tests/Templates/foreign.yaml"),
        ]
        for (name, text) in ServerDescription.files { files["files/\(name)"] = text }
        let target = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.53"]))
        let server = try Sekisho(configuration + aws(isSigned: isSigned), files: files, upstreams: [try upstream()])
        let description = ServerDescription(
            api: "http://\(try #require(server.endpoints.last))", dns: "\(server.endpoint)",
            target: "\(target.endpoint)", vpcs: ["vpc-00000001", "vpc-00000002"], sources: ["127.0.0.1", "127.0.1.1"],
            quotas: quotas, isSigned: isSigned)
        let result = try await PythonOracle.runAside(script: script, [try description.json()])
        #expect(result.status == 0, "\(result.output)")
        // The lists of the configuration are in force as they were.
        #expect(try server.ask("own.example").rcode == .nxDomain)
    }

    @Test(isNew, arguments: [false, true])
    func `what boto3 does holds for the next query, and every operation and error is as modelled`(
        isSigned: Bool
    ) async throws {
        try await Self.drive(with: "boto3_scenario.py", isSigned: isSigned)
    }

    @Test(isNew) func `what the AWS CLI does holds for the next query, whatever operation it calls`() async throws {
        try await Self.drive(with: "aws_cli_scenario.py")
    }

    @Test func `an address that others can reach is refused without credentials`() throws {
        let result = try Sekisho.run(
            ["serve", "--listen", "127.0.0.1:0", "--upstream", "192.0.2.1", "--admin", "0.0.0.0:0"])
        #expect(result.exit == .code(2))
        #expect(result.errors.contains("--admin: 0.0.0.0:0 is no loopback address"))
    }
}
