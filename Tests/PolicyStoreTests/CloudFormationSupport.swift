import Foundation
import PolicyStore
import SourceFiles
import Testing

let templateIdentity = AccountIdentity(region: "eu-west-1", accountID: "123456789012")

/// The policy of `text` as `stacks/fw.yaml`.
func policy(
    _ text: String, parameters: [String: String] = [:], domainFiles: DomainFiles = DomainFiles()
) throws(SourceError) -> TemplatePolicy {
    let policy = try TemplateLoader.load(
        text: text, file: "stacks/fw.yaml", parameters: parameters, domainFiles: domainFiles, identity: templateIdentity
    )
    LoadedTemplates.current?.insert(text)
    return policy
}

/// The findings of `text` as `fw.yaml`, one string each; none when it is accepted.
func templateFindings(
    _ text: String, parameters: [String: String] = [:], domainFiles: DomainFiles = DomainFiles()
) -> [String] {
    do throws(SourceError) {
        _ = try TemplateLoader.load(
            text: text, file: "fw.yaml", parameters: parameters, domainFiles: domainFiles, identity: templateIdentity)
        LoadedTemplates.current?.insert(text)
        return []
    } catch {
        return error.findings.map(\.description)
    }
}

/// The domains that the list `L` has when its `Domains` are `expression`, in a template with one of everything.
func domains(_ expression: String, parameters: [String: String] = [:]) throws(SourceError) -> [String] {
    let text =
        preamble + "  L: { Type: AWS::Route53Resolver::FirewallDomainList, Properties: { Domains: \(expression) } }\n"
    return try policy(text, parameters: parameters).domainLists.first?.entries.map(\.text) ?? []
}

/// The findings of the same, without their place.
func domainFindings(_ expression: String, parameters: [String: String] = [:]) -> [String] {
    do throws(SourceError) {
        _ = try domains(expression, parameters: parameters)
        return []
    } catch {
        return error.findings.map(\.message)
    }
}

/// What the expressions under test refer to.
private let preamble = """
    Parameters:
      Name: { Type: String, Default: corp }
      Names: { Type: CommaDelimitedList, Default: "a.example, b.example" }
    Mappings:
      ByRegion:
        eu-west-1: { Name: west, Names: [w1.example, w2.example] }
        us-east-1: { Name: east, Names: [e1.example] }
    Conditions:
      Yes1: !Equals [!Ref Name, corp]
      No1: !Not [!Condition Yes1]
    Resources:
      Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.1.0.0/16 } }
      Bucket: { Type: AWS::S3::Bucket }
      Custom: { Type: Custom::Thing, Properties: { ServiceToken: x } }
      Absent: { Type: AWS::EC2::VPC, Condition: No1, Properties: { CidrBlock: 10.2.0.0/16 } }
      Group: { Type: AWS::Route53Resolver::FirewallRuleGroup, Properties: { Name: g } }

    """

/// The files below `Templates/` and the published examples, by path.
enum TemplateFiles {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let examples = folder.appending(path: "../../deploy/examples").standardized

    static let good = files(in: folder.appending(path: "Templates")) + files(in: examples)

    private static func files(in folder: URL) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".json") }.sorted().map {
            folder.appending(path: $0)
        }
    }

    static func named(_ name: String) throws -> String {
        let url = try #require(good.first { $0.lastPathComponent == name })
        return try String(contentsOf: url, encoding: .utf8)
    }

    /// The lists that the templates name by URL.
    static let domainFiles = DomainFiles([
        DomainFiles.Mapping(urlPrefix: "s3://dns-lists/", directory: folder.appending(path: "Templates/lists").path)
    ])

    /// What the templates can't know.
    static let parameters = ["shared-vpc-id": "vpc-0a1b2c3d4e5f67890", "ManagedListId": "rslvr-fdl-2c46f2ecbfec4dcc"]
}
