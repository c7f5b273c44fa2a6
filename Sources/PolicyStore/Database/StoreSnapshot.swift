import DNSWire
package import FirewallPolicy
import GRDB

/// What the API keeps that decides answers, but the entries of its lists: read at one moment. What the configuration
/// gives is in the policy that was compiled from it, and not here.
package struct StoreSnapshot: Sendable {
    /// In listing order; then those that a rule names and that are gone, as not available.
    package var lists: [FirewallDomainList] = []
    /// Without rules that match nothing here (`FirewallRuleRecord.isEnforced`).
    package var ruleGroups: [FirewallRuleGroup] = []
    package var associations: [FirewallRuleGroupAssociation] = []
    /// By id; of the configuration's resolver rules as well, since both kinds stand beside each other in a VPC.
    package var vpcs: [String: VPCSettings] = [:]

    package struct VPCSettings: Sendable, Equatable {
        package var failOpen: Bool
        package var autodefinedReverse: Bool
        package var resolverRules: [ResolverRule]
    }
}

extension ResolverStore {
    package func snapshot() throws(StoreError) -> StoreSnapshot {
        try read { transaction in
            var snapshot = StoreSnapshot()
            try transaction.fillFirewall(&snapshot)
            let rules = try transaction.resolverRulesByVPC()
            for vpc in try transaction.vpcs() {
                snapshot.vpcs[vpc.id] = StoreSnapshot.VPCSettings(
                    failOpen: vpc.failOpen == .enabled, autodefinedReverse: vpc.autodefinedReverse == .enable,
                    resolverRules: rules[vpc.id] ?? [])
            }
            return snapshot
        }
    }

    /// Hands over the entries of a list one by one, in the order of their text. A managed list has none here.
    package func readDomains(listID: String, _ body: (DomainSpecification) -> Void) throws(StoreError) {
        try read { transaction in
            let domains = try transaction.domains(listID: listID)
            while let domain = try domains.next() { body(try DomainSpecification(domain)) }
        }
    }

    /// The first entry of a list, in the order of their text, that covers a name; as the API lists it.
    func firstDomain(covering name: DomainName, listID: String) throws(StoreError) -> String? {
        try read { transaction in
            let domains = try transaction.domains(listID: listID)
            while let domain = try domains.next() {
                if try DomainSpecification(domain).covers(name) { return domain }
            }
            return nil
        }
    }
}

extension StoreTransaction {
    fileprivate func domains(listID: String) throws -> FastDatabaseValueCursor<String> {
        try String.fetchCursor(
            db, sql: "SELECT domain FROM firewallDomain WHERE listID = ? ORDER BY domain", arguments: [listID])
    }

    fileprivate func fillFirewall(_ snapshot: inout StoreSnapshot) throws {
        let lists = try all(FirewallDomainListRecord.self)
        snapshot.lists = lists.kept.map { FirewallDomainList(id: $0.id, name: $0.name) }
        var known = Set(lists.map(\.id))
        let rules = try FirewallRuleRecord.order(Column("priority")).fetchAll(db).kept.compactMap(\.firewallRule)
        for (_, rule) in rules where known.insert(rule.domainListID).inserted {
            snapshot.lists.append(
                FirewallDomainList(id: rule.domainListID, name: rule.domainListID, isAvailable: false))
        }
        let rulesByGroup = Dictionary(grouping: rules, by: \.groupID)
        snapshot.ruleGroups = try all(FirewallRuleGroupRecord.self).kept.map { group in
            FirewallRuleGroup(id: group.id, name: group.name, rules: rulesByGroup[group.id, default: []].map(\.rule))
        }
        snapshot.associations = try all(FirewallRuleGroupAssociationRecord.self).kept.map {
            FirewallRuleGroupAssociation(
                ruleGroupID: $0.firewallRuleGroupID, vpcID: $0.vpcID, priority: $0.priority)
        }
    }

    fileprivate func resolverRulesByVPC() throws -> [String: [ResolverRule]] {
        let records = try all(ResolverRuleRecord.self).map { ($0.id, $0.resolverRule) }
        let rules = Dictionary(records) { first, _ in first }
        return Dictionary(grouping: try all(ResolverRuleAssociationRecord.self), by: \.vpcID).mapValues {
            $0.compactMap { rules[$0.resolverRuleID] ?? nil }
        }
    }
}

extension Array where Element: StoredRecord {
    /// Those that the API has made.
    fileprivate var kept: [Element] { filter { $0.origin == .api } }
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

extension ResolverRuleRecord {
    /// The rule as the policy has it; nil for a kind that means nothing here (DELEGATE).
    fileprivate var resolverRule: ResolverRule? {
        guard let domain = domainName.flatMap({ try? DomainName($0) }) else { return nil }
        switch ruleType {
        case .system: return ResolverRule(domain: domain, target: .system)
        case .forward: return ResolverRule(domain: domain, target: .forward(targetIPs.compactMap(\.endpoint)))
        case .recursive, .delegate: return nil
        }
    }
}

extension TargetAddress {
    fileprivate var endpoint: Endpoint? {
        guard let address = (ip ?? ipv6).flatMap({ IPAddress($0) }) else { return nil }
        return Endpoint(address: address, port: UInt16(clamping: port ?? 53))
    }
}
