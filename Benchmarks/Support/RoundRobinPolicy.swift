package import DNSWire
import DomainTrie
package import FirewallPolicy

/// For the benchmarks: a policy with the names on `lists` lists in turn, and `rules` rules that go round these.
package func roundRobinPolicy(of names: [DomainName], rules: Int, lists: Int) throws -> PolicySnapshot {
    var builder = DomainTrieBuilder(seed: 1)
    for (index, name) in names.enumerated() {
        builder.insert(name, scope: .subtree, list: ListIndex(index % lists))
    }
    let part = PolicyPart(
        lists: (0..<lists).map { FirewallDomainList(id: "l\($0)", name: "l\($0)") }, trie: try builder.build())
    let group = FirewallRuleGroup(
        id: "g", name: "g",
        rules: (0..<rules).map {
            FirewallRule(name: "r\($0)", priority: $0 + 1, action: .block(.nxDomain), domainListID: "l\($0 % lists)")
        })
    return try FirewallPolicy(
        parts: [part], ruleGroups: [group],
        associations: [FirewallRuleGroupAssociation(ruleGroupID: "g", vpcID: VPC.defaultID, priority: 101)], vpcs: []
    ).compiled()
}
