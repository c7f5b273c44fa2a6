import FirewallPolicy
import Foundation
import PolicyStore
import SourceFiles
import Testing

/// A mistake that somebody really makes: a whole template, and all that is said about it.
struct TemplateMistake: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var text: String
    var findings: [String]

    /// - Parameter body: what stands below `Resources:`, from the second line on.
    init(_ description: String, _ body: String, _ findings: String...) {
        testDescription = description
        text = "Resources:\n" + body.split(separator: "\n").map { "  \($0)\n" }.joined()
        self.findings = findings.map { "fw.yaml:\($0)" }
    }

    /// One rule of a group, in line 6, and further properties of it from column 15 on.
    init(rule: String, _ findings: String...) {
        testDescription = rule
        text = """
            Resources:
              G:
                Type: AWS::Route53Resolver::FirewallRuleGroup
                Properties:
                  FirewallRules:
                    - { \(rule) }
            """
        self.findings = findings.map { "fw.yaml:6:\($0)" }
    }
}

private let list = "FirewallDomainListId: rslvr-fdl-1"
private let association = "Type: AWS::Route53Resolver::FirewallRuleGroupAssociation"
private let resolverRule = "Type: AWS::Route53Resolver::ResolverRule"
private let domainList = "Type: AWS::Route53Resolver::FirewallDomainList"

