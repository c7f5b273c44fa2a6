import DNSMessage
import DNSWire
import DomainTrie
import FirewallPolicy
import QueryLog

/// A policy's names: one VPC besides the default one, and for each action a rule in a group with a list of its own.
func makeNames(suffix: String = "") throws -> PolicyNames {
    let actions: [FirewallRuleAction] = [.alert, .block(.nxDomain)]
    let lists = actions.indices.map { FirewallDomainList(id: "rslvr-fdl-\($0)\(suffix)", name: "list \($0)\(suffix)") }
    let rules = actions.enumerated().map { index, action in
        FirewallRule(name: "rule \(index)\(suffix)", priority: index + 1, action: action, domainListID: lists[index].id)
    }
    let group = FirewallRuleGroup(id: "rslvr-frg-1\(suffix)", name: "group", rules: rules)
    let vpc = VPC(id: "vpc-01e31a7c\(suffix)", cidrs: [CIDR("10.0.0.0/8")!])
    let policy = FirewallPolicy(
        parts: [PolicyPart(lists: lists, trie: try DomainTrieBuilder().build())], ruleGroups: [group],
        associations: [FirewallRuleGroupAssociation(ruleGroupID: group.id, vpcID: vpc.id, priority: 1)], vpcs: [vpc])
    return try policy.compiled().names
}

func makeEvent(
    seconds: UInt64 = 1_639_262_913, client: String = "172.31.86.159:52785",
    transport: QueryLogEvent.Transport = .udp, action: QueryLogEvent.Action = .none, isCacheHit: Bool = false,
    latencyNanoseconds: UInt64 = 1_234_567, matchedLabels: Int16 = -1, matchedIsWildcard: Bool = false
) -> QueryLogEvent {
    QueryLogEvent(
        unixNanoseconds: seconds * 1_000_000_000 + 123, client: Endpoint(client, defaultPort: 53)!,
        transport: transport, vpc: 0, action: action, rule: action == .block ? 1 : 0, isCacheHit: isCacheHit,
        latencyNanoseconds: latencyNanoseconds, matchedLabels: matchedLabels, matchedIsWildcard: matchedIsWildcard)
}

/// A response of libldns's making.
func makeAnswer(
    _ name: String = "abcd.example.com.", _ qtype: RRType = .a, rcode: RCODE = .noError, answer: [String] = []
) throws -> [UInt8] {
    try LDNSMessage.response(to: LDNSMessage.query(name: name, type: qtype, id: 1), rcode: rcode, answer: answer).wire()
}

let identity = LogIdentity(accountID: "626345947581", region: "us-east-1")

extension LogRing {
    func append(_ event: QueryLogEvent, _ names: PolicyNames, _ message: [UInt8]) {
        append(event, names: names, matchedName: DomainName(), message: message.span)
    }
}
