import Foundation
import PolicyStore
import SourceFiles
import TestSupport
import Testing

@testable import PolicyStore

/// Whatever comes, there is a policy or there are findings, in a bounded time.
@Suite struct CloudFormationRobustnessTests {
    private func load(_ text: String) -> [String] {
        templateFindings(text, parameters: TemplateFiles.parameters, domainFiles: TemplateFiles.domainFiles)
    }

    private func expectFindings(_ text: String) {
        for finding in load(text) {
            #expect(finding.contains(":") && !finding.contains("\n"), "\(finding)")
        }
    }

    @Test(arguments: ["every-type.yaml", "intrinsics.yaml", "intrinsics.json"])
    func `a template that ends anywhere does no harm`(name: String) throws {
        let text = try TemplateFiles.named(name)
        for count in stride(from: 0, to: text.count, by: 11) { expectFindings(String(text.prefix(count))) }
    }

    @Test(arguments: ["every-type.yaml", "intrinsics.json"])
    func `a template with octets changed at random does no harm`(name: String) throws {
        let octets = Array(try TemplateFiles.named(name).utf8)
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            var changed = octets
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: changed.indices, using: &generator)
                changed[index] = UInt8.random(in: 0x20...0x7E, using: &generator)
            }
            expectFindings(String(decoding: changed, as: UTF8.self))
        }
    }

    @Test(arguments: ["every-type.yaml", "intrinsics.yaml"])
    func `a template whose lines are mixed up does no harm`(name: String) throws {
        let lines = try TemplateFiles.named(name).split(separator: "\n")
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<300 {
            var mixed = lines
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                mixed.swapAt(
                    Int.random(in: mixed.indices, using: &generator), Int.random(in: mixed.indices, using: &generator))
            }
            expectFindings(mixed.joined(separator: "\n"))
        }
    }

    @Test func `random octets do no harm`() {
        var generator = SeededGenerator(seed: 5)
        for count in 0..<500 { expectFindings(String(decoding: generator.octets(count), as: UTF8.self)) }
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000),
        "Resources: " + String(repeating: "{a: ", count: 200) + String(repeating: "}", count: 200),
        "Resources: { L: " + String(repeating: "{ Fn::If: [A, ", count: 90) + "x"
            + String(repeating: ", y] }", count: 90),
        String(repeating: "#", count: 1 << 20 + 1),
        "Resources:\n" + (0..<501).map { "  A\($0): { Type: AWS::S3::Bucket }\n" }.joined(),
        "A: &a x\nB: [" + Array(repeating: "*a", count: 30).joined(separator: ",") + "]",
    ])
    func `what is too large, too deep or too many is refused`(text: String) {
        #expect(!load(text).isEmpty)
    }

    private func domains(_ expression: String, count: Int = 1) -> String {
        let lists = (0..<count).map {
            "  L\($0): { Type: AWS::Route53Resolver::FirewallDomainList, Properties: { Domains: [\(expression)] } }\n"
        }
        return "Resources:\n" + lists.joined()
    }

    @Test func `substitutions that multiply are refused`() {
        let names = String(repeating: "${a}", count: 100)
        let nested = (0..<20).reduce("x") { inner, _ in "!Sub [\"\(names)\", { a: \(inner) }]" }
        let found = load(domains(nested))
        #expect(found.contains { $0.hasSuffix("the template's functions produce more than 16 MiB") }, "\(found)")
    }

    @Test func `lists that multiply are refused`() {
        let names = (0..<5000).map { "n\($0).example" }.joined(separator: ",")
        let text =
            "Mappings: { M: { a: { b: [\(names)] } } }\n"
            + domains(Array(repeating: "!Join [., !FindInMap [M, a, b]]", count: 2000).joined(separator: ", "))
        #expect(load(text).contains { $0.hasSuffix("the template's functions produce more than 16 MiB") })
    }

    @Test func `resources that ask each other twice are asked once`() {
        let chain = (0..<80).map {
            "  V\($0): { Type: AWS::EC2::VPC, Properties: { CidrBlock: "
                + "!Select [0, [!GetAtt V\($0 + 1).CidrBlock, !GetAtt V\($0 + 1).CidrBlock]] } }\n"
        }
        let text =
            "Resources:\n" + chain.joined() + "  V80: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }\n"
        #expect(!load(text).isEmpty)
    }

    @Test func `a long chain of conditions or resources ends`() {
        let conditions = (0..<5000).map { "  C\($0): !Not [!Condition C\($0 + 1)]\n" }.joined()
        let vpc = "Resources: { V: { Type: AWS::EC2::VPC, Condition: C0, Properties: { CidrBlock: 10.0.0.0/16 } } }"
        #expect(!load("Conditions:\n\(conditions)  C5000: !Equals [a, a]\n\(vpc)").isEmpty)
        let resources = (0..<499).map { "  A\($0): { Type: AWS::S3::Bucket, DependsOn: A\($0 + 1) }\n" }.joined()
        #expect(load("Resources:\n\(resources)  A499: { Type: AWS::S3::Bucket }\n") == [])
    }

    @Test func `a finding is one line of bounded length, whatever it repeats`() {
        let name = String(repeating: "x\\n", count: 5000)
        let found = load(
            "Resources: { L: { Type: AWS::Route53Resolver::FirewallRuleGroup, Properties: { Name: \"\(name)\" } } }")
        #expect(found.count == 1)
        #expect(found.allSatisfy { !$0.contains("\n") && $0.count < 700 })
        expectFindings("Resources: { L: { Type: \"A\\nB\" } }")
        expectFindings(domains("\"a\\nb\""))
    }

    @Test func `many unknown names beside many known ones are told quickly`() {
        let resources = (0..<500).map { index in
            let references = (0..<40).map { "!Ref \(String(repeating: "b", count: 90))\($0)" }.joined(separator: ", ")
            let name = String(repeating: "a", count: 90)
            return "  \(name)\(index): { Type: AWS::S3::Bucket, Properties: { X: [\(references)] } }\n"
        }
        #expect(load(String(("Resources:\n" + resources.joined()).prefix(1_000_000))).count >= 1)
    }

    @Test func `findings are bounded`() {
        let names = (0..<5000).map { "a..\($0)" }.joined(separator: ",")
        #expect(load(domains(names)).count == 1000)
    }
}