@Suite struct CloudFormationFindingTests {
    static let mistakes: [TemplateMistake] = [
        TemplateMistake(
            "a misspelt property",
            """
            L:
              Type: AWS::Route53Resolver::FirewallDomainList
              Properties:
                Domain:
                  - example.com
            """, "5:7: L: unknown property \"Domain\"; did you mean \"Domains\"?"),
        TemplateMistake(
            "a misspelt type",
            """
            A:
              Type: AWS::Route53Resolver::FirewallRuleGroupAsociation
              Properties: { Priority: 101 }
            """,
            "3:11: A: CloudFormation has no type AWS::Route53Resolver::FirewallRuleGroupAsociation; "
                + "did you mean \"AWS::Route53Resolver::FirewallRuleGroupAssociation\"?"),
        TemplateMistake(
            "a type that CloudFormation does not have",
            """
            C:
              Type: AWS::Route53Resolver::FirewallConfig
            """,
            "3:11: C: CloudFormation has no type AWS::Route53Resolver::FirewallConfig; "
                + "did you mean \"AWS::Route53Resolver::FirewallDomainList\"?"),
        TemplateMistake(
            "a name with a dot",
            """
            L:
              Type: AWS::Route53Resolver::FirewallDomainList
              Properties:
                Name: my.list
                Domains: [a.example]
            """,
            "5:13: L.Name: \"my.list\" is not 1 to 64 letters, digits, hyphens, underscores, apostrophes and blanks, "
                + "not digits only"),
        TemplateMistake(
            "domains that are none",
            """
            L:
              Type: AWS::Route53Resolver::FirewallDomainList
              Properties:
                Domains:
                  - https://a.example/
                  - a.*.example
                  - a..example
                  - bücher.example
            """, "6:11: L.Domains[0]: \"https://a.example/\": the character \":\" is not allowed in a domain",
            "7:11: L.Domains[1]: \"a.*.example\": a star may stand only at the start",
            "8:11: L.Domains[2]: \"a..example\": a label between two dots is empty",
            "9:11: L.Domains[3]: \"bücher.example\": the character \"ü\" is not allowed in a domain"),
        TemplateMistake(
            "a domain that is given twice",
            """
            L:
              Type: AWS::Route53Resolver::FirewallDomainList
              Properties: { Domains: [a.example, b.example, a.example] }
            """, "4:51: L.Domains[2]: \"a.example\" is given twice"),
        TemplateMistake(
            "a star without quotation marks",
            """
            L:
              Type: AWS::Route53Resolver::FirewallDomainList
              Properties:
                Domains:
                  - *.example.com
            """,
            "6:12: not YAML: while scanning an alias at 6:11, did not find expected alphabetic or numeric character"),
        TemplateMistake(
            "an association that lacks its VPC, and has AWS's own priority",
            """
            A:
              Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
              Properties:
                FirewallRuleGroupId: rslvr-frg-1
                Priority: 100
            """, "2:3: A: VpcId is missing", "6:17: A.Priority: \"100\" is not a whole number from 101 to 9899"),
        TemplateMistake(
            "the wrong resource in a reference",
            """
            L: { Type: AWS::Route53Resolver::FirewallDomainList, Properties: { Domains: [a.example] } }
            V: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }
            A: { \(association), Properties: { FirewallRuleGroupId: !Ref V, VpcId: !Ref V, Priority: 101 } }
            """,
            "4:101: A.FirewallRuleGroupId: \"VPCID\" is not an id that begins with rslvr-frg-"),
        TemplateMistake(
            "a group twice in a VPC, and a priority twice",
            """
            G: { Type: AWS::Route53Resolver::FirewallRuleGroup }
            H: { Type: AWS::Route53Resolver::FirewallRuleGroup }
            A: { \(association), Properties: { FirewallRuleGroupId: !Ref G, VpcId: vpc-12345678, Priority: 101 } }
            B: { \(association), Properties: { FirewallRuleGroupId: !Ref G, VpcId: vpc-12345678, Priority: 102 } }
            C: { \(association), Properties: { FirewallRuleGroupId: !Ref H, VpcId: vpc-12345678, Priority: 102 } }
            """, "5:3: B: associates the rule group that A (fw.yaml:4:3) does with the same VPC",
            "6:3: C: has the priority that B (fw.yaml:5:3) has in the same VPC"),
        TemplateMistake(
            "more groups than a VPC may have",
            (1...6).map {
                "A\($0): { Type: AWS::Route53Resolver::FirewallRuleGroupAssociation, Properties: "
                    + "{ FirewallRuleGroupId: rslvr-frg-\($0), VpcId: vpc-12345678, Priority: 20\($0) } }"
            }.joined(separator: "\n"), "7:3: A6: is one of 6 in vpc-12345678; the quota is 5 rule groups in a VPC"),
        TemplateMistake(
            "a circle of resources",
            """
            A: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.1.0.0/16, InstanceTenancy: !GetAtt B.CidrBlock } }
            B: { Type: AWS::EC2::VPC, DependsOn: C, Properties: { CidrBlock: 10.0.0.0/16 } }
            C: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref A } }
            """, "4:57: C: resources depend on each other in a circle: A → B → C → A"),
        TemplateMistake(
            "what AWS sets, set by hand",
            """
            G:
              Type: AWS::Route53Resolver::FirewallRuleGroup
              Properties: { Id: rslvr-frg-1 }
            """, "4:19: G: Id is set by AWS; remove it"),
        TemplateMistake(
            "tags that AWS refuses",
            """
            G:
              Type: AWS::Route53Resolver::FirewallRuleGroup
              Properties:
                Tags:
                  - { Key: "aws:x", Value: a }
                  - { Key: k, Value: a }
                  - { Key: k, Value: b }
                  - { Key: l }
                Name: g
            """, "6:18: G.Tags[0].Key: keys that begin with aws: are AWS's own",
            "8:18: G.Tags[2].Key: \"k\" is given twice",
            "9:11: G.Tags[3]: Value is missing"),
        TemplateMistake(
            "query logging to nowhere",
            """
            Q: { Type: AWS::Route53Resolver::ResolverQueryLoggingConfig, Properties: { Name: q } }
            R: { Type: AWS::Route53Resolver::ResolverQueryLoggingConfig, Properties: { DestinationArn: my-bucket } }
            """, "2:3: Q: DestinationArn is missing",
            "3:94: R.DestinationArn: \"my-bucket\" is not "
                + "the ARN of an S3 bucket, a CloudWatch log group or a Firehose stream"
        ),
        TemplateMistake(
            "forwarding without a target, to one that is none, and with one that is not needed",
            """
            A: { \(resolverRule), Properties: { RuleType: FORWARD, DomainName: a.example } }
            B: { \(resolverRule), Properties: { RuleType: SYSTEM, DomainName: b.x, TargetIps: [{ Ip: 10.0.0.300 }] } }
            C: { \(resolverRule), Properties: { RuleType: RECURSIVE, DomainName: "*.c.example" } }
            """, "2:3: A: a FORWARD rule needs TargetIps", "2:3: A: a FORWARD rule needs ResolverEndpointId",
            "3:110: B.TargetIps: belongs to FORWARD", "3:117: B.TargetIps[0].Ip: \"10.0.0.300\" is not an IPv4 address",
            "4:74: C.RuleType: AWS alone makes RECURSIVE rules",
            "4:97: C.DomainName: \"*.c.example\" is not a domain name"),
        TemplateMistake(
            "VPCs whose clients nobody can know",
            """
            A: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/8 } }
            B: { Type: AWS::EC2::VPC, Properties: { Ipv4IpamPoolId: p, Ipv4NetmaskLength: 16 } }
            C: { Type: AWS::EC2::VPC }
            D: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.1.0.0/16 } }
            E: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.1.0.0/16 } }
            """, "2:54: A.CidrBlock: \"10.0.0.0/8\" is not an IPv4 block from /16 to /28",
            "3:59: B.Ipv4IpamPoolId: AWS chooses the addresses; write a CidrBlock to say who is in this VPC",
            "4:3: C: a VPC has either CidrBlock or Ipv4IpamPoolId",
            "6:3: E: has the addresses of D (fw.yaml:5:3), so nobody could tell their clients apart"),
        TemplateMistake(
            rule: "Action: BLOCK, Priority: 1, \(list)",
            "21: G.FirewallRules[0].Action: BLOCK needs a BlockResponse: NODATA, NXDOMAIN or OVERRIDE"),
        TemplateMistake(
            rule: "Action: ALLOW, BlockResponse: NODATA, Priority: 1, \(list)",
            "43: G.FirewallRules[0].BlockResponse: belongs to BLOCK; the action is ALLOW"),
        TemplateMistake(
            rule: "Action: DENY, Priority: 0, \(list)",
            "21: G.FirewallRules[0].Action: \"DENY\" is not ALLOW or BLOCK or ALERT",
            "37: G.FirewallRules[0].Priority: \"0\" is not a whole number from 1 to 2147483647"),
        TemplateMistake(
            rule: "Action: BLOCK, BlockResponse: OVERRIDE, BlockOverrideTtl: 604801, Priority: 1, \(list)",
            "43: G.FirewallRules[0].BlockResponse: OVERRIDE needs BlockOverrideDomain",
            "43: G.FirewallRules[0].BlockResponse: OVERRIDE needs BlockOverrideDnsType",
            "71: G.FirewallRules[0].BlockOverrideTtl: \"604801\" is not a whole number from 0 to 604800"),
        TemplateMistake(
            rule: "Action: BLOCK, BlockResponse: NODATA, BlockOverrideTtl: 1, Priority: 1, \(list)",
            "69: G.FirewallRules[0].BlockOverrideTtl: belongs to the BlockResponse OVERRIDE"),
        TemplateMistake(
            rule: "Action: ALERT, Qtype: HTTPS, Priority: 1, \(list)",
            "35: G.FirewallRules[0].Qtype: \"HTTPS\" is not "
                + "A, AAAA, CAA, CNAME, DS, MX, NAPTR, NS, PTR, SOA, SPF, SRV, TXT or TYPE1 to TYPE65534"),
        TemplateMistake(
            rule: "Action: ALERT, Priority: 1",
            "11: G.FirewallRules[0]: a rule has one of FirewallDomainListId, DnsThreatProtection and FirewallRuleType"),
        TemplateMistake(
            rule: "Action: ALLOW, Priority: 1, DnsThreatProtection: DGB, Qtype: A",
            "21: G.FirewallRules[0].Action: a threat can't be allowed; BLOCK or ALERT it",
            "62: G.FirewallRules[0].DnsThreatProtection: \"DGB\" is not DGA or DNS_TUNNELING or DICTIONARY_DGA",
            "62: G.FirewallRules[0].DnsThreatProtection: needs a ConfidenceThreshold",
            "74: G.FirewallRules[0].Qtype: belongs to rules with a domain list"),
        TemplateMistake(
            rule:
                "Action: ALERT, Priority: 1, FirewallRuleType: { FirewallAdvancedThreatCategory: { Category: SPAM } }",
            "59: G.FirewallRules[0].FirewallRuleType: is not enforced by this version; remove the rule"),
        TemplateMistake(
            rule: "Action: ALERT, Priority: 1, FirewallThreatProtectionId: rslvr-ftp-1, \(list)",
            "41: G.FirewallRules[0]: FirewallThreatProtectionId is set by AWS; remove it"),
        TemplateMistake(
            "a priority twice, and a list twice for the same type",
            """
            G:
              Type: AWS::Route53Resolver::FirewallRuleGroup
              Properties:
                FirewallRules:
                  - { Action: ALERT, Priority: 7, Qtype: AAAA, \(list) }
                  - { Action: ALERT, Priority: 7, Qtype: TYPE28, \(list) }
            """, "7:38: G.FirewallRules[1].Priority: 7 is the priority of G.FirewallRules[0] too",
            "7:78: G.FirewallRules[1].FirewallDomainListId: G.FirewallRules[0] has the same list and Qtype"),
    ]

