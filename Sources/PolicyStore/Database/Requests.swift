import DNSWire
package import FirewallPolicy

// What is asked of the store. Syntax (lengths, patterns, ranges, words of closed sets) has been checked before.

package struct CreateFirewallDomainList: Codable, Sendable, Equatable {
    package var creatorRequestID: String
    package var name: String
    package var tags: [Tag]

    package init(creatorRequestID: String, name: String, tags: [Tag] = []) {
        self.creatorRequestID = creatorRequestID
        self.name = name
        self.tags = tags
    }
}

package enum UpdateDomainsOperation: String, Sendable {
    case add = "ADD"
    case remove = "REMOVE"
    case replace = "REPLACE"
}

package struct CreateFirewallRuleGroup: Codable, Sendable, Equatable {
    package var creatorRequestID: String
    package var name: String
    package var tags: [Tag]

    package init(creatorRequestID: String, name: String, tags: [Tag] = []) {
        self.creatorRequestID = creatorRequestID
        self.name = name
        self.tags = tags
    }
}

package struct CreateFirewallRule: Codable, Sendable, Equatable {
    package var creatorRequestID: String
    package var firewallRuleGroupID: String
    package var firewallDomainListID: String?
    package var name: String
    package var priority: Int
    package var action: RuleAction
    package var blockResponse: RuleBlockResponse?
    package var blockOverrideDomain: String?
    package var blockOverrideDnsType: String?
    package var blockOverrideTtl: Int?
    package var redirection: RedirectionAction?
    package var qtype: String?
    package var dnsThreatProtection: String?
    package var confidenceThreshold: String?
    package var ruleType: FirewallRuleType?

    package init(
        creatorRequestID: String, firewallRuleGroupID: String, firewallDomainListID: String? = nil, name: String,
        priority: Int, action: RuleAction, blockResponse: RuleBlockResponse? = nil, blockOverrideDomain: String? = nil,
        blockOverrideDnsType: String? = nil, blockOverrideTtl: Int? = nil, redirection: RedirectionAction? = nil,
        qtype: String? = nil, dnsThreatProtection: String? = nil, confidenceThreshold: String? = nil,
        ruleType: FirewallRuleType? = nil
    ) {
        self.creatorRequestID = creatorRequestID
        self.firewallRuleGroupID = firewallRuleGroupID
        self.firewallDomainListID = firewallDomainListID
        self.name = name
        self.priority = priority
        self.action = action
        self.blockResponse = blockResponse
        self.blockOverrideDomain = blockOverrideDomain
        self.blockOverrideDnsType = blockOverrideDnsType
        self.blockOverrideTtl = blockOverrideTtl
        self.redirection = redirection
        self.qtype = qtype
        self.dnsThreatProtection = dnsThreatProtection
        self.confidenceThreshold = confidenceThreshold
        self.ruleType = ruleType
    }
}

/// What a rule is known by: it has no id of its own.
package struct FirewallRuleKey: Codable, Sendable, Hashable {
    package var firewallRuleGroupID: String
    package var firewallDomainListID: String?
    package var firewallThreatProtectionID: String?
    package var qtype: String?

    package init(
        firewallRuleGroupID: String, firewallDomainListID: String? = nil, firewallThreatProtectionID: String? = nil,
        qtype: String? = nil
    ) {
        self.firewallRuleGroupID = firewallRuleGroupID
        self.firewallDomainListID = firewallDomainListID
        self.firewallThreatProtectionID = firewallThreatProtectionID
        self.qtype = qtype
    }

    /// The same text for the same rule: a query type counts as its number, however it is written.
    var id: String {
        let type = qtype.map { RRType(mnemonic: $0).map { String($0.rawValue) } ?? $0 } ?? ""
        return "\(firewallRuleGroupID)/\(firewallDomainListID ?? firewallThreatProtectionID ?? "")/\(type)"
    }
}

