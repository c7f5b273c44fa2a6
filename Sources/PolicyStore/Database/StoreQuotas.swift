/// How much of everything an account may have. The defaults are AWS's.
package struct StoreQuotas: Sendable, Equatable {
    package var ruleGroupsPerVPC = 5
    package var ruleGroups = 1_000
    package var rulesPerGroup = 100
    package var domainLists = 1_000
    /// Over all lists of the account but the managed ones.
    package var domains = 100_000
    package var domainsPerFile = 250_000
    package var domainsPerUpdate = 1_000
    package var queryLogConfigs = 20
    package var queryLogConfigAssociations = 100
    package var resolverRules = 1_000
    package var resolverRuleAssociations = 2_000
    package var targetsPerRule = 6
    package var tagsPerResource = 200

    package init() {}

    /// Those that a configuration may change, by the name that it has there.
    package static let byName: [String: any WritableKeyPath<StoreQuotas, Int> & Sendable] = [
        "rule_groups_per_vpc": \.ruleGroupsPerVPC, "rule_groups": \.ruleGroups, "rules_per_group": \.rulesPerGroup,
        "domain_lists": \.domainLists, "domains": \.domains, "domains_per_file": \.domainsPerFile,
        "domains_per_update": \.domainsPerUpdate, "query_log_configs": \.queryLogConfigs,
        "query_log_config_associations": \.queryLogConfigAssociations, "resolver_rules": \.resolverRules,
        "resolver_rule_associations": \.resolverRuleAssociations,
    ]
}
