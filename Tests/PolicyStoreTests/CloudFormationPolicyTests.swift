import DNSWire
import DomainTrie
import FirewallPolicy
import Foundation
import PolicyStore
import SourceFiles
import Testing

@Suite(.acceptedByCFNLint) struct CloudFormationPolicyTests {
    private func load(_ name: String, as file: String = "every-type.yaml") throws -> TemplatePolicy {
        try TemplateLoader.load(
            text: TemplateFiles.named(name), file: file, parameters: TemplateFiles.parameters,
            domainFiles: TemplateFiles.domainFiles, identity: templateIdentity)
    }

    @Test func `a domain list has its entries with the place of each, from the template and from its file`() throws {
        let lists = try load("every-type.yaml").domainLists
        #expect(lists.map(\.name) == ["O'Neill's list_1", "every-type-Threats"])
        #expect(lists[0].entries.map(\.text).count == 6)
        #expect(lists[0].entries[1].place.description == "every-type.yaml:20:30")
        #expect(
            try lists[0].entries.map { try $0.specification().scope } == [
                .exact, .below, .below, .textSuffix, .exact, .exact,
            ])
        let file = try #require(lists[1].domainFile)
        #expect(file.url == "s3://dns-lists/threats.txt")
        #expect(lists[1].entries.map(\.text) == ["malware.example", "*.malware.example", "Phishing.Example."])
        #expect(lists[1].entries.map(\.place.description) == [1, 2, 4].map { "\(file.path):\($0):1" })
    }

    @Test func `rules have their action, type and redirection, and a name from action and list`() throws {
        let policy = try load("every-type.yaml")
        let rules = try #require(policy.ruleGroups.first).rules
        let lists = policy.domainLists.map(\.resource.id)
        #expect(rules.map(\.rule.priority) == [30, 10, 20, 40, 50])
        #expect(
            rules.map(\.rule.domainListID) == [lists[0], lists[1], "rslvr-fdl-2c46f2ecbfec4dcc", lists[0], lists[0]])
        #expect(rules.map(\.rule.qtype) == [.mx, nil, .https, .a, nil])
        #expect(rules.map(\.rule.redirection) == [.trust, .inspect, .inspect, .inspect, .inspect])
        #expect(
            rules.map(\.rule.action) == [
                .allow, .block(.noData), .block(.nxDomain),
                .block(.override(domain: try DomainName("sinkhole.example"), ttlSeconds: 3600)), .alert,
            ])
        #expect(
            rules.map(\.rule.name) == [
                "allow Domains MX", "block Threats", "block rslvr-fdl-2c46f2ecbfec4dcc TYPE65", "block Domains A",
                "alert Domains",
            ])
    }

    @Test func `associations, query logs, forwarding rules and resolver configs join what the template joins`() throws {
        let policy = try load("every-type.yaml")
        let vpc = try #require(policy.vpcs.first)
        let group = try #require(policy.ruleGroups.first)
        #expect(vpc.vpc.cidrs.map(\.description) == ["10.20.0.0/16"] && !vpc.vpc.failOpen)
        #expect(policy.associations.map(\.vpc.value) == [vpc.vpc.id, "vpc-0a1b2c3d4e5f67890"])
        #expect(policy.associations.map(\.group.value) == [group.resource.id, group.resource.id])
        #expect(policy.associations.map(\.priority) == [200, 201])
        #expect(policy.associations.map(\.isMutationProtected) == [true, false])
        #expect(policy.queryLogConfigs.first?.destinationARN.hasPrefix("arn:aws:s3:::every-type-bucket-") == true)
        #expect(policy.queryLogAssociations.map(\.config.value) == policy.queryLogConfigs.map(\.resource.id))
        #expect(policy.resolverRules.map(\.kind) == [.forward, .system])
        #expect(policy.resolverRules[0].targets.map(\.description) == ["10.0.0.53:53", "[2001:db8::53]:5353"])
        #expect(policy.resolverRuleAssociations.map(\.rule.value) == [policy.resolverRules[0].resource.id])
        #expect(policy.resolverConfigs.map(\.vpc.value) == [vpc.vpc.id])
        #expect(policy.notes.map(\.description) == ["every-type.yaml:74:3: ignored: AWS::S3::Bucket Bucket"])
        #expect(policy.unusedParameters == [] && policy.warnings == [])
    }

    @Test func `the policy compiles as the firewall has it`() throws {
        let policy = try load("every-type.yaml")
        #expect(policy.firewallRuleGroups.map(\.rules.count) == [5])
        #expect(policy.firewallAssociations.map(\.priority) == [200, 201])
    }

    @Test func `what no template has is told at the place of the reference, unless the caller has it`() throws {
        let policy = try load("every-type.yaml")
        #expect(
            policy.unresolvedReferences().map(\.description) == [
                "every-type.yaml:43:33: Rules.FirewallRules[2].FirewallDomainListId: "
                    + "there is no domain list rslvr-fdl-2c46f2ecbfec4dcc",
                "every-type.yaml:72:14: SharedAssociation.VpcId: there is no VPC vpc-0a1b2c3d4e5f67890",
            ])
        let others = policy.unresolvedReferences(
            domainLists: ["rslvr-fdl-2c46f2ecbfec4dcc"], vpcs: ["vpc-0a1b2c3d4e5f67890"])
        #expect(others == [])
    }

    @Test func `ids and ARNs are the same at every load, and others for another file name`() throws {
        let (first, second) = (try load("every-type.yaml"), try load("every-type.yaml"))
        let other = try load("every-type.yaml", as: "elsewhere/every-type-2.yaml")
        #expect(first == second)
        #expect(first.ruleGroups[0].resource.id != other.ruleGroups[0].resource.id)
        let list = first.domainLists[0].resource
        #expect(list.id.wholeMatch(of: /rslvr-fdl-[0-9a-f]{16}/) != nil)
        #expect(list.arn == "arn:aws:route53resolver:eu-west-1:123456789012:firewall-domain-list/\(list.id)")
        #expect(first.vpcs[0].vpc.id.wholeMatch(of: /vpc-[0-9a-f]{17}/) != nil)
        #expect(first.resolverRules[0].resource.id.wholeMatch(of: /rslvr-rr-[0-9a-f]{17}/) != nil)
    }

    @Test func `the published example loads without a warning, and blocks more in production`() throws {
        let text = try TemplateFiles.named("firewall.yaml")
        let test = try policy(text)
        let production = try policy(text, parameters: ["Environment": "production"])
        #expect(test.warnings == [])
        #expect(test.ruleGroups[0].rules[3].rule.action == .alert)
        #expect(production.ruleGroups[0].rules[3].rule.action == .block(.noData))
        #expect(test.notes.map(\.message) == ["ignored: AWS::Logs::LogGroup QueryLogGroup"])
        #expect(test.unresolvedReferences() == [])
        #expect(
            test.queryLogConfigs[0].destinationARN.hasPrefix(
                "arn:aws:logs:eu-west-1:123456789012:log-group:fw-QueryLogGroup-"))
    }
}

