import DNSWire
import FirewallPolicy
import PolicyStore
import SourceFiles
import Testing

@Suite(.acceptedByCFNLint) struct CloudFormationIntrinsicTests {
    @Test(
        arguments: [
            // Ref: parameters, pseudo parameters, resources
            ("[!Ref Name]", ["corp"]), ("!Ref Names", ["a.example", "b.example"]), ("[{ Ref: Name }]", ["corp"]),
            ("[!Ref AWS::Region, !Ref AWS::AccountId, !Ref AWS::Partition]", ["eu-west-1", "123456789012", "aws"]),
            ("[!Ref AWS::URLSuffix, !Ref AWS::StackName]", ["amazonaws.com", "fw"]),
            ("!Ref AWS::NotificationARNs", []), ("[a, !Ref AWS::NoValue, b]", ["a", "b"]), ("!Ref AWS::NoValue", []),
            // Sub
            ("[!Sub \"*.${Name}.example\"]", ["*.corp.example"]),
            ("[Fn::Sub: \"${Name}.${AWS::Region}\"]", ["corp.eu-west-1"]),
            ("[!Sub [\"${Name}.${Top}\", { Top: example }]]", ["corp.example"]),
            ("[!Sub [\"${Name}\", { Name: local.example }]]", ["local.example"]),
            ("[!Sub [\"${Inner}\", { Inner: !Sub \"x.${Name}\" }]]", ["x.corp"]),
            ("[!Sub plain.example]", ["plain.example"]),
            // Join, Split, Select
            ("[!Join [., [a, !Ref Name, example]]]", ["a.corp.example"]), ("[!Join [\"\", [a, b]]]", ["ab"]),
            ("[Fn::Join: [., !Ref Names]]", ["a.example.b.example"]), ("!Split [\",\", \"a,b\"]", ["a", "b"]),
            ("!Split [\", \", !Join [\", \", !Ref Names]]", ["a.example", "b.example"]),
            ("[!Select [1, !Ref Names]]", ["b.example"]), ("[!Select [\"0\", [x, y]]]", ["x"]),
            // FindInMap
            ("[!FindInMap [ByRegion, !Ref AWS::Region, Name]]", ["west"]),
            ("!FindInMap [ByRegion, eu-west-1, Names]", ["w1.example", "w2.example"]),
            ("[Fn::FindInMap: [ByRegion, us-east-1, Name]]", ["east"]),
            // Conditions
            ("[!If [Yes1, a, b], !If [No1, c, d]]", ["a", "d"]), ("!If [No1, !Ref AWS::NoValue, [x]]", ["x"]),
            ("[{ Fn::If: [No1, !Ref Missing1, fine] }]", []),
            // Base64, ImportValue
            ("[!Base64 abc]", ["YWJj"]), ("[!ImportValue shared]", ["shared.example"]),
            ("[Fn::ImportValue: !Sub \"${Name}-name\"]", ["exported.example"]),
            ("[!ImportValue { \"Fn::Sub\": \"${Name}-name\" }]", ["exported.example"]),
            // GetAtt
            ("[!GetAtt Group.OwnerId, Fn::GetAtt: [Group, Status]]", ["123456789012", "COMPLETE"]),
            ("[!GetAtt Group.ShareStatus]", ["NOT_SHARED"]), ("[!Sub \"x${Custom.Domain}\"]", ["xcustom.example"]),
            ("[!GetAtt Custom.Domain]", ["custom.example"]),
        ] as [(String, [String])])
    func `a function has the value that CloudFormation gives it`(expression: String, expected: [String]) throws {
        let parameters = [
            "shared": "shared.example", "corp-name": "exported.example", "Custom.Domain": "custom.example",
        ]
        guard !expression.contains("Missing") else {
            #expect(domainFindings(expression).first?.hasPrefix("L: \"Missing1\" is no parameter or resource") == true)
            return
        }
        #expect(try domains(expression, parameters: parameters) == expected)
    }

