import DNSWire
import FirewallPolicy
import SourceFiles

/// What holds between resources, of one template or several: clashes, references, and AWS's quotas.
///
/// A quota that AWS raises on request gives a warning, a fixed one an error.
struct TemplatePolicyChecker {
    let policy: TemplatePolicy
    let quotas: StoreQuotas
    let log: FindingLog

    func check() {
        checkIDs()
        checkAssociations()
        checkResolverRules()
        checkQueryLogs()
        checkQuotas()
    }

    /// Only a VPC's id can be given, and so given twice.
    private func checkIDs() {
        reportRepeats(policy.vpcs, of: { $0.vpc.id }, in: \.resource) { "has the id of \($0)" }
        reportRepeats(policy.vpcs, of: { $0.vpc.cidrs.map(\.description).joined(separator: " ") }, in: \.resource) {
            "has the addresses of \($0), so nobody could tell their clients apart"
        }
    }

    private func checkAssociations() {
        reportRepeats(policy.associations, of: { "\($0.vpc.value) \($0.priority)" }, in: \.resource) {
            "has the priority that \($0) has in the same VPC"
        }
        reportRepeats(policy.associations, of: { "\($0.vpc.value) \($0.group.value)" }, in: \.resource) {
            "associates the rule group that \($0) does with the same VPC"
        }
        for (vpc, associations) in Dictionary(grouping: policy.associations, by: \.vpc.value)
        where associations.count > quotas.ruleGroupsPerVPC {
            report(
                associations[quotas.ruleGroupsPerVPC].resource,
                "is one of \(associations.count) in \(vpc); the quota is \(quotas.ruleGroupsPerVPC) rule groups in a VPC"
            )
        }
    }

    private func checkResolverRules() {
        reportRepeats(policy.resolverRuleAssociations, of: { "\($0.rule.value) \($0.vpc.value)" }, in: \.resource) {
            "associates the rule that \($0) does with the same VPC"
        }
        reportRepeats(policy.resolverConfigs, of: \.vpc.value, in: \.resource) { "is for the VPC of \($0)" }
    }

    private func checkQueryLogs() {
        reportRepeats(policy.queryLogAssociations, of: { "\($0.config.value) \($0.vpc.value)" }, in: \.resource) {
            "associates the query log config that \($0) does with the same VPC"
        }
    }

    private func checkQuotas() {
        for group in policy.ruleGroups where group.rules.count > quotas.rulesPerGroup {
            warn(
                group.resource, "has \(group.rules.count) rules; the quota is \(quotas.rulesPerGroup) in a rule group")
        }
        warn(policy.ruleGroups.map(\.resource), "rule groups", above: quotas.ruleGroups)
        warn(policy.domainLists.map(\.resource), "domain lists", above: quotas.domainLists)
        warn(policy.queryLogConfigs.map(\.resource), "query log configs", above: quotas.queryLogConfigs)
        warn(
            policy.queryLogAssociations.map(\.resource), "query log associations",
            above: quotas.queryLogConfigAssociations)
        warn(policy.resolverRules.map(\.resource), "resolver rules", above: quotas.resolverRules)
        warn(
            policy.resolverRuleAssociations.map(\.resource), "resolver rule associations",
            above: quotas.resolverRuleAssociations)
        let domains = policy.domainLists.reduce(0) { $0 + $1.entries.count }
        if domains > quotas.domains, let list = policy.domainLists.last {
            warn(list.resource, "makes it \(domains) domains over all lists; the quota is \(quotas.domains)")
        }
    }
}

// MARK: - Reports

extension TemplatePolicyChecker {
    private func report(_ resource: TemplatePolicy.Resource, _ problem: String) {
        log.report(resource.place, "\(resource.logicalID): \(problem)")
    }

    private func warn(_ resource: TemplatePolicy.Resource, _ problem: String) {
        log.warn(resource.place, "\(resource.logicalID): \(problem)", kind: "quota")
    }

    private func warn(_ resources: [TemplatePolicy.Resource], _ what: String, above quota: Int) {
        if resources.count > quota {
            warn(resources[quota], "is one of \(resources.count) \(what); the quota is \(quota)")
        }
    }

    private func reportRepeats<Item>(
        _ items: [Item], of key: (Item) -> String, in resource: (Item) -> TemplatePolicy.Resource,
        _ problem: (String) -> String
    ) {
        var first: [String: TemplatePolicy.Resource] = [:]
        for item in items {
            let resource = resource(item)
            if let earlier = first[key(item)] {
                report(resource, problem("\(earlier.logicalID) (\(earlier.place))"))
            } else {
                first[key(item)] = resource
            }
        }
    }
}
