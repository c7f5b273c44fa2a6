package import DNSWire

/// # FirewallPolicy
/// Decides what happens to a query: domain lists, rules, rule groups, their associations with VPCs; compiled, then asked.
/// - Touches: memory. Nothing else: no files, sockets, JSON or clocks.
/// - Threads: a `PolicySnapshot` is immutable and `Sendable`; everything before it belongs to one caller.
/// - Costs: a verdict is one walk of the trie and one short run of candidates, whatever the number of rules, groups and
///   lists; no allocation. A trace (`explain`) allocates as it likes.

/// A domain list as rules refer to it. Its entries live in the trie, under the list's position in the policy.
package struct FirewallDomainList: Sendable, Equatable {
    /// `rslvr-fdl-…`
    package var id: String
    package var name: String
    /// False when the entries could not be had: a rule that reaches the list then has no verdict (fail-open or not).
    package var isAvailable: Bool

    package init(id: String, name: String, isAvailable: Bool = true) {
        self.id = id
        self.name = name
        self.isAvailable = isAvailable
    }
}

/// What a matching rule does (AWS `Action` with its `BlockResponse`).
package enum FirewallRuleAction: Sendable, Equatable {
    case allow
    case alert
    case block(BlockResponse)

    /// AWS's word.
    package var name: String {
        switch self {
        case .allow: "ALLOW"
        case .alert: "ALERT"
        case .block: "BLOCK"
        }
    }
}

/// What a blocked client is told (AWS `BlockResponse`, `BlockOverrideDomain`, `BlockOverrideTtl`).
package enum BlockResponse: Sendable, Equatable {
    /// NOERROR without an answer.
    case noData
    case nxDomain
    /// NOERROR with a CNAME to `domain`; `ttlSeconds` is 0 to 604,800.
    case override(domain: DomainName, ttlSeconds: UInt32)

    /// AWS's word.
    package var name: String {
        switch self {
        case .noData: "NODATA"
        case .nxDomain: "NXDOMAIN"
        case .override: "OVERRIDE"
        }
    }
}

/// Whether the targets of CNAME and DNAME records are judged too (AWS `FirewallDomainRedirectionAction`).
package enum RedirectionAction: String, Sendable {
    case inspect = "INSPECT_REDIRECTION_DOMAIN"
    case trust = "TRUST_REDIRECTION_DOMAIN"
}

/// One rule of a rule group.
package struct FirewallRule: Sendable, Equatable {
    package var name: String
    /// Lower is considered first; unique in its group.
    package var priority: Int
    package var action: FirewallRuleAction
    package var domainListID: String
    /// Only queries of this type match; nil: of any type.
    package var qtype: RRType?
    package var redirection: RedirectionAction

    package init(
        name: String, priority: Int, action: FirewallRuleAction, domainListID: String, qtype: RRType? = nil,
        redirection: RedirectionAction = .inspect
    ) {
        self.name = name
        self.priority = priority
        self.action = action
        self.domainListID = domainListID
        self.qtype = qtype
        self.redirection = redirection
    }
}

extension RRType {
    /// Whether a rule for queries of this type looks at a query of type `qtype`. ANY is for rules without a type.
    func admits(_ qtype: RRType) -> Bool { self == qtype && qtype != .any }
}

package struct FirewallRuleGroup: Sendable, Equatable {
    /// `rslvr-frg-…`
    package var id: String
    package var name: String
    package var rules: [FirewallRule]
    /// For how long clients may remember that there is nothing where a rule of the group blocks: TTL of the SOA record in
    /// NODATA and NXDOMAIN answers. Nil: what the policy says.
    package var negativeTTLSeconds: UInt32?

    package init(id: String, name: String, rules: [FirewallRule], negativeTTLSeconds: UInt32? = nil) {
        self.id = id
        self.name = name
        self.rules = rules
        self.negativeTTLSeconds = negativeTTLSeconds
    }
}

/// Puts a rule group in force in a VPC.
package struct FirewallRuleGroupAssociation: Sendable, Equatable {
    package var ruleGroupID: String
    package var vpcID: String
    /// Lower is considered first; unique in its VPC.
    package var priority: Int

    package init(ruleGroupID: String, vpcID: String, priority: Int) {
        self.ruleGroupID = ruleGroupID
        self.vpcID = vpcID
        self.priority = priority
    }
}

/// Clients by source address.
package struct VPC: Sendable, Equatable {
    /// The VPC of clients that no configured one covers.
    package static let defaultID = "vpc-00000000"

    package var id: String
    package var cidrs: [CIDR]
    /// What happens when the firewall has no verdict: true resolves, false answers SERVFAIL
    /// (AWS `FirewallConfig.FirewallFailOpen`).
    package var failOpen: Bool
    /// Associated with it; no two for the same domain.
    package var resolverRules: [ResolverRule] = []
    /// Names of private addresses are known here alone, unless a resolver rule says who else knows them
    /// (AWS `ResolverConfig.AutodefinedReverse`). AWS's default, but not for the VPC that stands for everybody.
    package var autodefinedReverse: Bool

    package init(id: String, cidrs: [CIDR], failOpen: Bool = false) {
        self.id = id
        self.cidrs = cidrs
        self.failOpen = failOpen
        autodefinedReverse = id != VPC.defaultID
    }
}
