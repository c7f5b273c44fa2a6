package import DNSWire
package import FirewallPolicy
package import SourceFiles

/// What templates say about DNS, evaluated and checked.
package struct TemplatePolicy: Sendable, Equatable {
    package var domainLists: [DomainList] = []
    package var ruleGroups: [RuleGroup] = []
    package var associations: [Association] = []
    package var vpcs: [TemplateVPC] = []
    package var resolverRules: [ResolverRule] = []
    package var resolverRuleAssociations: [ResolverRuleAssociation] = []
    package var resolverConfigs: [ResolverConfig] = []
    package var queryLogConfigs: [QueryLogConfig] = []
    package var queryLogAssociations: [QueryLogAssociation] = []
    /// Doubtful, but accepted.
    package var warnings: [Finding] = []
    /// Resources that mean nothing here, one each.
    package var notes: [Finding] = []
    /// Given parameters that no template asks for, in order.
    package var unusedParameters: [String] = []
}

// MARK: - Resources

extension TemplatePolicy {
    /// What every resource has.
    package struct Resource: Sendable, Equatable {
        package var stackName: String
        package var logicalID: String
        /// Where the logical id stands.
        package var place: Place
        /// The same whenever the template has the same file name and logical id.
        package var id: String
        /// Empty for types that have none.
        package var arn: String
        package var tags: [Tag] = []
    }

    package struct Tag: Sendable, Equatable {
        package var key: String
        package var value: String
    }

    /// A value and the property that gives it, so that what is wrong with it elsewhere can be told here.
    package struct Reference: Sendable, Equatable {
        package var value: String
        package var place: Place
        /// `BlockAds.FirewallRules[0].FirewallDomainListId`
        package var property: String
    }

    /// AWS::Route53Resolver::FirewallDomainList
    package struct DomainList: Sendable, Equatable {
        package var resource: Resource
        package var name: String
        package var entries: [Entry]
        /// What `DomainFileUrl` says, and the file it was found in.
        package var domainFile: DomainFile?
    }

    package struct DomainFile: Sendable, Equatable {
        package var url: String
        package var path: String
    }

    /// One entry of a list. Its text is known to be a domain specification; it is kept as text, which is a tenth of the
    /// other's size.
    package struct Entry: Sendable, Equatable {
        /// As written.
        package let text: String
        package let place: Place

        init(_ text: String, _ place: Place) throws(DomainSpecificationError) {
            _ = try DomainSpecification(text)
            self.text = text
            self.place = place
        }

        package func specification() throws(DomainSpecificationError) -> DomainSpecification {
            try DomainSpecification(text)
        }
    }

    /// AWS::Route53Resolver::FirewallRuleGroup
    package struct RuleGroup: Sendable, Equatable {
        package var resource: Resource
        package var name: String
        package var rules: [Rule]
        /// Shown, but not enforced.
        package var threatRules: [ThreatRule] = []
    }

    /// A rule, and what the API shows beside it. CloudFormation's rules have no name; they get one from action and list.
    package struct Rule: Sendable, Equatable {
        package var rule: FirewallRule
        package var place: Place
        package var list: Reference
        /// As written; nil means every type.
        package var qtype: String?
    }

    /// A rule that looks for threats instead of a list's names.
    package struct ThreatRule: Sendable, Equatable {
        package var priority: Int
        package var action: FirewallRuleAction
        /// AWS `DnsThreatProtection`, such as `DGA`, and its `ConfidenceThreshold`.
        package var protection: String
        package var confidenceThreshold: String

        /// CloudFormation's rules have no name.
        package var name: String { "\(action.name.lowercased()) \(protection)" }
    }

    /// AWS::Route53Resolver::FirewallRuleGroupAssociation
    package struct Association: Sendable, Equatable {
        package var resource: Resource
        package var name: String
        package var group: Reference
        package var vpc: Reference
        package var priority: Int
        package var isMutationProtected: Bool
    }

    /// AWS::EC2::VPC. CloudFormation has no type for a VPC's FirewallConfig, so it fails closed, as AWS's default does.
    package struct TemplateVPC: Sendable, Equatable {
        package var resource: Resource
        package var vpc: VPC
    }