    @Test func `Ref and GetAtt of our resources give the ids that the policy has`() throws {
        let text = """
            Resources:
              Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }
              Copy:
                Type: AWS::EC2::VPC
                Properties: { CidrBlock: !Join [., [!Select [0, !Split [., !GetAtt Vpc.CidrBlock]], 1.0.0/16]] }
              G: { Type: AWS::Route53Resolver::FirewallRuleGroup, Properties: { Name: !Sub "x-${Vpc}" } }
              A:
                Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
                Properties:
                  FirewallRuleGroupId: !Ref G
                  VpcId: !Ref Vpc
                  Priority: 101
                  Tags: [{ Key: arn, Value: !GetAtt G.Arn }]
            """
        let policy = try policy(text, parameters: ["Vpc": "vpc-12345678"])
        #expect(policy.vpcs.map(\.vpc.id).first == "vpc-12345678")
        #expect(policy.vpcs[1].vpc.cidrs.map(\.description) == ["10.1.0.0/16"])
        #expect(policy.ruleGroups[0].name == "x-vpc-12345678")
        #expect(policy.associations[0].vpc.value == "vpc-12345678")
        #expect(policy.associations[0].group.value == policy.ruleGroups[0].resource.id)
        #expect(policy.associations[0].resource.tags[0].value == policy.ruleGroups[0].resource.arn)
        #expect(policy.unusedParameters == [])
    }

    @Test func `an escaped variable of Sub is a literal`() {
        let finding = "L.Domains[0]: \"${Name}.x\": the character \"$\" is not allowed in a domain"
        #expect(domainFindings("[!Sub \"${!Name}.x\"]") == [finding])
    }

    @Test(arguments: [
        ("[!Ref Nmae]", "L: \"Nmae\" is no parameter or resource of this template; did you mean \"Name\"?"),
        ("[!Sub \"${Nmae}\"]", "L: \"Nmae\" is no parameter or resource of this template; did you mean \"Name\"?"),
        ("[!Ref Absent]", "L.Domains[0]: Absent is not made, since its condition No1 is false"),
        (
            "[!GetAtt Group.Ids]",
            "L.Domains[0]: AWS::Route53Resolver::FirewallRuleGroup has no attribute \"Ids\"; did you mean \"Id\"?"
        ),
        (
            "[!GetAtt Group.RuleCount]",
            "L.Domains[0]: AWS alone knows Group.RuleCount (AWS::Route53Resolver::FirewallRuleGroup); "
                + "give it under policy.parameters as \"Group.RuleCount\""
        ),
        (
            "[!GetAtt Custom.Domain]",
            "L.Domains[0]: AWS alone knows Custom.Domain (Custom::Thing); "
                + "give it under policy.parameters as \"Custom.Domain\""
        ),
        ("[!GetAtt Group]", "L.Domains[0]: \"Group\" is not a logical id, a dot and an attribute"),
        ("[!Sub \"${Names}\"]", "L.Domains[0]: Fn::Sub: Names is a list, not a text"),
        ("[!Join [., x]]", "L.Domains[0]: Fn::Join takes a list, not a text"),
        ("[!Join [.]]", "L.Domains[0]: Fn::Join takes a separator and a list"),
        ("[!Join [., [[x]]]]", "L.Domains[0]: Fn::Join takes texts, not a list"),
        ("[!Select [2, !Ref Names]]", "L.Domains[0]: Fn::Select: there is no item 2; the list has 2, from 0"),
        ("[!Select [-1, [a]]]", "L.Domains[0]: Fn::Select: there is no item -1; the list has 1, from 0"),
        ("[!Split [\"\", a]]", "L.Domains[0]: Fn::Split takes a separator and a text"),
        ("[!Split [a, [b]]]", "L.Domains[0]: Fn::Split takes a text, not a list"),
        ("[!FindInMap [ByRegoin, a, b]]", "L.Domains[0]: Fn::FindInMap: there is no mapping \"ByRegoin\""),
        ("[!FindInMap [ByRegion, a, b]]", "L.Domains[0]: Fn::FindInMap: the mapping ByRegion has nothing under a, b"),
        ("[!If [Maybe, a, b]]", "L.Domains[0]: there is no condition \"Maybe\""),
        ("[!If [Yes1, a]]", "L.Domains[0]: Fn::If takes the name of a condition and two values"),
        ("[!Equals [a, b]]", "L.Domains[0]: Fn::Equals can stand in a condition only"),
        (
            "[!ImportValue other-stack]",
            "L.Domains[0]: Fn::ImportValue: another stack exports \"other-stack\"; "
                + "give its value under policy.parameters"
        ),
        ("[!Cidr [10.0.0.0/16, 2, 8]]", "L.Domains[0]: Fn::Cidr is not evaluated by this version; write its value out"),
        ("!GetAZs eu-west-1", "L.Domains: Fn::GetAZs is not evaluated by this version; write its value out"),
        ("[{ Fn::ToJsonString: {} }]", "L.Domains[0]: Fn::ToJsonString is a function that this version does not know"),
        ("[~]", "L.Domains[0]: null is no value in a template; remove the property"),
        ("[{ Ref: [Name] }]", "L.Domains[0]: Ref takes a name"),
        ("[!Base64 [a]]", "L.Domains[0]: Fn::Base64 takes a text, not a list"),
        ("!Ref Name", "L.Domains: must be a list, not a text"),
        ("[[a.example]]", "L.Domains[0]: must be a text, not a list"),
    ])
    func `a wrong call is told once, with resource and property`(expression: String, expected: String) {
        #expect(domainFindings(expression) == [expected])
    }

