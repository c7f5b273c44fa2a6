package import DomainTrie

/// A policy as users think of it, ready to be compiled.
package struct FirewallPolicy: Sendable {
    /// In the order in which the trie numbers them.
    package var lists: [FirewallDomainList]
    package var ruleGroups: [FirewallRuleGroup]
    package var associations: [FirewallRuleGroupAssociation]
    package var vpcs: [VPC]

    package init(
        lists: [FirewallDomainList], ruleGroups: [FirewallRuleGroup], associations: [FirewallRuleGroupAssociation],
        vpcs: [VPC]
    ) {
        self.lists = lists
        self.ruleGroups = ruleGroups
        self.associations = associations
        self.vpcs = vpcs
    }

    /// Compiles it over a trie whose list `i` is `lists[i]`. O(VPCs with different associations × list sets × rules).
    ///
    /// Clients that no VPC covers belong to `vpc-00000000`, which is added where it is missing.
    package func compiled(over trie: DomainTrie) throws(PolicyError) -> PolicySnapshot {
        var vpcs = vpcs
        if !vpcs.contains(where: { $0.id == VPC.defaultID }) { vpcs.append(VPC(id: VPC.defaultID, cidrs: [])) }
        var compiler = try PolicyCompiler(self, trie: trie)
        let tables = try vpcs.map { vpc throws(PolicyError) in try compiler.table(for: vpc.id) }
        let defaultVPC = vpcs.firstIndex { $0.id == VPC.defaultID } ?? vpcs.count - 1
        return PolicySnapshot(
            trie: trie, lists: lists, vpcs: vpcs, rules: compiler.rules, overrides: compiler.overrides, tables: tables,
            defaultVPC: VPCIndex(defaultVPC))
    }
}

private struct PolicyCompiler {
    private let policy: FirewallPolicy
    private let trie: DomainTrie
    private let listIndex: [String: ListIndex]
    private let associations: [String: [FirewallRuleGroupAssociation]]
    private var ruleRanges: [String: Range<Int>] = [:]
    private var tables: [[String]: RuleTable] = [:]
    private(set) var rules: [CompiledRule] = []
    private(set) var overrides: [PolicySnapshot.Override] = []

    init(_ policy: FirewallPolicy, trie: DomainTrie) throws(PolicyError) {
        self.policy = policy
        self.trie = trie
        listIndex = Dictionary(
            policy.lists.enumerated().map { ($0.element.id, ListIndex($0.offset)) },
            uniquingKeysWith: { first, _ in first })
        associations = Dictionary(grouping: policy.associations, by: \.vpcID)
        for group in policy.ruleGroups {
            ruleRanges[group.id] = rules.count..<rules.count + group.rules.count
            for rule in group.rules.sorted(by: { $0.priority < $1.priority }) {
                guard let list = listIndex[rule.domainListID] else {
                    throw .unknownList(rule.domainListID, rule: rule.name, group: group.id)
                }
                rules.append(
                    CompiledRule(
                        groupID: group.id, groupName: group.name, rule: rule, list: list, answer: answer(rule.action)))
            }
        }
    }

    private mutating func answer(_ action: FirewallRuleAction) -> BlockAnswer? {
        switch action {
        case .allow, .alert: return nil
        case .block(.noData): return .noData
        case .block(.nxDomain): return .nxDomain
        case .block(.override(let domain, let ttlSeconds)):
            overrides.append(PolicySnapshot.Override(target: domain, ttlSeconds: ttlSeconds))
            return .override(index: overrides.count - 1)
        }
    }

    /// Associations by priority, then each group's rules by priority: the order of evaluation.
    mutating func table(for vpcID: String) throws(PolicyError) -> RuleTable {
        let groups = (associations[vpcID] ?? []).sorted { $0.priority < $1.priority }.map(\.ruleGroupID)
        if let known = tables[groups] { return known }
        var ordered: [(list: ListIndex, candidate: RuleTable.Candidate)] = []
        for group in groups {
            guard let range = ruleRanges[group] else { throw .unknownRuleGroup(group, vpc: vpcID) }
            for index in range { ordered.append((rules[index].list, candidate(index, order: ordered.count))) }
        }
        let table = RuleTable(ordered: ordered, listSets: trie.listSets)
        tables[groups] = table
        return table
    }

    private func candidate(_ index: Int, order: Int) -> RuleTable.Candidate {
        let compiled = rules[index]
        let kind: RuleTable.Candidate.Kind =
            if !policy.lists[Int(compiled.list)].isAvailable {
                .unavailable
            } else if let answer = compiled.answer {
                .block(answer)
            } else {
                compiled.rule.action == .alert ? .alert : .allow
            }
        return RuleTable.Candidate(
            order: UInt32(order), rule: RuleIndex(index), kind: kind, qtype: compiled.rule.qtype,
            trustsChain: compiled.rule.redirection == .trust)
    }
}

/// A reference that leads nowhere.
package enum PolicyError: Error, Equatable, Sendable, CustomStringConvertible {
    case unknownList(String, rule: String, group: String)
    case unknownRuleGroup(String, vpc: String)

    package var description: String {
        switch self {
        case .unknownList(let id, let rule, let group):
            "rule \"\(rule)\" of rule group \(group) names the domain list \(id), which does not exist"
        case .unknownRuleGroup(let id, let vpc):
            "an association of \(vpc) names the rule group \(id), which does not exist"
        }
    }
}
