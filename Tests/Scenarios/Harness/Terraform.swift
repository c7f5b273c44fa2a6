import Foundation

/// Terraform with the hashicorp/aws provider from a directory on this machine, working in a directory of its own.
final class Terraform {
    /// A directory that holds the provider: what `SEKISHO_TERRAFORM_PLUGINS` names, else one of those that Terraform
    /// itself looks into, else /opt/tf-plugins.
    static let plugins: String? = {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"] ?? "/"
        let data = environment["XDG_DATA_HOME"] ?? "\(home)/.local/share"
        let usual = ["\(home)/.terraform.d", "\(data)/terraform", "/usr/local/share/terraform", "/usr/share/terraform"]
        let candidates =
            environment["SEKISHO_TERRAFORM_PLUGINS"].map { [$0] } ?? usual.map { "\($0)/plugins" } + ["/opt/tf-plugins"]
        return candidates.first {
            FileManager.default.fileExists(atPath: "\($0)/registry.terraform.io/hashicorp/aws")
        }
    }()

    /// Whether Terraform is in the path and the provider on the disk.
    static let isPresent: Bool = {
        guard plugins != nil, let directory = try? TemporaryDirectory() else { return false }
        return (try? Finished(running: "terraform", ["version"], in: directory))?.exit == .code(0)
    }()

    private let directory: TemporaryDirectory
    private let environment: [String]

    /// - Parameter configuration: the text of `main.tf`.
    init(_ configuration: String) throws {
        directory = try TemporaryDirectory()
        try directory.write(configuration, to: "main.tf")
        let mirror =
            "provider_installation {\n  filesystem_mirror {\n    path = \"\(Terraform.plugins ?? "")\"\n  }\n}\n"
        environment = [
            "TF_CLI_CONFIG_FILE=\(try directory.write(mirror, to: "terraformrc"))", "CHECKPOINT_DISABLE=1", "TF_LOG=",
            "AWS_EC2_METADATA_DISABLED=true",
        ]
    }

    /// Runs a command to its end; a plan's code is 2 when it has changes. Keeps no thread waiting.
    /// - Parameter variables: input variables by name.
    func run(_ command: [String], _ variables: [String: String] = [:]) async throws -> Finished {
        let variables = variables.map { "TF_VAR_\($0)=\($1)" }
        let words = environment + variables + ["terraform"] + command + ["-input=false", "-no-color"]
        let process = try ChildProcess("env", words, in: directory)
        let end = ContinuousClock.now + .seconds(240)
        while process.poll() == nil, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(20)) }
        // Asked to end, it ends the provider too.
        process.stop(grace: .seconds(10))
        return Finished(process)
    }

    /// How many resources the state has.
    func resourceCount() throws -> Int {
        struct State: Decodable {
            struct Resource: Decodable {}
            var resources: [Resource]
        }
        return try JSONDecoder().decode(State.self, from: Data(directory.read("terraform.tfstate").utf8)).resources
            .count
    }
}
