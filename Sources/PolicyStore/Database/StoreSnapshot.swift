import DNSWire
package import FirewallPolicy
import GRDB

/// Everything of the store that decides answers, but the entries of the lists: read at one moment.
package struct StoreSnapshot: Sendable {
    /// In listing order; a list that a rule names and that is gone follows at the end, as not available.
    package var domainLists: [FirewallDomainList] = []
    /// The records of `domainLists`, without the missing ones.
    package var domainListRecords: [FirewallDomainListRecord] = []
    /// Without rules that match nothing here (`FirewallRuleRecord.isEnforced`).
    package var ruleGroups: [FirewallRuleGroup] = []
    package var associations: [FirewallRuleGroupAssociation] = []
    /// VPCs that resolve where the firewall has no verdict.
    package var failOpenVPCIDs: Set<String> = []
    package var resolverConfigs: [ResolverConfigRecord] = []
    package var dnssecConfigs: [ResolverDnssecConfigRecord] = []
    package var resolverRules: [ResolverRuleRecord] = []
    package var resolverRuleAssociations: [ResolverRuleAssociationRecord] = []
    package var queryLogConfigs: [ResolverQueryLogConfigRecord] = []
    package var queryLogConfigAssociations: [ResolverQueryLogConfigAssociationRecord] = []
}

extension ResolverStore {
    package func snapshot() throws(StoreError) -> StoreSnapshot {
        try read { transaction in
            var snapshot = StoreSnapshot()
            try transaction.fillFirewall(&snapshot)
            let vpcs = try transaction.vpcs()
            snapshot.failOpenVPCIDs = Set(vpcs.filter { $0.failOpen == .enabled }.map(\.id))
            snapshot.resolverConfigs = vpcs.map(transaction.resolverConfig)
            snapshot.dnssecConfigs = vpcs.map(transaction.dnssecConfig)
            snapshot.resolverRules = try transaction.all(ResolverRuleRecord.self)
            snapshot.resolverRuleAssociations = try transaction.all(ResolverRuleAssociationRecord.self)
            snapshot.queryLogConfigs = try transaction.all(ResolverQueryLogConfigRecord.self)
            snapshot.queryLogConfigAssociations = try transaction.all(ResolverQueryLogConfigAssociationRecord.self)
            return snapshot
        }
    }

    /// Hands over the entries of a list one by one, in the order of their text. A managed list has none here.
    package func readDomains(listID: String, _ body: (DomainSpecification) -> Void) throws(StoreError) {
        try read { transaction in
            let domains = try String.fetchCursor(
                transaction.db, sql: "SELECT domain FROM firewallDomain WHERE listID = ? ORDER BY domain",
                arguments: [listID])
            while let domain = try domains.next() { body(try DomainSpecification(domain)) }
        }
    }
}

extension StoreTransaction {
    fileprivate func fillFirewall(_ snapshot: inout StoreSnapshot) throws {
        snapshot.domainListRecords = try all(FirewallDomainListRecord.self)
        snapshot.domainLists = snapshot.domainListRecords.map { FirewallDomainList(id: $0.id, name: $0.name) }
        var known = Set(snapshot.domainLists.map(\.id))
        let rules = try FirewallRuleRecord.order(Column("priority")).fetchAll(db).compactMap(\.firewallRule)
        for (_, rule) in rules where known.insert(rule.domainListID).inserted {
            snapshot.domainLists.append(
                FirewallDomainList(id: rule.domainListID, name: rule.domainListID, isAvailable: false))
        }
        let rulesByGroup = Dictionary(grouping: rules, by: \.groupID)
        snapshot.ruleGroups = try all(FirewallRuleGroupRecord.self).map { group in
            FirewallRuleGroup(id: group.id, name: group.name, rules: rulesByGroup[group.id, default: []].map(\.rule))
        }
        snapshot.associations = try all(FirewallRuleGroupAssociationRecord.self).map {
            FirewallRuleGroupAssociation(
                ruleGroupID: $0.firewallRuleGroupID, vpcID: $0.vpcID, priority: $0.priority)
        }
    }
}

extension FirewallRuleRecord {
    /// The rule as the policy has it; nil for one that is not enforced.
    fileprivate var firewallRule: (groupID: String, rule: FirewallRule)? {
        guard let list = firewallDomainListID, let action = firewallAction else { return nil }
        let rule = FirewallRule(
            name: name, priority: priority, action: action, domainListID: list,
            qtype: qtype.flatMap { RRType(mnemonic: $0) }, redirection: redirection ?? .inspect)
        return (firewallRuleGroupID, rule)
    }

    private var firewallAction: FirewallRuleAction? {
        switch (action, blockResponse) {
        case (.allow, _): return .allow
        case (.alert, _): return .alert
        case (.block, .noData): return .block(.noData)
        case (.block, .nxDomain): return .block(.nxDomain)
        case (.block, .override):
            guard let domain = try? DomainName(blockOverrideDomain ?? "") else { return nil }
            return .block(.override(domain: domain, ttlSeconds: UInt32(clamping: blockOverrideTtl ?? 0)))
        case (.block, nil): return nil
        }
    }
}
