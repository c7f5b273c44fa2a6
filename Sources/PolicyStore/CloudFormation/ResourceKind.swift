/// The resource types that mean something here, with CloudFormation's schema of them.
enum ResourceKind: String, CaseIterable {
    case domainList = "AWS::Route53Resolver::FirewallDomainList"
    case ruleGroup = "AWS::Route53Resolver::FirewallRuleGroup"
    case ruleGroupAssociation = "AWS::Route53Resolver::FirewallRuleGroupAssociation"
    case queryLogConfig = "AWS::Route53Resolver::ResolverQueryLoggingConfig"
    case queryLogAssociation = "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation"
    case resolverRule = "AWS::Route53Resolver::ResolverRule"
    case resolverRuleAssociation = "AWS::Route53Resolver::ResolverRuleAssociation"
    case resolverConfig = "AWS::Route53Resolver::ResolverConfig"
    case vpc = "AWS::EC2::VPC"

    /// Types of the Resolver that exist and are ignored; any other is a misspelt one.
    static let ignoredResolverTypes = ["ResolverEndpoint", "ResolverDNSSECConfig", "OutpostResolver"].map {
        "AWS::Route53Resolver::\($0)"
    }

    struct Schema {
        /// What a template may set.
        var properties: [String]
        var required: [String] = []
        /// What AWS sets, and `Fn::GetAtt` gives.
        var attributes: [String] = []
    }

    var schema: Schema {
        switch self {
        case .domainList:
            Schema(
                properties: ["Name", "Domains", "DomainFileUrl", "Tags"],
                attributes: [
                    "Id", "Arn", "DomainCount", "Status", "StatusMessage", "ManagedOwnerName", "CreatorRequestId",
                    "CreationTime", "ModificationTime",
                ])
        case .ruleGroup:
            Schema(
                properties: ["Name", "FirewallRules", "Tags"],
                attributes: [
                    "Id", "Arn", "RuleCount", "Status", "StatusMessage", "OwnerId", "ShareStatus", "CreatorRequestId",
                    "CreationTime", "ModificationTime",
                ])
        case .ruleGroupAssociation:
            Schema(
                properties: ["FirewallRuleGroupId", "VpcId", "Priority", "Name", "MutationProtection", "Tags"],
                required: ["FirewallRuleGroupId", "VpcId", "Priority"],
                attributes: [
                    "Id", "Arn", "ManagedOwnerName", "Status", "StatusMessage", "CreatorRequestId", "CreationTime",
                    "ModificationTime",
                ])
        case .queryLogConfig:
            Schema(
                properties: ["Name", "DestinationArn", "Tags"], required: ["DestinationArn"],
                attributes: [
                    "Id", "Arn", "OwnerId", "Status", "ShareStatus", "AssociationCount", "CreatorRequestId",
                    "CreationTime",
                ])
        case .queryLogAssociation:
            Schema(
                properties: ["ResolverQueryLogConfigId", "ResourceId"],
                required: ["ResolverQueryLogConfigId", "ResourceId"],
                attributes: ["Id", "Status", "Error", "ErrorMessage", "CreationTime"])
        case .resolverRule:
            Schema(
                properties: [
                    "RuleType", "DomainName", "DelegationRecord", "TargetIps", "ResolverEndpointId", "Name", "Tags",
                ],
                required: ["RuleType"], attributes: ["ResolverRuleId", "Arn"])
        case .resolverRuleAssociation:
            Schema(
                properties: ["VPCId", "ResolverRuleId", "Name"], required: ["VPCId", "ResolverRuleId"],
                attributes: ["ResolverRuleAssociationId"])
        case .resolverConfig:
            Schema(
                properties: ["ResourceId", "AutodefinedReverseFlag"],
                required: ["ResourceId", "AutodefinedReverseFlag"], attributes: ["Id", "OwnerId", "AutodefinedReverse"])
        case .vpc:
            Schema(
                properties: [
                    "CidrBlock", "Ipv4IpamPoolId", "Ipv4NetmaskLength", "EnableDnsHostnames", "EnableDnsSupport",
                    "InstanceTenancy", "Tags", "VpcEncryptionControl",
                ],
                attributes: [
                    "VpcId", "CidrBlockAssociations", "DefaultNetworkAcl", "DefaultSecurityGroup", "Ipv6CidrBlocks",
                ])
        }
    }

    /// One rule of a rule group.
    static let firewallRule = Schema(
        properties: [
            "FirewallDomainListId", "DnsThreatProtection", "ConfidenceThreshold", "FirewallRuleType", "Priority",
            "Action", "BlockResponse", "BlockOverrideDomain", "BlockOverrideDnsType", "BlockOverrideTtl",
            "FirewallDomainRedirectionAction", "Qtype",
        ],
        required: ["Priority", "Action"], attributes: ["FirewallThreatProtectionId", "Status"])

    /// One target of a resolver rule.
    static let targetAddress = Schema(properties: ["Ip", "Ipv6", "Port", "Protocol", "ServerNameIndication"])

    /// What ids begin with, how many digits follow, and what ARNs say before the id; nil where there is no ARN.
    var identifier: (prefix: String, digits: Int, arn: String?) {
        switch self {
        case .domainList: ("rslvr-fdl-", 16, "firewall-domain-list")
        case .ruleGroup: ("rslvr-frg-", 16, "firewall-rule-group")
        case .ruleGroupAssociation: ("rslvr-frgassoc-", 16, "firewall-rule-group-association")
        case .queryLogConfig: ("rslvr-qlc-", 16, "resolver-query-log-config")
        case .queryLogAssociation: ("rslvr-qlcassoc-", 16, nil)
        case .resolverRule: ("rslvr-rr-", 17, "resolver-rule")
        case .resolverRuleAssociation: ("rslvr-rrassoc-", 17, nil)
        case .resolverConfig: ("rslvr-rc-", 16, nil)
        case .vpc: ("vpc-", 17, nil)
        }
    }
}
