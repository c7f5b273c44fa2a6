import DNSWire
import DomainTrie
import FirewallPolicy

/// A domain list with its entries in AWS's syntax; nil entries could not be had.
struct TestList {
    var id: String
    var entries: [String]?

    init(_ id: String, _ entries: [String]?) {
        self.id = id
        self.entries = entries
    }
}

/// Compiles a policy over the tries of its lists, which are dealt out to `partCount` parts.
func compile(
    _ lists: [TestList], _ groups: [FirewallRuleGroup], _ associations: [FirewallRuleGroupAssociation] = [],
    vpcs: [VPC] = [], partCount: Int = 2
) throws -> PolicySnapshot {
    let parts = try (0..<partCount).map { part in
        try PolicyPart(lists.enumerated().filter { $0.offset % partCount == part }.map(\.element))
    }
    return try FirewallPolicy(parts: parts, ruleGroups: groups, associations: associations, vpcs: vpcs).compiled()
}

extension PolicyPart {
    fileprivate init(_ lists: [TestList]) throws {
        var builder = DomainTrieBuilder()
        for (index, list) in lists.enumerated() {
            for entry in list.entries ?? [] {
                let specification = try DomainSpecification(entry)
                builder.insert(specification.name, scope: specification.scope, list: ListIndex(index))
            }
        }
        self.init(
            lists: lists.map { FirewallDomainList(id: $0.id, name: "list \($0.id)", isAvailable: $0.entries != nil) },
            trie: try builder.build())
    }
}

/// One group of these rules, in force for everybody.
func compile(_ lists: [TestList], rules: [FirewallRule], failOpen: Bool = false) throws -> PolicySnapshot {
    try compile(
        lists, [FirewallRuleGroup(id: "g", name: "group", rules: rules)],
        [FirewallRuleGroupAssociation(ruleGroupID: "g", vpcID: VPC.defaultID, priority: 101)],
        vpcs: [VPC(id: VPC.defaultID, cidrs: [], failOpen: failOpen)])
}

/// A rule whose name says what it is.
func rule(
    _ priority: Int, _ action: FirewallRuleAction, _ list: String, qtype: RRType? = nil,
    _ redirection: RedirectionAction = .inspect
) -> FirewallRule {
    FirewallRule(
        name: "\(priority) \(action.name) \(list)", priority: priority, action: action, domainListID: list,
        qtype: qtype, redirection: redirection)
}

/// A verdict in words: AWS's action with the rule's name, `NONE` or `FAIL`.
extension PolicySnapshot {
    func decision(
        _ name: String, _ qtype: RRType = .a, vpc: VPCIndex? = nil, isChainTarget: Bool = false
    ) throws -> String {
        let vpc = vpc ?? self.vpc(of: IPAddress(v4: 0x7F00_0001))
        return words(evaluate(try DomainName(name), qtype: qtype, vpc: vpc, isChainTarget: isChainTarget))
    }

    func words(_ verdict: Verdict) -> String {
        switch verdict {
        case .allow(nil, _): "NONE"
        case .allow(let rule?, _), .alert(let rule, _), .block(let rule, _): names.rules[Int(rule)].rule.name
        case .fail: "FAIL"
        }
    }

    func index(ofVPC id: String) -> VPCIndex? { names.vpcs.firstIndex { $0.id == id }.map { VPCIndex($0) } }
}

extension Verdict {
    var trustsChain: Bool {
        switch self {
        case .allow(_, let trusts), .alert(_, let trusts): trusts
        case .block, .fail: false
        }
    }
}
