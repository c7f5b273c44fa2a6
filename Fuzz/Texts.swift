import PolicyStore
import ServerConfiguration
import SourceFiles

extension Fuzzer {
    /// A CloudFormation template, YAML or JSON.
    static let template = Fuzzer(name: "template", kind: "template") { octets in
        let identity = AccountIdentity(region: "eu-west-1", accountID: "123456789012")
        let parameters = ["shared-vpc-id": "vpc-0a1b2c3d4e5f67890", "ManagedListId": "rslvr-fdl-2c46f2ecbfec4dcc"]
        do throws(SourceError) {
            let text = String(decoding: octets, as: UTF8.self)
            _ = try TemplateLoader.load(text: text, file: "t.yaml", parameters: parameters, identity: identity)
        } catch {
            check(error)
        }
    }

    /// `sekisho.yaml`.
    static let configuration = Fuzzer(name: "configuration", kind: "configuration") { octets in
        let host = HostEnvironment(cpus: 2, resolvConf: "nameserver 192.0.2.53\n", currentDirectory: "/nowhere")
        do throws(SourceError) {
            let text = String(decoding: octets, as: UTF8.self)
            _ = try ServerConfiguration.parse(text, file: "s.yaml", environment: host)
        } catch {
            check(error)
        }
    }

    /// Something is said, each thing on one line.
    private static func check(_ error: SourceError) {
        precondition(!error.findings.isEmpty)
        for finding in error.findings {
            precondition(!finding.description.contains { $0.isNewline } && finding.description.utf8.count < 2000)
        }
    }
}
