import DNSWire
import FirewallPolicy
import Foundation
import PolicyLint
import PolicyStore
import ServerConfiguration

/// Policies for lint, made of texts.
enum Linted {
    static func configuration(_ text: String = "", file: String = "sekisho.yaml") throws -> ServerConfiguration {
        let environment = HostEnvironment(
            cpus: 1, resolvConf: "nameserver 192.0.2.53\n",
            currentDirectory: FileManager.default.temporaryDirectory.path)
        return try ServerConfiguration.parse(text, file: file, environment: environment)
    }

    /// A template in force, without lists.
    static func load(template: String) throws -> PolicyLoader.Loaded {
        let identity = AccountIdentity(region: "eu-west-1", accountID: "123456789012")
        let templates = try TemplateLoader.load(text: template, file: "fw.yaml", identity: identity)
        let plain = PlainPolicy(allow: [], block: [], alert: [], blockResponse: .nxDomain, vpcs: [])
        return try PolicyLoader.load(plain, templates: templates)
    }

    static func findings(
        template: String, resolving resolve: PolicyLinter.Resolve? = nil
    ) throws -> [LintFinding] {
        // Any list keeps the starter lists away.
        let linter = PolicyLinter(try configuration("block: [absent.txt]\n"), try load(template: template))
        return linter.findings(resolving: resolve)
    }
}