/// New values of a rule; what is nil stays as it is.
package struct UpdateFirewallRule: Codable, Sendable, Equatable {
    package var key: FirewallRuleKey
    package var name: String?
    package var priority: Int?
    package var action: RuleAction?
    package var blockResponse: RuleBlockResponse?
    package var blockOverrideDomain: String?
    package var blockOverrideDnsType: String?
    package var blockOverrideTtl: Int?
    package var redirection: RedirectionAction?
    package var dnsThreatProtection: String?
    package var confidenceThreshold: String?
    package var ruleType: FirewallRuleType?

    package init(
        key: FirewallRuleKey, name: String? = nil, priority: Int? = nil, action: RuleAction? = nil,
        blockResponse: RuleBlockResponse? = nil, blockOverrideDomain: String? = nil,
        blockOverrideDnsType: String? = nil, blockOverrideTtl: Int? = nil, redirection: RedirectionAction? = nil,
        dnsThreatProtection: String? = nil, confidenceThreshold: String? = nil, ruleType: FirewallRuleType? = nil
    ) {
        self.key = key
        self.name = name
        self.priority = priority
        self.action = action
        self.blockResponse = blockResponse
        self.blockOverrideDomain = blockOverrideDomain
        self.blockOverrideDnsType = blockOverrideDnsType
        self.blockOverrideTtl = blockOverrideTtl
        self.redirection = redirection
        self.dnsThreatProtection = dnsThreatProtection
        self.confidenceThreshold = confidenceThreshold
        self.ruleType = ruleType
    }
}

package struct AssociateFirewallRuleGroup: Codable, Sendable, Equatable {
    package var creatorRequestID: String
    package var firewallRuleGroupID: String
    package var vpcID: String
    package var priority: Int
    package var name: String
    package var mutationProtection: MutationProtection
    package var tags: [Tag]

    package init(
        creatorRequestID: String, firewallRuleGroupID: String, vpcID: String, priority: Int, name: String,
        mutationProtection: MutationProtection = .disabled, tags: [Tag] = []
    ) {
        self.creatorRequestID = creatorRequestID
        self.firewallRuleGroupID = firewallRuleGroupID
        self.vpcID = vpcID
        self.priority = priority
        self.name = name
        self.mutationProtection = mutationProtection
        self.tags = tags
    }
}

package struct CreateResolverQueryLogConfig: Codable, Sendable, Equatable {
    package var creatorRequestID: String
    package var name: String
    package var destinationARN: String
    package var tags: [Tag]

    package init(creatorRequestID: String, name: String, destinationARN: String, tags: [Tag] = []) {
        self.creatorRequestID = creatorRequestID
        self.name = name
        self.destinationARN = destinationARN
        self.tags = tags
    }
}

package struct CreateResolverRule: Codable, Sendable, Equatable {
    package var creatorRequestID: String
    package var name: String?
    package var ruleType: ResolverRuleType
    package var domainName: String?
    package var targetIPs: [TargetAddress]
    package var resolverEndpointID: String?
    package var delegationRecord: String?
    package var tags: [Tag]

    package init(
        creatorRequestID: String, name: String? = nil, ruleType: ResolverRuleType, domainName: String? = nil,
        targetIPs: [TargetAddress] = [], resolverEndpointID: String? = nil, delegationRecord: String? = nil,
        tags: [Tag] = []
    ) {
        self.creatorRequestID = creatorRequestID
        self.name = name
        self.ruleType = ruleType
        self.domainName = domainName
        self.targetIPs = targetIPs
        self.resolverEndpointID = resolverEndpointID
        self.delegationRecord = delegationRecord
        self.tags = tags
    }
}

/// AWS `ResolverRuleConfig`: new values; what is nil stays as it is.
package struct UpdateResolverRule: Codable, Sendable, Equatable {
    package var name: String?
    package var targetIPs: [TargetAddress]?
    package var resolverEndpointID: String?

    package init(name: String? = nil, targetIPs: [TargetAddress]? = nil, resolverEndpointID: String? = nil) {
        self.name = name
        self.targetIPs = targetIPs
        self.resolverEndpointID = resolverEndpointID
    }
}
