package import FirewallPolicy

package enum RuleAction: String, Codable, Sendable {
    case allow = "ALLOW"
    case block = "BLOCK"
    case alert = "ALERT"
}

package enum RuleBlockResponse: String, Codable, Sendable {
    case noData = "NODATA"
    case nxDomain = "NXDOMAIN"
    case override = "OVERRIDE"
}

/// AWS `FirewallRuleType`: what a rule without a domain list looks for.
package enum FirewallRuleType: Codable, Sendable, Equatable {
    case contentCategory(String)
    case threatCategory(String)
    case dnsThreatProtection(value: String, confidenceThreshold: String)
    case partnerThreatProtection(String)
}

extension RedirectionAction: Codable {}

/// AWS `FirewallRule`.
package struct FirewallRuleRecord: StoreRecord {
    /// Within its group, rules are listed by priority.
    package var sequence: Int64 { Int64(priority) }
    /// The store's own: the rule's key as one text (`FirewallRuleKey.id`).
    package var id: String
    package var firewallRuleGroupID: String
    package var firewallDomainListID: String?
    package var firewallThreatProtectionID: String?
    package var name: String
    package var priority: Int
    package var action: RuleAction
    package var blockResponse: RuleBlockResponse?
    package var blockOverrideDomain: String?
    /// `CNAME`, where there is an override.
    package var blockOverrideDnsType: String?
    package var blockOverrideTtl: Int?
    package var creatorRequestID: String
    package var creationTime: String
    package var modificationTime: String
    /// Always there for a rule with a domain list, never for another one.
    package var redirection: RedirectionAction?
    /// As it was sent; `AAAA` and `TYPE28` are the same key.
    package var qtype: String?
    package var dnsThreatProtection: String?
    package var confidenceThreshold: String?
    package var ruleType: FirewallRuleType?
    package var origin: RecordOrigin

    /// False for the kinds of rule that are kept but match nothing here: those without a domain list.
    package var isEnforced: Bool { firewallDomainListID != nil }
}
