import DNSMessage
import DNSWire
import DomainTrie
import FirewallPolicy
import QueryLog
import RecentDecisions

/// A policy's names: a rule that alerts, one that blocks, in one VPC.
func makeNames() throws -> PolicyNames {
    let actions: [FirewallRuleAction] = [.alert, .block(.nxDomain)]
    let lists = actions.indices.map { FirewallDomainList(id: "rslvr-fdl-\($0)", name: "list \($0)") }
    let rules = actions.enumerated().map { index, action in
        FirewallRule(name: "Rule \(index)", priority: index + 1, action: action, domainListID: lists[index].id)
    }
    let group = FirewallRuleGroup(id: "rslvr-frg-1", name: "group", rules: rules)
    let vpc = VPC(id: "vpc-01e31a7c", cidrs: [CIDR("10.0.0.0/8")!])
    let policy = FirewallPolicy(
        parts: [PolicyPart(lists: lists, trie: try DomainTrieBuilder().build())], ruleGroups: [group],
        associations: [FirewallRuleGroupAssociation(ruleGroupID: group.id, vpcID: vpc.id, priority: 1)], vpcs: [vpc])
    return try policy.compiled().names
}

extension RecentDecisions {
    /// Takes down what was decided about one query. Far enough from the last one in time for the budget.
    func note(
        _ name: String, _ action: QueryLogEvent.Action = .none, client: String = "10.0.0.1", tick: Int = 0,
        matched: String? = nil, rcode: RCODE = .noError
    ) throws {
        let names = try makeNames()
        var event = QueryLogEvent(
            unixNanoseconds: 1_639_262_913_250_000_000 + UInt64(tick) * 70_000_000,
            client: Endpoint(client, defaultPort: 53)!, transport: .udp, vpc: 0, action: action,
            rule: action == .block ? 1 : 0, isCacheHit: false, latencyNanoseconds: 1_234_567)
        let message = try LDNSMessage.response(
            to: LDNSMessage.query(name: name, type: .a, id: 1), rcode: rcode, answer: []
        ).wire()
        var wire: [UInt8] = []
        if let matched {
            let target = try DomainName(matched)
            event.matchedLabels = 1
            let octets = target.octets
            wire = (0..<target.octetCount).map { octets[$0] }
        }
        observe(event, names: names, matchedName: wire.span, message: message.span)
    }
}
