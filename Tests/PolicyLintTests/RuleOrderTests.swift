import DNSWire
import FirewallPolicy
import PolicyLint
import PolicyStore
import SourceFiles
import TestSupport
import Testing

/// What lint says of the order of rules, against what the policy does with every name of a small world.
@Suite struct RuleOrderTests {
    private struct World {
        var template: String
        /// Lines on which rules stand.
        var ruleLines: [Int]
    }

    private static let labels = ["a", "b", "ab"]

    /// Two groups of rules over four lists, for one VPC.
    private static func world(seed: Int) -> World {
        var generator = SeededGenerator(seed: UInt64(400 + seed))
        var lines = ["Resources:", "  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }"]
        let list = "Type: AWS::Route53Resolver::FirewallDomainList"
        for number in 0..<4 {
            var entries: Set<String> = []
            for _ in 0..<Int.random(in: 1...4, using: &generator) { entries.insert(entry(&generator)) }
            let texts = entries.sorted().map(\.debugDescription).joined(separator: ", ")
            lines.append("  L\(number): { \(list), Properties: { Domains: [\(texts)] } }")
        }
        var ruleLines: [Int] = []
        for group in 0..<2 {
            lines += ["  G\(group):", "    Type: AWS::Route53Resolver::FirewallRuleGroup", "    Properties:"]
            lines.append("      FirewallRules:")
            for (priority, number) in [0, 1, 2, 3].shuffled(using: &generator).prefix(3).enumerated() {
                let action = ["ALLOW", "ALERT", "BLOCK, BlockResponse: NODATA"].randomElement(using: &generator) ?? ""
                let qtype = Int.random(in: 0..<4, using: &generator) == 0 ? ", Qtype: AAAA" : ""
                lines.append(
                    "        - { Priority: \(priority + 1), Action: \(action), FirewallDomainListId: !Ref L\(number)\(qtype) }"
                )
                ruleLines.append(lines.count)
            }
            lines.append("  A\(group):")
            lines.append("    Type: AWS::Route53Resolver::FirewallRuleGroupAssociation")
            lines.append(
                "    Properties: { FirewallRuleGroupId: !Ref G\(group), VpcId: !Ref Vpc, Priority: \(201 - group) }")
        }
        return World(template: lines.joined(separator: "\n") + "\n", ruleLines: ruleLines)
    }

    private static func entry(_ generator: inout SeededGenerator) -> String {
        let name = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
            labels.randomElement(using: &generator) ?? "a"
        }.joined(separator: ".")
        return switch Int.random(in: 0..<8, using: &generator) {
        case 0: "*"
        case 1: "*\(name)"
        case 2...4: "*.\(name)"
        default: name
        }
    }

    private static let names: [String] = {
        var names = labels
        var last = labels
        for _ in 0..<3 {
            last = last.flatMap { name in labels.map { "\($0).\(name)" } }
            names += last
        }
        return names
    }()

    /// The lines of rules that decide some name.
    private static func decidingLines(_ world: World, _ loaded: PolicyLoader.Loaded) throws -> Set<Int> {
        var lines: [String: Int] = [:]
        for group in loaded.templates?.ruleGroups ?? [] {
            for rule in group.rules {
                if case .position(_, let line, _) = rule.place {
                    lines["\(group.resource.id) \(rule.rule.priority)"] = line
                }
            }
        }
        let policy = loaded.policy
        let vpc = try #require(policy.names.vpcs.firstIndex { !$0.cidrs.isEmpty })
        var deciding: Set<Int> = []
        for name in names {
            let name = try DomainName(name)
            for qtype in [RRType.a, .aaaa] {
                let index: RuleIndex? =
                    switch policy.evaluate(name, qtype: qtype, vpc: VPCIndex(vpc)) {
                    case .allow(let rule, _): rule
                    case .alert(let rule, _), .block(let rule, _): rule
                    case .fail: nil
                    }
                guard let rule = index.map({ policy.names.rules[Int($0)] }) else { continue }
                deciding.insert(try #require(lines["\(rule.groupID) \(rule.rule.priority)"]))
            }
        }
        return deciding
    }

    @Test(arguments: 0..<300) func `a rule that is said never to be reached decides no name`(seed: Int) throws {
        let world = Self.world(seed: seed)
        let loaded = try Linted.load(template: world.template)
        let deciding = try Self.decidingLines(world, loaded)
        let unreached = try Linted.findings(template: world.template).filter { $0.message.contains("is never reached") }
        for finding in unreached {
            guard case .position(_, let line, _) = finding.place else { continue }
            #expect(world.ruleLines.contains(line))
            #expect(!deciding.contains(line), "\(finding)\n\(world.template)")
        }
    }

    @Test func `nearly every rule that decides no name is said never to be reached`() throws {
        var (silent, told) = (0, 0)
        for seed in 300..<500 {
            let world = Self.world(seed: seed)
            let loaded = try Linted.load(template: world.template)
            let silentLines = Set(world.ruleLines).subtracting(try Self.decidingLines(world, loaded))
            let findings = try Linted.findings(template: world.template)
            let toldLines = findings.filter { $0.message.contains("is never reached") }.compactMap { finding -> Int? in
                if case .position(_, let line, _) = finding.place { line } else { nil }
            }
            silent += silentLines.count
            told += silentLines.intersection(toldLines).count
        }
        // The rest is decided by several entries together, such as one for each name of the small world.
        #expect(silent > 100)
        #expect(told * 10 >= silent * 9, "\(told) of \(silent)")
    }
}
