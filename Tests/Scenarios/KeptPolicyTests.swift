import DNSWire
import Foundation
import Testing

/// What the API keeps, in the commands that judge without a server: it holds for them as it does for queries.
@Suite struct KeptPolicyTests {
    private static func run(_ arguments: [String], in server: Sekisho) throws -> Finished {
        try Finished(
            running: try Sekisho.executable(), arguments + ["-c", Sekisho.configurationName], in: server.directory)
    }

    @Test func `test, replay and check know it`() throws {
        let server = try Sekisho(
            "admin: { listen: '127.0.0.1:0' }\nblock: [own.txt]\nclients: { allow: [127.0.0.0/8] }\n"
                + "query_log: ['file:queries.log']\n" + ExplainTests.vpcs,
            files: ["own.txt": "own.example\nkept.example\n"], upstreams: [try ScriptedUpstream()])
        try ExplainTests.addToAPI(server)
        _ = try server.ask("a.example")
        #expect(eventually { server.directory.read("queries.log").hasSuffix("\n") })
        try server.directory.write("other.example\n", to: "own.txt")
        try server.directory.write(
            "- { name: www.kept.example, vpc: vpc-0000000a, action: BLOCK, rule: kept rule, entry: '*.kept.example' }\n",
            to: "cases.yaml")
        let tested = try Self.run(["test", "cases.yaml", "--coverage"], in: server)
        #expect(tested.exit == .code(0), "\(tested.output)\(tested.errors)")
        #expect(tested.output.contains("1 of 2 entries of kept list matched in some case\n  not kept.example\n"))

        let line = server.directory.read("queries.log").replacing("a.example", with: "www.kept.example")
        try server.directory.write(line.replacing("vpc-00000000", with: "vpc-0000000a"), to: "kept.log")
        let replayed = try Self.run(["replay", "kept.log"], in: server)
        #expect(replayed.output.contains("ALLOW → BLOCK by kept group / kept rule, NODATA"), "\(replayed.output)")

        #expect(try Self.run(["check", "--ignore", "vpc-without-rules"], in: server).exit == .code(0))
        try server.directory.write("own.example\nkept.example\n", to: "own.txt")
        let checked = try Self.run(["check"], in: server)
        #expect(checked.exit == .code(1), "\(checked.output)\(checked.errors)")
        #expect(checked.output.contains("kept group: warning: rule \"kept rule\""), "\(checked.output)")
        #expect(checked.output.contains("[shadowed-rule]"), "\(checked.output)")
    }

    @Test func `a store that can't be read is a finding of check, and the rest is checked`() throws {
        let finished = try Sekisho.run(
            ["check", "-c", Sekisho.configurationName],
            files: [
                Sekisho.configurationName: "admin: { listen: '127.0.0.1:0' }\nblock: [own.txt]\nstate_directory: .\n",
                "own.txt": "own.example\n", "policy.sqlite": "no database, but long enough to be taken for one\n",
            ])
        #expect(finished.exit == .code(1))
        #expect(finished.output.contains("own.txt: 1 name"))
        #expect(
            finished.output.contains("policy.sqlite: warning: what the API keeps can't be read: "), "\(finished.output)"
        )
    }
}