    @Test(arguments: [
        ("A: !Equals [a, a]", true), ("A: !Equals [a, b]", false), ("A: !Not [!Equals [a, b]]", true),
        ("A: !And [!Equals [a, a], !Equals [b, b]]", true), ("A: !And [!Equals [a, a], !Equals [b, c]]", false),
        ("A: !Or [!Equals [a, b], !Equals [b, b]]", true), ("A: !Or [!Equals [a, b], !Equals [b, c]]", false),
        ("A: !Condition B\n  B: !Equals [!Ref AWS::Region, eu-west-1]", true),
        ("A: { \"Fn::And\": [{ Condition: B }, { Condition: B }] }\n  B: { \"Fn::Equals\": [a, a] }", true),
        ("A: !Equals [!Join [\"\", [a, b]], ab]", true),
    ])
    func `a condition decides whether a resource is made`(conditions: String, isMade: Bool) throws {
        let text = """
            Conditions:
              \(conditions)
            Resources:
              V: { Type: AWS::EC2::VPC, Condition: A, Properties: { CidrBlock: 10.0.0.0/16 } }
            """
        #expect(try policy(text).vpcs.count == (isMade ? 1 : 0))
    }

    @Test(arguments: [
        ("A: !Condition A", "A: the condition A depends on itself"),
        ("A: !Condition B\n  B: !Not [!Condition A]", "B: the condition A depends on itself"),
        ("A: !Equals [a]", "A: Fn::Equals is not called as a condition should"),
        ("A: !And [!Equals [a, a]]", "A: Fn::And is not called as a condition should"),
        ("A: \"true\"", "A: a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition"),
        ("A: !Equals [!Ref V, a]", "A: \"V\" is no parameter, and a condition can see nothing else"),
    ])
    func `a wrong condition is told once`(conditions: String, expected: String) {
        let text = """
            Conditions:
              \(conditions)
            Resources:
              V: { Type: AWS::EC2::VPC, Condition: A, Properties: { CidrBlock: 10.0.0.0/16 } }
              W: { Type: AWS::EC2::VPC, Condition: A, Properties: { CidrBlock: 10.1.0.0/16 } }
            """
        let findings = templateFindings(text)
        #expect(findings.count == 1)
        #expect(findings.first?.contains(": \(expected)") == true, "\(findings)")
    }
}

