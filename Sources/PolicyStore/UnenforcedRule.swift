import FirewallPolicy
import GRDB

/// A rule that is kept and shown, and matches nothing here: one that looks for threats or categories in place of a list's
/// names.
package struct UnenforcedRule: Sendable, Equatable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// DNS Firewall Advanced.
        case threatProtection = "UNSUPPORTED_THREAT_PROTECTION"
        /// Lists of AWS's or of a partner's, by what they are about.
        case category = "UNSUPPORTED_CATEGORY"
    }

    package var groupID: String
    package var name: String
    package var priority: Int
    /// AWS's word.
    package var action: String
    package var kind: Kind
    /// What it looks for, such as `DGA`.
    package var subject: String
}

extension TemplatePolicy {
    package var unenforcedRules: [UnenforcedRule] {
        ruleGroups.flatMap { group in
            group.threatRules.map {
                UnenforcedRule(
                    groupID: group.resource.id, name: $0.name, priority: $0.priority, action: $0.action.name,
                    kind: .threatProtection, subject: $0.protection)
            }
        }
    }
}

extension ResolverStore {
    /// Those of templates too, which the API shows.
    package func unenforcedRules() throws(StoreError) -> [UnenforcedRule] {
        try read { transaction in
            try FirewallRuleRecord.fetchAll(transaction.db).filter { !$0.isEnforced }.map(UnenforcedRule.init)
        }
    }
}

extension UnenforcedRule {
    fileprivate init(_ record: FirewallRuleRecord) {
        (groupID, name, priority) = (record.firewallRuleGroupID, record.name, record.priority)
        action = record.action.rawValue
        switch record.ruleType {
        case .contentCategory(let category), .threatCategory(let category), .partnerThreatProtection(let category):
            (kind, subject) = (.category, category)
        case .dnsThreatProtection(let protection, _):
            (kind, subject) = (.threatProtection, protection)
        case nil:
            (kind, subject) = (.threatProtection, record.dnsThreatProtection ?? "")
        }
    }
}