    @Test(arguments: mistakes)
    func `a mistake is told with its exact place, resource and property`(mistake: TemplateMistake) {
        let found = templateFindings(mistake.text).map { $0.replacing(/vpc-[0-9a-f]{17}/, with: "VPCID") }
        #expect(found == mistake.findings)
    }

    @Test(arguments: [
        ("", "fw.yaml: is empty; a template has a section Resources"),
        ("[]", "fw.yaml:1:1: a template must be a mapping of names to values"),
        ("Resource: {}", "fw.yaml:1:1: a template must have at least one resource"),
        ("Resources: {}", "fw.yaml:1:12: a template must have at least one resource"),
        ("Resources: { A-B: { Type: AWS::S3::Bucket } }", "fw.yaml:1:12: a template must have at least one resource"),
        ("Resources: { A: { Properties: {} } }", "fw.yaml:1:14: A: Type is missing"),
        (
            "Resources: { A: { Type: AWS::S3::Bucket, Property: {} } }",
            "fw.yaml:1:42: A: unknown attribute \"Property\"; did you mean \"Properties\"?"
        ),
        (
            "Resources: { A: { Type: AWS::S3::Bucket, DependsOn: B } }",
            "fw.yaml:1:53: A: \"B\" is no resource of this template; did you mean \"A\"?"
        ),
        (
            "Resources: { A: { Type: AWS::S3::Bucket, Properties: { X: !Ref B } } }",
            "fw.yaml:1:59: A: \"B\" is no parameter or resource of this template; did you mean \"A\"?"
        ),
        (
            "AWSTemplateFormatVersion: 2010-09-10\nResources: { A: { Type: AWS::S3::Bucket } }",
            "fw.yaml:1:27: AWSTemplateFormatVersion must be \"2010-09-09\", the only one there is"
        ),
        (
            "Resources: { A: { Type: AWS::S3::Bucket } }\nOutputs: { O: { Value: !Ref B } }",
            "fw.yaml:2:24: O: \"B\" is no parameter or resource of this template; did you mean \"A\"?"
        ),
        (
            "Resources: { A: { Type: AWS::S3::Bucket } }\nOutputs: { O: { Export: { Name: x } } }",
            "fw.yaml:2:12: O: Value is missing"
        ),
        (
            "Resources: { A: { Type: AWS::S3::Bucket } }\nResources: {}",
            "fw.yaml:1:1: given more than once in one mapping: \"Resources\""
        ),
        ("Resources: { A: !Reff B }", "fw.yaml:1:17: the tag !Reff means nothing here; remove it"),
        (
            "Resources: { A: { Type: AWS::EC2::VPC, Properties: [] } }",
            "fw.yaml:1:52: A: must be a mapping of properties, not a list"
        ),
    ])
    func `what is no template is told`(text: String, expected: String) {
        #expect(templateFindings(text).contains(expected), "\(templateFindings(text))")
    }