    /// AWS::Route53Resolver::ResolverRule
    package struct ResolverRule: Sendable, Equatable {
        package enum Kind: String, Sendable, CaseIterable {
            /// To the targets, with all names below.
            case forward = "FORWARD"
            /// To the usual upstreams again, below a name that is forwarded.
            case system = "SYSTEM"
        }

        package var resource: Resource
        package var name: String
        package var kind: Kind
        package var domain: DomainName
        /// Empty for SYSTEM.
        package var targets: [Endpoint]
        package var endpointID: String?
    }

    /// AWS::Route53Resolver::ResolverRuleAssociation
    package struct ResolverRuleAssociation: Sendable, Equatable {
        package var resource: Resource
        package var name: String
        package var rule: Reference
        package var vpc: Reference
    }

    /// AWS::Route53Resolver::ResolverConfig; all that it can say is that a VPC has no autodefined reverse rules.
    package struct ResolverConfig: Sendable, Equatable {
        package var resource: Resource
        package var vpc: Reference
    }

    /// AWS::Route53Resolver::ResolverQueryLoggingConfig
    package struct QueryLogConfig: Sendable, Equatable {
        package var resource: Resource
        package var name: String
        package var destinationARN: String
    }

    /// AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation
    package struct QueryLogAssociation: Sendable, Equatable {
        package var resource: Resource
        package var config: Reference
        package var vpc: Reference
    }
}

// MARK: - Together

extension TemplatePolicy {
    /// The rule groups and associations as `FirewallPolicy` has them.
    package var firewallRuleGroups: [FirewallRuleGroup] {
        ruleGroups.map { FirewallRuleGroup(id: $0.resource.id, name: $0.name, rules: $0.rules.map(\.rule)) }
    }

    package var firewallAssociations: [FirewallRuleGroupAssociation] {
        associations.map {
            FirewallRuleGroupAssociation(ruleGroupID: $0.group.value, vpcID: $0.vpc.value, priority: $0.priority)
        }
    }

    /// References to what neither these templates nor the callers' sets have, as findings at the place of the property.
    package func unresolvedReferences(
        domainLists otherLists: Set<String> = [], ruleGroups otherGroups: Set<String> = [],
        vpcs otherVPCs: Set<String> = []
    ) -> [Finding] {
        let lists = otherLists.union(domainLists.map(\.resource.id))
        let groups = otherGroups.union(ruleGroups.map(\.resource.id))
        let vpcIDs = otherVPCs.union(vpcs.map(\.vpc.id))
        return unresolved(ruleGroups.flatMap(\.rules).map(\.list), in: lists, "domain list")
            + unresolved(associations.map(\.group), in: groups, "rule group")
            + unresolved(resolverRuleAssociations.map(\.rule), in: Set(resolverRules.map(\.resource.id)), "rule")
            + unresolved(
                queryLogAssociations.map(\.config), in: Set(queryLogConfigs.map(\.resource.id)), "query log config")
            + unresolved(vpcReferences, in: vpcIDs, "VPC")
    }

    private var vpcReferences: [Reference] {
        associations.map(\.vpc) + resolverRuleAssociations.map(\.vpc) + resolverConfigs.map(\.vpc)
            + queryLogAssociations.map(\.vpc)
    }

    private func unresolved(_ references: [Reference], in known: Set<String>, _ what: String) -> [Finding] {
        references.filter { !known.contains($0.value) }.map {
            Finding(place: $0.place, message: "\($0.property): there is no \(what) \($0.value)")
        }
    }

    mutating func merge(_ other: TemplatePolicy) {
        domainLists += other.domainLists
        ruleGroups += other.ruleGroups
        associations += other.associations
        vpcs += other.vpcs
        resolverRules += other.resolverRules
        resolverRuleAssociations += other.resolverRuleAssociations
        resolverConfigs += other.resolverConfigs
        queryLogConfigs += other.queryLogConfigs
        queryLogAssociations += other.queryLogAssociations
    }
}
