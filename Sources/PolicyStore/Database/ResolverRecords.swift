package struct ResolverQueryLogConfigRecord: StoreRecord {
    package var sequence: Int64
    package var id: String
    package var ownerID: String
    /// `CREATED`, in the answer to a deletion `DELETING`.
    package var status: String
    package var shareStatus: String
    package var associationCount: Int
    package var arn: String
    package var name: String
    package var destinationARN: String
    package var creatorRequestID: String
    package var creationTime: String
    package var origin: RecordOrigin
}

package struct ResolverQueryLogConfigAssociationRecord: StoreRecord {
    package var sequence: Int64
    package var id: String
    package var resolverQueryLogConfigID: String
    /// The VPC.
    package var resourceID: String
    /// `ACTIVE`, in the answer to a creation `CREATING`, to a deletion `DELETING`.
    package var status: String
    /// `NONE`.
    package var error: String
    package var creationTime: String
    package var origin: RecordOrigin
}

/// AWS `RuleTypeOption`.
package enum ResolverRuleType: String, Codable, Sendable {
    case forward = "FORWARD"
    case system = "SYSTEM"
    case recursive = "RECURSIVE"
    case delegate = "DELEGATE"
}

/// AWS `TargetAddress`; exactly one of `ip` and `ipv6`.
package struct TargetAddress: Codable, Sendable, Equatable {
    package var ip: String?
    package var ipv6: String?
    /// 53 unless told otherwise.
    package var port: Int?
    package var `protocol`: String?
    package var serverNameIndication: String?

    package init(
        ip: String? = nil, ipv6: String? = nil, port: Int? = nil, protocol: String? = nil,
        serverNameIndication: String? = nil
    ) {
        self.ip = ip
        self.ipv6 = ipv6
        self.port = port
        self.protocol = `protocol`
        self.serverNameIndication = serverNameIndication
    }
}

package struct ResolverRuleRecord: StoreRecord {
    package var sequence: Int64
    package var id: String
    package var creatorRequestID: String
    package var arn: String
    /// With its final dot.
    package var domainName: String?
    /// `COMPLETE`, in the answer to a deletion `DELETING`.
    package var status: String
    package var statusMessage: String
    package var ruleType: ResolverRuleType
    package var name: String?
    package var targetIPs: [TargetAddress]
    package var resolverEndpointID: String?
    package var delegationRecord: String?
    package var ownerID: String
    package var shareStatus: String
    package var creationTime: String
    package var modificationTime: String
    package var origin: RecordOrigin
}

package struct ResolverRuleAssociationRecord: StoreRecord {
    package var sequence: Int64
    package var id: String
    package var resolverRuleID: String
    package var name: String?
    package var vpcID: String
    /// `COMPLETE`, in the answer to a creation `CREATING`, to a deletion `DELETING`.
    package var status: String
    package var statusMessage: String
    package var origin: RecordOrigin
}

/// AWS's switches of ResolverConfig and DnssecConfig.
package enum ConfigSwitch: String, Codable, Sendable {
    case enable = "ENABLE"
    case disable = "DISABLE"
    case useLocalResourceSetting = "USE_LOCAL_RESOURCE_SETTING"
}

package struct ResolverConfigRecord: StoreRecord {
    package var sequence: Int64
    package var id: String
    package var resourceID: String
    package var ownerID: String
    /// `ENABLED`, `DISABLED`, `USE_LOCAL_RESOURCE_SETTING`; in the answer to an update `ENABLING` and so on.
    package var autodefinedReverse: String
    package var origin: RecordOrigin
}

package struct ResolverDnssecConfigRecord: StoreRecord {
    package var sequence: Int64
    package var id: String
    package var resourceID: String
    package var ownerID: String
    /// As `ResolverConfigRecord.autodefinedReverse`.
    package var validationStatus: String
}