    @Test func `what AWS accepts but nobody means is a warning`() throws {
        let policy = try policy(
            """
            Transform: AWS::Serverless-2016-10-31
            Resources:
              Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.1.0/16 } }
              Empty: { Type: AWS::Route53Resolver::FirewallDomainList }
              Twice: { \(domainList), Properties: { Domains: &n [a.example, A.Example.] } }
              Alias: { \(domainList), Properties: { Domains: *n } }
            """)
        #expect(
            policy.warnings.map(\.message) == [
                "Transform is not run: what macros would add or change is not seen",
                "Vpc.CidrBlock: 10.0.1.0/16 has bits behind its prefix; AWS makes it 10.0.0.0/16",
                "Empty: the list has neither Domains nor DomainFileUrl, so it is empty and matches nothing",
                "Twice.Domains[1]: \"A.Example.\" is given before in another spelling",
                "Alias.Domains[1]: \"A.Example.\" is given before in another spelling",
                "AWS reads no YAML aliases; write out what stands at stacks/fw.yaml:5:83",
            ])
    }

    @Test func `a rule that looks for threats is kept with a warning, and its neighbours hold`() throws {
        let text = """
            Resources:
              G:
                Type: AWS::Route53Resolver::FirewallRuleGroup
                Properties:
                  FirewallRules:
                    - { Action: BLOCK, BlockResponse: NODATA, Priority: 1, DnsThreatProtection: DGA, ConfidenceThreshold: LOW }
                    - { Action: ALERT, Priority: 2, FirewallDomainListId: rslvr-fdl-1 }
            """
        let policy = try policy(text)
        #expect(
            policy.warnings.map(\.message) == [
                "G.FirewallRules[0].DnsThreatProtection: is not enforced by this version: the rule is kept, and matches nothing"
            ])
        let group = try #require(policy.ruleGroups.first)
        #expect(group.rules.map(\.rule.priority) == [2])
        #expect(group.threatRules.map(\.protection) == ["DGA"] && group.threatRules[0].action == .block(.noData))
        #expect(policy.objects[0].rules.map(\.priority) == [2, 1])
    }

    @Test func `quotas that AWS raises on request are warnings`() throws {
        let rules = (1...101).map { "{ Action: ALERT, Priority: \($0), FirewallDomainListId: rslvr-fdl-\($0) }" }
        let text =
            "Resources: { G: { Type: AWS::Route53Resolver::FirewallRuleGroup, Properties: "
            + "{ FirewallRules: [\(rules.joined(separator: ","))] } } }"
        #expect(
            try policy(text).warnings.map(\.description) == [
                "stacks/fw.yaml:1:14: G: has 101 rules; the quota is 100 in a rule group"
            ])
    }
}

