import DNSWire
import DomainTrie
import FirewallPolicy
import Foundation
import PolicyReplay
import RecordedQueries

/// A policy of one group, in force in `vpc-1` (10.0.0.0/8) and for everybody else: allow `good.example` and trust it,
/// look into `seen.example` and below, block `bad.example`, alert on `odd.example`, block `typed.example` for AAAA.
func makePolicy(
    block: [String] = ["bad.example"], response: BlockResponse = .nxDomain, blockedAddresses: [String] = [],
    isAvailable: Bool = true
) throws -> PolicySnapshot {
    let lists = [
        ("allow", ["good.example"], FirewallRuleAction.allow), ("inspect", ["seen.example"], .allow),
        ("block", block, .block(response)), ("alert", ["odd.example"], .alert),
        ("typed", ["typed.example"], .block(.noData)),
    ]
    var builder = DomainTrieBuilder()
    for (index, list) in lists.enumerated() {
        for entry in list.1 { builder.insert(try DomainName(entry), scope: .subtree, list: ListIndex(index)) }
    }
    let rules = lists.enumerated().map { index, list in
        FirewallRule(
            name: "rule \(list.0)", priority: index + 1, action: list.2, domainListID: "rslvr-fdl-\(list.0)",
            qtype: list.0 == "typed" ? .aaaa : nil, redirection: list.0 == "allow" ? .trust : .inspect)
    }
    let part = PolicyPart(
        lists: lists.map {
            FirewallDomainList(id: "rslvr-fdl-\($0.0)", name: $0.0, isAvailable: isAvailable || $0.0 != "block")
        }, trie: try builder.build())
    let vpcs = [VPC(id: "vpc-1", cidrs: [CIDR("10.0.0.0/8")!]), VPC(id: VPC.defaultID, cidrs: [])]
    var policy = FirewallPolicy(
        parts: [part], ruleGroups: [FirewallRuleGroup(id: "rslvr-frg-1", name: "group", rules: rules)],
        associations: vpcs.map { FirewallRuleGroupAssociation(ruleGroupID: "rslvr-frg-1", vpcID: $0.id, priority: 1) },
        vpcs: vpcs)
    if !blockedAddresses.isEmpty {
        let list = ResponseAddressList(
            id: "rslvr-fdl-addresses", name: "addresses", blocks: blockedAddresses.compactMap { CIDR($0) })
        policy.responseAddresses = ResponseAddressPolicy(
            lists: [list], rebinding: RebindingProtection(privateDomains: []), response: .nxDomain)
    }
    return try policy.compiled()
}

func makeSide(_ policy: PolicySnapshot, otherVPC: VPCIndex? = nil) -> PolicySide {
    PolicySide(
        RecordJudge(policy, otherVPC: otherVPC) { name, _, _ in
            name.description == "localhost." ? .own : name.description == "lab.example." ? .known : .anybodys
        })
}

/// A line of a log.
func line(
    _ name: String, _ type: String = "A", _ action: String? = nil, by rule: String = "block",
    rcode: String = "NOERROR", answers: [(type: String, data: String)] = [], client: String = "10.0.0.1",
    vpc: String = "vpc-1", own: [String: String]? = nil
) -> String {
    var fields: [String: Any] = [
        "query_name": name, "query_type": type, "rcode": rcode, "srcaddr": client, "vpc_id": vpc,
        "query_timestamp": "2026-11-21T10:00:00Z",
        "answers": answers.map { ["Rdata": $0.data, "Type": $0.type, "Class": "IN"] },
    ]
    if let action {
        fields["firewall_rule_action"] = action
        fields["firewall_rule_group_id"] = "rslvr-frg-1"
        fields["firewall_domain_list_id"] = "rslvr-fdl-\(rule)"
    }
    if let own { fields["x_ext"] = own }
    let octets = (try? JSONSerialization.data(withJSONObject: fields, options: [.withoutEscapingSlashes])) ?? Data()
    return String(decoding: octets, as: UTF8.self)
}

/// What comes of a log with these lines.
func replay(
    _ lines: [String], before: PolicySide? = nil, after: PolicySide, jobs: Int = 1, top: Int = 10
) throws -> (result: Replay.Result, report: ReplayReport) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "q.log")
    try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: path)
    let log = try RecordedLog([path.path], pieceOctets: 10_000)
    let result = Replay(log, before: before, after: after).run(jobs: jobs) { _ in }
    return (result, ReplayReport(result, of: log, top: top))
}

extension ReplayReport {
    /// `difference name: before → after`, of the first examples, with what a rule matched if not the name.
    var differences: [String] {
        [("blocked", newlyBlocked), ("allowed", newlyAllowed), ("changed", changed), ("unclear", unclear)]
            .flatMap { title, group in
                group.examples.map { example in
                    "\(title) \(example.name): \(example.before) → \(example.after)"
                        + (example.through.map { " through \($0)" } ?? "")
                }
            }
    }
}
