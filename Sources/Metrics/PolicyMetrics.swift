import DomainTrie
import FirewallPolicy
package import ResolverEngine

/// How reloads have gone since the start.
package struct ReloadCounts: Sendable {
    package var successes: UInt64 = 0
    package var failures: UInt64 = 0
    package var hasFailedLast = false
    /// Names on the lists of the configuration in force; one of two lists counts twice.
    package var listedNames: Int

    package init(listedNames: Int) { self.listedNames = listedNames }
}

extension [MetricFamily] {
    /// What the policy is, and what its rules have decided.
    package static func policy(_ report: EngineReport, _ state: ServingState, _ reloads: ReloadCounts) -> [MetricFamily]
    {
        decisions(report.policy) + facts(state, reloads) + [
            MetricFamily(
                .counter, "sekisho_reloads_total", "Attempts to put a changed configuration, list or feed in force.",
                by: ["result"],
                [(["success"], MetricValue(reloads.successes)), (["failure"], MetricValue(reloads.failures))]),
            MetricFamily(
                .gauge, "sekisho_last_reload_successful", "Whether the last reload, or the start, went well.",
                MetricValue(!reloads.hasFailedLast)),
        ]
    }

    private static func facts(_ state: ServingState, _ reloads: ReloadCounts) -> [MetricFamily] {
        let (policy, names) = (state.policy, state.policy.names)
        let octets = policy.tries.reduce(0) { $0 + $1.octetCount }
        return [
            MetricFamily(.gauge, "sekisho_policy_rules", "Rules in force.", MetricValue(names.rules.count)),
            MetricFamily(
                .gauge, "sekisho_policy_rule_groups", "Rule groups with rules in force.",
                MetricValue(Set(names.rules.map(\.groupID)).count)),
            MetricFamily(.gauge, "sekisho_policy_domain_lists", "Lists in force.", MetricValue(names.listCount)),
            MetricFamily(.gauge, "sekisho_policy_vpcs", "VPCs.", MetricValue(names.vpcs.count)),
            MetricFamily(
                .gauge, "sekisho_policy_names", "Names on the lists of the configuration.",
                MetricValue(reloads.listedNames)),
            MetricFamily(
                .gauge, "sekisho_policy_size_bytes", "Octets that all lists take, compiled.", MetricValue(octets)),
            MetricFamily(
                .gauge, "sekisho_policy_loaded_timestamp_seconds", "When the policy in force was put in force.",
                MetricValue(Double(state.madeAt) / 1e9)),
        ]
    }

    private static func decisions(_ counts: PolicyCounts) -> [MetricFamily] {
        var rules = counts.rules.counts.map { rule, count in
            (
                values: [rule.groupID, rule.groupName, rule.name, rule.outcome.name, rule.listID, rule.listName],
                MetricValue(count)
            )
        }.sorted { $0.values.lexicographicallyPrecedes($1.values) }
        if counts.rules.other > 0 {
            rules.append((.init(repeating: "other", count: 6), MetricValue(counts.rules.other)))
        }
        return [
            MetricFamily(
                .counter, "sekisho_rule_queries_total", "Queries that a rule has decided.",
                by: ["rule_group_id", "rule_group", "rule", "action", "domain_list_id", "domain_list"], rules),
            MetricFamily(
                .counter, "sekisho_vpc_queries_total", "Answered queries of a VPC's clients, by what the firewall did.",
                by: ["vpc_id", "action"], sums(counts.vpcs) { [$0.id, $0.outcome.name] }),
        ] + volumes(counts)
    }

    /// AWS's metrics of namespace `AWS/Route53Resolver`, as exporters of CloudWatch name them.
    private static func volumes(_ counts: PolicyCounts) -> [MetricFamily] {
        [
            MetricFamily(
                .untyped, "aws_route53resolver_firewall_rule_group_query_volume_sum",
                "AWS's FirewallRuleGroupQueryVolume: queries that match a rule group, since the start.",
                by: ["firewall_rule_group_id"], sums(counts.rules) { [$0.groupID] }),
            MetricFamily(
                .untyped, "aws_route53resolver_vpc_firewall_query_volume_sum",
                "AWS's VpcFirewallQueryVolume: queries of a VPC, since the start.", by: ["vpc_id"],
                sums(counts.vpcs) { [$0.id] }),
            MetricFamily(
                .untyped, "aws_route53resolver_firewall_rule_group_vpc_query_volume_sum",
                "AWS's FirewallRuleGroupVpcQueryVolume: queries of a VPC that match a rule group, since the start.",
                by: ["firewall_rule_group_id", "vpc_id"], sums(counts.vpcs) { vpc in vpc.groupID.map { [$0, vpc.id] } }),
            MetricFamily(
                .untyped, "aws_route53resolver_firewall_rule_query_volume_sum",
                "AWS's FirewallRuleQueryVolume: queries that match a domain list in a rule group, since the start.",
                by: ["firewall_rule_group_id", "firewall_domain_list_id"],
                sums(counts.rules) { [$0.groupID, $0.listID] }),
        ]
    }

    /// Sums of the counts with the same labels; what has none is left out.
    private static func sums<Key>(
        _ counts: BoundedCounts<Key>, by labels: (Key) -> [String]?
    ) -> [(values: [String], MetricValue)] {
        var sums: [[String]: UInt64] = [:]
        for (key, count) in counts.counts {
            if let values = labels(key) { sums[values, default: 0] += count }
        }
        if counts.other > 0, let width = sums.keys.first?.count {
            sums[.init(repeating: "other", count: width), default: 0] += counts.other
        }
        return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, MetricValue($0.value)) }
    }
}