@Suite struct CloudFormationDomainFileTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "sekisho-\(UUID().uuidString)").path()

    private func template(_ url: String) -> String {
        "Resources: { L: { Type: AWS::Route53Resolver::FirewallDomainList, Properties: { DomainFileUrl: '\(url)' } } }"
    }

    private func withLists(_ body: (DomainFiles) throws -> Void) throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/lists", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("a.example\nb c\n\n*.ok.example\n-\nx..y\n".utf8).write(to: URL(filePath: "\(folder)/lists/bad.txt"))
        try Data("a.example\r\nA.example.\n".utf8).write(to: URL(filePath: "\(folder)/lists/good.txt"))
        try Data("secret.example\n".utf8).write(to: URL(filePath: "\(folder)/secret.txt"))
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder)/lists/link.txt", withDestinationPath: "\(folder)/secret.txt")
        try body(
            DomainFiles([
                .init(urlPrefix: "s3://bucket/", directory: "/nowhere"),
                .init(urlPrefix: "s3://bucket/lists", directory: "\(folder)/lists"),
            ]))
    }

    @Test func `the longest prefix decides where a file is`() throws {
        try withLists { files in
            let policy = try policy(template("s3://bucket/lists/good.txt"), domainFiles: files)
            #expect(policy.domainLists[0].entries.map(\.text) == ["a.example"])
        }
    }

    @Test func `each bad line of the file is told with its number`() throws {
        try withLists { files in
            let found = templateFindings(template("s3://bucket/lists/bad.txt"), domainFiles: files)
            #expect(
                found.map { $0.split(separator: "/").last ?? "" } == [
                    "bad.txt:2:1: \"b c\": the character \" \" is not allowed in a domain",
                    "bad.txt:6:1: \"x..y\": a label between two dots is empty",
                ])
        }
    }

    @Test(arguments: [
        ("s3://bucket/lists/../secret.txt", "leads out of"), ("s3://bucket/lists/", "leads out of"),
        ("s3://bucket/lists/link.txt", "leads out of"), ("s3://bucket/lists/a\u{1}b", "not YAML"),
        ("s3://bucket/listsother/x", "can't be read: no such file"), ("s3://bucket/lists/none.txt", "no such file"),
        (
            "s3://other/x/y.txt",
            "no local directory is set for \"s3://other/x/y.txt\"; "
                + "under policy.domain_files write \"s3://other/x/\": DIRECTORY"
        ),
    ])
    func `a file that is not there, or not where it may be, is told`(url: String, expected: String) throws {
        try withLists { files in
            let found = templateFindings(template(url), domainFiles: files)
            #expect(found.count == 1)
            #expect(found.first?.contains(expected) == true, "\(found)")
        }
    }

    @Test func `a list has its domains or a file, not both`() {
        let text =
            "Resources: { L: { \(domainList), Properties: "
            + "{ Domains: [a.example], DomainFileUrl: s3://dns-lists/threats.txt } } }"
        #expect(
            templateFindings(text, domainFiles: TemplateFiles.domainFiles) == [
                "fw.yaml:1:118: L.DomainFileUrl: can't stand beside Domains; give one"
            ])
    }
}
