import DNSWire
import Foundation
import Testing

/// Terraform with AWS's provider, unchanged, on this program's API. Its policy is `Terraform/main.tf`.
@Suite(.enabled(if: Terraform.isPresent, "needs terraform, and hashicorp/aws in SEKISHO_TERRAFORM_PLUGINS"))
struct TerraformTests {
    /// The client whose VPC Terraform's rule groups are associated with, and one of another VPC.
    private static let client = IPAddress(v4: 0x7F00_0001)
    private static let stranger = IPAddress(v4: 0x7F01_0001)
    private static let configuration = """
        admin: { listen: '127.0.0.1:0' }
        vpcs:
          - { id: vpc-0123456789abcdef0, cidrs: [127.0.0.0/16] }
          - { id: vpc-0123456789abcdef1, cidrs: [127.1.0.0/16] }
        """

    private static let policy = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Terraform/main.tf")

    /// What each revision of the policy makes of a question.
    private static let questions: [(name: String, type: RRType, revisions: [String])] = [
        ("n0.example", .a, ["NXDOMAIN", "NODATA"]),
        ("x.n0.example", .a, ["NXDOMAIN", "NODATA"]),
        ("n0.example", .mx, ["10 target.test.", "10 target.test."]),
        ("n1.example", .a, ["NODATA", "NODATA"]),
        ("n1.example", .mx, ["10 upstream.test.", "10 upstream.test."]),
        ("n2.example", .a, ["portal.example. 192.0.2.1", "portal.example. 192.0.2.1"]),
        ("n9.example", .aaaa, ["2001:db8::1", "2001:db8::1"]),
        ("n9.example", .a, ["NXDOMAIN", "NXDOMAIN"]),
        ("n3.r1.test", .a, ["NXDOMAIN", "NODATA"]),
        ("n3.r2.test", .a, ["NODATA", "NXDOMAIN"]),
        // `*.` is the last list.
        ("other.example", .a, ["NODATA", "NODATA"]),
    ]

    private static func upstream(_ name: String) throws -> ScriptedUpstream {
        let table = questions.map(\.name).flatMap { question in
            [
                ("\(question). MX", UpstreamBehaviour.answer(["@ 0 IN MX 10 \(name).test."])),
                ("\(question). AAAA", .answer(["@ 0 IN AAAA 2001:db8::1"])),
            ]
        }
        return try ScriptedUpstream(
            Dictionary(table) { first, _ in first }, otherwise: .answer(["@ 0 IN A 192.0.2.1"]))
    }

    /// The answers to all questions, in words.
    private static func answers(of server: Sekisho, to client: IPAddress) throws -> [String] {
        try questions.map { question in
            let query = QueryMessage(question.name, question.type)
            let reply = try #require(try exchange(query, with: server.endpoint, from: client))
            guard reply.rcode == .noError else { return reply.rcode == .nxDomain ? "NXDOMAIN" : "\(reply.rcode)" }
            return reply.data.isEmpty ? "NODATA" : reply.data.joined(separator: " ")
        }
    }

    @Test func `a policy is applied, found unchanged, updated and destroyed, and answers follow`() async throws {
        let target = try Self.upstream("target")
        let server = try Sekisho(Self.configuration, upstreams: [try Self.upstream("upstream")])
        let before = try Self.answers(of: server, to: Self.client)
        let terraform = try Terraform(try String(contentsOf: Self.policy, encoding: .utf8))
        var variables = [
            "api": "http://\(try #require(server.endpoints.last))", "vpc": "vpc-0123456789abcdef0",
            "target_port": "\(target.endpoint.port)",
        ]
        func expectSuccess(_ command: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws {
            let finished = try await terraform.run(command, command == ["init"] ? [:] : variables)
            #expect(finished.exit == .code(0), "\(finished.output)\(finished.errors)", sourceLocation: sourceLocation)
        }

        try await expectSuccess("init")
        for (index, revision) in ["1", "2"].enumerated() {
            variables["revision"] = revision
            try await expectSuccess("apply", "-auto-approve")
            let answers = try Self.answers(of: server, to: Self.client)
            #expect(answers == Self.questions.map { $0.revisions[index] })
            #expect(try Self.answers(of: server, to: Self.stranger) == before)
            try await expectSuccess("plan", "-detailed-exitcode")
        }
        try await expectSuccess("destroy", "-auto-approve")
        #expect(try terraform.resourceCount() == 0)
        #expect(try Self.answers(of: server, to: Self.client) == before)
        #expect(target.arrivals.contains { $0.question == "n0.example. MX" })
    }
}