/// The schemas that come with cfn-lint are AWS's own.
@Suite struct CloudFormationSchemaTests {
    private struct Schema: Decodable {
        /// Of an object; a list has none.
        struct Properties: Decodable {
            var properties: [String: Ignored]?
            var required: [String]?

            var names: Set<String> { Set((properties ?? [:]).keys) }
        }
        struct Ignored: Decodable {}

        var properties: [String: Ignored]
        var required: [String]?
        var readOnlyProperties: [String]?
        var definitions: [String: Properties]?
    }

    /// By type.
    private static let schemas = Result {
        let types = ResourceKind.allCases.map(\.rawValue)
        let found = try PythonOracle.run(script: "cloudformation_schemas.py", types)
        return try JSONDecoder().decode([String: Schema].self, from: Data(found.output.utf8))
    }

    @Test(
        .enabled(if: PythonOracle.hasCFNLint, "needs cfn-lint as deploy/setup.sh test installs it"),
        arguments: ResourceKind.allCases)
    func `properties and attributes are those of AWS's schema`(kind: ResourceKind) throws {
        let theirs = try #require(CloudFormationSchemaTests.schemas.get()[kind.rawValue])
        let ours = kind.schema
        let readOnly = (theirs.readOnlyProperties ?? []).map { String($0.dropFirst("/properties/".count)) }
        #expect(Set(ours.properties).union(ours.attributes) == Set(theirs.properties.keys))
        #expect(Set(ours.attributes) == Set(readOnly.filter { !$0.contains("/") }))
        // The schema says nothing, the API wants them.
        let stricter: Set<String> =
            switch kind {
            case .queryLogConfig: ["DestinationArn"]
            case .queryLogAssociation: ["ResolverQueryLogConfigId", "ResourceId"]
            default: []
            }
        #expect(Set(ours.required).subtracting(stricter) == Set(theirs.required ?? []))
    }

    @Test(.enabled(if: PythonOracle.hasCFNLint, "needs cfn-lint as deploy/setup.sh test installs it"))
    func `rules and targets have the properties of AWS's schema`() throws {
        let group = try #require(CloudFormationSchemaTests.schemas.get()[ResourceKind.ruleGroup.rawValue]?.definitions)
        let rule = try #require(group["FirewallRule"])
        #expect(
            Set(ResourceKind.firewallRule.properties + ResourceKind.firewallRule.attributes)
                == rule.names)
        #expect(Set(ResourceKind.firewallRule.required) == Set(rule.required ?? []))
        let resolver = try #require(
            CloudFormationSchemaTests.schemas.get()[ResourceKind.resolverRule.rawValue]?.definitions)
        #expect(
            Set(ResourceKind.targetAddress.properties)
                == resolver["TargetAddress"]?.names)
    }
}
