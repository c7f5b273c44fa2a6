import Foundation
import TestSupport
import Testing

/// What `deploy` has for containers, clusters and VPCs, held against those who read it.
@Suite struct DeploymentFileTests {
    private static func version(of words: String...) -> String {
        let finished = try? Finished(running: words[0], Array(words.dropFirst()), in: TemporaryDirectory())
        return finished?.output ?? ""
    }
    private static let hasCompose = version(of: "docker-compose", "version").contains("docker-compose")
    /// An older one does not say its version, and does not know folders as resources.
    private static let hasKustomize = version(of: "kubectl", "version", "--client").contains("Kustomize Version")
    private static let hasSchemas = (try? PythonOracle.run(code: "import kubernetes_validate").status) == 0

    @Test(.enabled(if: hasCompose, "needs the Debian package docker-compose"))
    func `Docker Compose takes the compose file`() throws {
        let file = TestFiles.path("deploy/container/compose/compose.yaml")
        let finished = try Finished(
            running: "docker-compose", ["-f", file, "config", "--quiet"], in: TemporaryDirectory(),
            timeout: .seconds(60))
        #expect(finished.exit == .code(0), "\(finished.errors)")
    }

    @Test(
        .enabled(if: hasKustomize, "needs kubectl 1.24 or newer, which Debian 12 has not"),
        .enabled(if: hasSchemas, "needs kubernetes-validate: deploy/setup.sh test"),
        arguments: ["policy", "daemonset", "application", "sidecar"])
    func `Kustomize puts the manifests together, Kubernetes' schemas have nothing against them, and pods are confined`(
        folder: String
    ) throws {
        let rendered = try Finished(
            running: "kubectl", ["kustomize", TestFiles.path("deploy/kubernetes/\(folder)")], in: TemporaryDirectory())
        #expect(rendered.exit == .code(0) && rendered.output.contains("kind: "), "\(rendered.errors)")
        let result = try PythonOracle.run(script: "kubernetes_lint.py", input: Data(rendered.output.utf8))
        #expect(result.status == 0, "\(result.output)")
    }

    /// Each configuration with the template beside it.
    @Test(arguments: [
        ("container/sekisho.yaml", nil), ("container/compose/sekisho.yaml", "container/compose/firewall.yaml"),
        ("kubernetes/daemonset/sekisho.yaml", "kubernetes/policy/firewall.yaml"),
        ("kubernetes/sidecar/sekisho.yaml", "kubernetes/policy/firewall.yaml"),
    ])
    func `check finds nothing in the configurations`(configuration: String, template: String?) throws {
        try check(
            try TestFiles.text(of: "deploy/\(configuration)"),
            try template.map { try TestFiles.text(of: "deploy/\($0)") })
    }

    @Test func `check finds nothing in the configuration that instances are given`() throws {
        let template = try TestFiles.text(of: "deploy/aws/resolvers.yaml")
        let indented = try #require(
            template.firstMatch(of: /path: \/etc\/sekisho\/sekisho\.yaml\n +content: \|\n((?: {20}.*\n)+)/)
        ).1
        var text = indented.split(separator: "\n").map { $0.dropFirst(20) }.joined(separator: "\n")
        let values = [
            "VpcCidr": "10.0.0.0/16", "VpcId": "vpc-0a1b2c3d", "AWS::Region": "eu-central-1",
            "AWS::AccountId": "123456789012",
            "Policy": "policy: { templates: [firewall.yaml], parameters: { VpcId: vpc-0a1b2c3d } }",
        ]
        for (name, value) in values { text = text.replacing("${\(name)}", with: value) }
        #expect(!text.contains("${"))
        try check(text, try TestFiles.text(of: "deploy/aws/firewall.yaml"))
    }

    private func check(_ configuration: String, _ template: String?) throws {
        var files = ["sekisho.yaml": configuration]
        files["firewall.yaml"] = template
        let finished = try Sekisho.run(["check", "-c", "sekisho.yaml", "--upstream", "192.0.2.1"], files: files)
        #expect(finished.exit == .code(0), "\(finished.output)\(finished.errors)")
    }

    @Test(.enabled(if: PythonOracle.hasMoto, "needs what deploy/setup.sh test installs"))
    func `the commands of the guide for VPCs that need an AWS account do with moto what it says`() async throws {
        let words = [TestFiles.path("Docs/Guides/AWS-VPC.md"), TestFiles.path(".")]
        let result = try await PythonOracle.runAside(script: "aws_guide.py", words)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test(.enabled(if: PythonOracle.isNew && PythonOracle.hasCFNLint, "needs what deploy/setup.sh test installs"))
    func `cfn-lint has nothing against the resolvers of a VPC`() throws {
        let result = try PythonOracle.lint(templates: [TestFiles.path("deploy/aws/resolvers.yaml")])
        #expect(result.status == 0, "\(result.output)")
    }
}