@Suite(.acceptedByCFNLint) struct CloudFormationParameterTests {
    private func findings(_ declaration: String, given: String? = nil) -> [String] {
        templateFindings(
            """
            Parameters:
              P: { \(declaration) }
            Resources:
              V: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }
            """, parameters: given.map { ["P": $0] } ?? [:])
    }

    @Test(
        arguments: [
            ("Type: String", "x"), ("Type: String, Default: x", nil), ("Type: Number, MinValue: 1, MaxValue: 5", "5"),
            ("Type: String, AllowedValues: [a, b]", "b"), ("Type: String, AllowedPattern: \"[a-z]+\"", "abc"),
            ("Type: String, MinLength: 2, MaxLength: 3", "abc"), ("Type: CommaDelimitedList", "a, b"),
            ("Type: List<Number>", "1,2"), ("Type: AWS::EC2::VPC::Id", "vpc-12345678"),
            ("Type: List<AWS::EC2::VPC::Id>", "vpc-12345678,vpc-12345679"),
            ("Type: AWS::SSM::Parameter::Value<String>, Default: /a/b", "x"),
            ("Type: String, NoEcho: true, Description: d, ConstraintDescription: c", "x"),
        ] as [(String, String?)])
    func `a value within its bounds is accepted`(declaration: String, given: String?) {
        #expect(findings(declaration, given: given) == [])
    }

    @Test(
        arguments: [
            ("Type: String", nil, "2:3: P: the parameter has no Default; give a value under policy.parameters"),
            (
                "Type: AWS::SSM::Parameter::Value<String>, Default: /a", nil,
                "2:3: P: the parameter has its value in SSM; give a value under policy.parameters"
            ),
            ("Type: String, AllowedValues: [a, b]", "c", "2:3: P: the value \"c\" is not \"a\" or \"b\""),
            (
                "Type: String, AllowedPattern: \"[a-z]+\"", "abc1",
                "2:3: P: the value \"abc1\" does not match \"[a-z]+\""
            ),
            (
                "Type: String, AllowedPattern: \"[a-z\"", "a",
                "2:3: P: the value \"a\" can't be checked: AllowedPattern \"[a-z\" is no regular expression"
            ),
            (
                "Type: String, AllowedPattern: b+, ConstraintDescription: must be many b", "a",
                "2:3: P: the value \"a\" must be many b"
            ),
            ("Type: String, MinLength: 2", "a", "2:3: P: the value \"a\" has 1 characters, not 2 to 4096"),
            ("Type: Number", "a", "2:3: P: the value \"a\" is no number"),
            ("Type: Number, MaxValue: 5", "6", "2:3: P: the value \"6\" is not from -inf to 5.0"),
            ("Type: AWS::EC2::VPC::Id, Default: vpc-1", nil, "2:42: P: the value \"vpc-1\" is no VPC id"),
            ("Type: Text", "a", "2:14: P: \"Text\" is no type of a parameter"),
            ("Default: a", nil, "2:3: P: Type is missing"),
            ("Type: String, Defualt: a", "a", "2:22: P: unknown attribute \"Defualt\"; did you mean \"Default\"?"),
            ("Type: String, MinLength: 3, MaxLength: 2", "a", "2:3: P: its lower bound is above its upper one"),
            ("Type: String, MinLength: x", "a", "2:33: P: MinLength: \"x\" is no number"),
            (
                "Type: String", String(repeating: "x", count: 4097),
                "2:3: P: a parameter's value has at most 4096 octets"
            ),
        ] as [(String, String?, String)])
    func `a value out of its bounds is refused`(declaration: String, given: String?, expected: String) {
        #expect(findings(declaration, given: given) == ["fw.yaml:\(expected)"])
    }

    @Test func `a pattern that never ends is given up`() {
        let evil = String(repeating: "a", count: 60) + "!"
        let found = findings("Type: String, AllowedPattern: \"(a+)+\"", given: evil)
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix("takes too long") == true, "\(found)")
    }
}
