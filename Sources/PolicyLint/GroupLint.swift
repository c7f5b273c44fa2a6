import FirewallPolicy
import PolicyStore
import SourceFiles

/// Groups, lists and VPCs that have nothing to do with each other.
struct GroupLint {
    let policy: LintedPolicy

    var findings: [LintFinding] { unusedGroups + unusedLists + emptyLists + missingLists }

    private var unusedGroups: [LintFinding] {
        let associated = Set(policy.loaded.source.associations.map(\.ruleGroupID))
        return templateGroups.filter { !associated.contains($0.resource.id) }.map { group in
            LintFinding(
                .unusedRuleGroup, at: group.resource.place,
                "the rule group \(group.resource.logicalID) is associated with no VPC, so its rules hold nowhere")
        }
    }

    private var unusedLists: [LintFinding] {
        let used = Set(templateGroups.flatMap(\.rules).map(\.rule.domainListID))
        return templateLists.filter { !used.contains($0.resource.id) }.map { list in
            LintFinding(
                .unusedDomainList, at: list.resource.place, "no rule uses the domain list \(list.resource.logicalID)")
        }
    }

    /// Reading has told of lists that say nothing at all.
    private var emptyLists: [LintFinding] {
        let told = Set((policy.loaded.templates?.warnings ?? []).filter { $0.kind == "empty-list" }.map(\.place))
        return templateLists.filter { $0.entries.isEmpty && !told.contains($0.resource.place) }.map { list in
            LintFinding(
                .emptyList, at: list.resource.place,
                "the domain list \(list.resource.logicalID) is empty, so its rules match nothing")
        }
    }

    /// Nobody can say whether such a rule matches.
    private var missingLists: [LintFinding] {
        let parts = policy.loaded.source.parts
        return policy.orders.flatMap { order in
            order.rules.map { policy.rules[$0] }.filter { !parts[$0.list.part].lists[Int($0.list.index)].isAvailable }
                .map { rule in
                    let opens = policy.loaded.source.vpcs.contains { order.vpcIDs.contains($0.id) && $0.failOpen }
                    return LintFinding(
                        .missingList, at: rule.place,
                        "the list \(rule.listName.debugDescription) could not be had: queries that get to \(rule.title) "
                            + (opens ? "pass, since the VPC fails open" : "are answered SERVFAIL"))
                }
        }
    }

    private var templateGroups: [TemplatePolicy.RuleGroup] { policy.loaded.templates?.ruleGroups ?? [] }
    private var templateLists: [TemplatePolicy.DomainList] { policy.loaded.templates?.domainLists ?? [] }
}
