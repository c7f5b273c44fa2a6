package import DomainTrie

/// Lists that are compiled together: those which change at the same time, such as those of files, or of the API.
package struct PolicyPart: Sendable {
    /// List `i` of the trie.
    package var lists: [FirewallDomainList]
    package var trie: DomainTrie

    package init(lists: [FirewallDomainList], trie: DomainTrie) {
        self.lists = lists
        self.trie = trie
    }
}

/// A policy as users think of it, ready to be compiled.
package struct FirewallPolicy: Sendable {
    package var parts: [PolicyPart]
    package var ruleGroups: [FirewallRuleGroup]
    package var associations: [FirewallRuleGroupAssociation]
    package var vpcs: [VPC]
    /// For every VPC; nil looks at no addresses.
    package var responseAddresses: ResponseAddressPolicy?
    /// For rule groups that say nothing of it (`FirewallRuleGroup.negativeTTLSeconds`). Nil: no SOA record, and nobody
    /// remembers a block.
    package var negativeTTLSeconds: UInt32?

    package init(
        parts: [PolicyPart], ruleGroups: [FirewallRuleGroup], associations: [FirewallRuleGroupAssociation],
        vpcs: [VPC], responseAddresses: ResponseAddressPolicy? = nil
    ) {
        self.parts = parts
        self.ruleGroups = ruleGroups
        self.associations = associations
        self.vpcs = vpcs
        self.responseAddresses = responseAddresses
    }

    /// Compiles it. O(VPCs with different associations × list sets × rules).
    ///
    /// Clients that no VPC covers belong to `vpc-00000000`, which is added where it is missing.
    package func compiled() throws(PolicyError) -> PolicySnapshot {
        var vpcs = vpcs
        if !vpcs.contains(where: { $0.id == VPC.defaultID }) { vpcs.append(VPC(id: VPC.defaultID, cidrs: [])) }
        var compiler = try PolicyCompiler(self)
        let tables = try vpcs.map { vpc throws(PolicyError) in try compiler.rules(for: vpc.id) }
        let defaultVPC = vpcs.firstIndex { $0.id == VPC.defaultID } ?? vpcs.count - 1
        let responseRules = responseAddresses.map { compiler.add($0) }
        let lists = parts.map(\.lists) + [responseAddresses?.listNames ?? []]
        return PolicySnapshot(
            tries: parts.map(\.trie), names: PolicyNames(lists: lists, vpcs: vpcs, rules: compiler.rules),
            overrides: compiler.overrides, tables: tables, defaultVPC: VPCIndex(defaultVPC),
            responseAddresses: responseRules)
    }
}

private struct PolicyCompiler {
    private let policy: FirewallPolicy
    private var references: [String: ListReference] = [:]
    private let associations: [String: [FirewallRuleGroupAssociation]]
    private var ruleRanges: [String: Range<Int>] = [:]
    private var tables: [[String]: VPCRules] = [:]
    private(set) var rules: [CompiledRule] = []
    private(set) var overrides: [PolicySnapshot.Override] = []

    init(_ policy: FirewallPolicy) throws(PolicyError) {
        self.policy = policy
        associations = Dictionary(grouping: policy.associations, by: \.vpcID)
        for (part, content) in policy.parts.enumerated() {
            for (index, list) in content.lists.enumerated() where references[list.id] == nil {
                references[list.id] = ListReference(part: part, index: ListIndex(index))
            }
        }
        for group in policy.ruleGroups {
            ruleRanges[group.id] = rules.count..<rules.count + group.rules.count
            for rule in group.rules.sorted(by: { $0.priority < $1.priority }) {
                guard let list = references[rule.domainListID] else {
                    throw .unknownList(rule.domainListID, rule: rule.name, group: group.id)
                }
                rules.append(
                    CompiledRule(
                        groupID: group.id, groupName: group.name, rule: rule, list: list, answer: answer(rule.action),
                        negativeTTLSeconds: group.negativeTTLSeconds ?? policy.negativeTTLSeconds))
            }
        }
    }

    /// Adds the rules about addresses, behind all others: no table of a VPC names them.
    mutating func add(_ addresses: ResponseAddressPolicy) -> ResponseAddressRules {
        let answer = answer(.block(addresses.response)) ?? .nxDomain
        let rules = ResponseAddressRules(addresses, firstRule: rules.count, answer: answer)
        self.rules += addresses.rules(part: policy.parts.count, answer: answer)
        return rules
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
    mutating func rules(for vpcID: String) throws(PolicyError) -> VPCRules {
        let groups = (associations[vpcID] ?? []).sorted { $0.priority < $1.priority }.map(\.ruleGroupID)
        if let known = tables[groups] { return known }
        var ordered: [(list: ListReference, candidate: RuleTable.Candidate)] = []
        for group in groups {
            guard let range = ruleRanges[group] else { throw .unknownRuleGroup(group, vpc: vpcID) }
            for index in range { ordered.append((rules[index].list, candidate(index, order: ordered.count))) }
        }
        let result = VPCRules(
            order: ordered.map(\.candidate.rule),
            tables: policy.parts.enumerated().map { part, content in
                let own = ordered.filter { $0.list.part == part }
                return RuleTable(ordered: own.map { ($0.list.index, $0.candidate) }, listSets: content.trie.listSets)
            })
        tables[groups] = result
        return result
    }

    private func candidate(_ index: Int, order: Int) -> RuleTable.Candidate {
        let compiled = rules[index]
        let kind: RuleTable.Candidate.Kind =
            if !policy.parts[compiled.list.part].lists[Int(compiled.list.index)].isAvailable {
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