@Suite(.acceptedByCFNLint) struct CloudFormationFormsTests {
    /// Everything but places.
    private func summary(_ policy: TemplatePolicy) -> [String] {
        policy.domainLists.map { "\($0.resource.id) \($0.name) \($0.entries.map(\.text)) \($0.resource.tags)" }
            + policy.firewallRuleGroups.flatMap { group in
                group.rules.map {
                    "\(group.id) \(group.name) \($0.name) \($0.priority) \($0.action.name) \($0.domainListID)"
                }
            }
            + policy.associations.map { "\($0.name) \($0.group.value) \($0.vpc.value) \($0.priority)" }
            + policy.vpcs.map { "\($0.vpc)" } + policy.notes.map(\.message)
    }

    @Test(arguments: ["test", "production"])
    func `a template says the same in JSON and in YAML`(environment: String) throws {
        let parameters = ["Environment": environment]
        let yaml = try policy(TemplateFiles.named("intrinsics.yaml"), parameters: parameters)
        let json = try policy(TemplateFiles.named("intrinsics.json"), parameters: parameters)
        #expect(summary(yaml) == summary(json))
        #expect(!summary(yaml).isEmpty)
    }

    @Test func `JSON may be on one line, indented with tabs, and escaped`() throws {
        let text = try TemplateFiles.named("intrinsics.json")
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let line = try JSONSerialization.data(withJSONObject: object, options: [])  // writes `\/` for `/`
        let expected = try Set(summary(policy(text)))
        #expect(try Set(summary(policy(String(decoding: line, as: UTF8.self)))) == expected)
        let tabs = text.split(separator: "\n").map { line in
            String(repeating: "\t", count: line.prefix { $0 == " " }.count / 2) + line.drop { $0 == " " }
        }
        #expect(try Set(summary(policy(tabs.joined(separator: "\n")))) == expected)
    }

    @Test func `findings in JSON have their place too`() {
        let json =
            "{\"Resources\":{\"L\":{\"Type\":\"AWS::Route53Resolver::FirewallDomainList\",\n"
            + "\"Properties\":{\"Domain\":[]}}}}"
        #expect(templateFindings(json) == ["fw.yaml:2:15: L: unknown property \"Domain\"; did you mean \"Domains\"?"])
    }

    @Test func `several templates make one policy`() throws {
        let loader = TemplateLoader(parameters: ["Unused": "x"], identity: templateIdentity)
        let policy = try loader.load([
            TemplateSource(
                text: "Resources: { A: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } } }",
                file: "a.yaml"),
            TemplateSource(
                text: "Resources: { A: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.1.0.0/16 } } }",
                file: "b.json"),
        ])
        #expect(Set(policy.vpcs.map(\.vpc.id)).count == 2)
        #expect(policy.unusedParameters == ["Unused"])
    }

    @Test func `several templates must not clash`() {
        let vpc = "Resources: { A: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } } }"
        let loader = TemplateLoader(identity: templateIdentity)
        let sources = ["x/a.yaml", "y/a.json", "b.yaml"].map { TemplateSource(text: vpc, file: $0) }
        let error = #expect(throws: SourceError.self) { try loader.load(sources) }
        let first = "A (x/a.yaml:1:14)"
        #expect(
            error?.findings.map(\.description) == [
                "b.yaml:1:14: A: has the addresses of \(first), so nobody could tell their clients apart",
                "y/a.json: is the stack \"a\", as x/a.yaml is; rename one of the files",
                "y/a.json:1:14: A: has the id of \(first)",
                "y/a.json:1:14: A: has the addresses of \(first), so nobody could tell their clients apart",
            ])
    }

    @Test func `a stack's name is the file's, in the letters that AWS allows`() {
        #expect(TemplateSource(text: "", file: "/a/my_fire.wall.yaml").stackName == "my-fire-wall")
        #expect(TemplateSource(text: "", file: "fw").stackName == "fw")
    }
}

@Suite struct CloudFormationFileTests {
    @Test(arguments: TemplateFiles.good.map(\.lastPathComponent))
    func `every template file loads without a warning`(name: String) throws {
        let policy = try TemplateLoader.load(
            text: TemplateFiles.named(name), file: name, parameters: TemplateFiles.parameters,
            domainFiles: TemplateFiles.domainFiles, identity: templateIdentity)
        #expect(!policy.ruleGroups.isEmpty && policy.warnings == [])
    }
}
