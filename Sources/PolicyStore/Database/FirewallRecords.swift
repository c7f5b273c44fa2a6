/// One record of the store, listed in creation order (rules: by priority).
package protocol StoreRecord: Codable, Sendable, Equatable {
    /// Grows from each record of its kind to the next one in a listing: a page goes on after it.
    var sequence: Int64 { get }
}

/// Where a record comes from, and so who may change it.
package enum RecordOrigin: RawRepresentable, Sendable, Equatable, Codable {
    case api
    /// A CloudFormation template, by its file name.
    case template(file: String)
    /// AWS's: a managed domain list.
    case managed

    private static let templatePrefix = "template:"

    package var rawValue: String {
        switch self {
        case .api: "api"
        case .managed: "managed"
        case .template(let file): RecordOrigin.templatePrefix + file
        }
    }

    package init?(rawValue: String) {
        switch rawValue {
        case "api": self = .api
        case "managed": self = .managed
        default:
            guard rawValue.hasPrefix(RecordOrigin.templatePrefix) else { return nil }
            self = .template(file: String(rawValue.dropFirst(RecordOrigin.templatePrefix.count)))
        }
    }
}

package enum FirewallDomainListStatus: String, Codable, Sendable {
    case complete = "COMPLETE"
    case completeImportFailed = "COMPLETE_IMPORT_FAILED"
    case importing = "IMPORTING"
    case deleting = "DELETING"
    case updating = "UPDATING"
}

/// Of rule groups and of their associations.
package enum FirewallStatus: String, Codable, Sendable {
    case complete = "COMPLETE"
    case deleting = "DELETING"
    case updating = "UPDATING"
}

package struct FirewallDomainListRecord: StoreRecord {
    package var sequence: Int64
    package var id: String
    package var arn: String
    package var name: String
    package var domainCount: Int
    package var status: FirewallDomainListStatus
    package var statusMessage: String
    package var managedOwnerName: String?
    package var creatorRequestID: String
    /// RFC 3339, UTC, as all times here: `2021-05-25T15:55:51.115Z`.
    package var creationTime: String
    package var modificationTime: String
    package var origin: RecordOrigin
}

package struct FirewallRuleGroupRecord: StoreRecord {
    package var sequence: Int64
    package var id: String
    package var arn: String
    package var name: String
    package var ruleCount: Int
    package var status: FirewallStatus
    package var statusMessage: String
    package var ownerID: String
    package var creatorRequestID: String
    package var shareStatus: String
    package var creationTime: String
    package var modificationTime: String
    package var origin: RecordOrigin
}

package struct FirewallRuleGroupAssociationRecord: StoreRecord {
    package var sequence: Int64
    package var id: String
    package var arn: String
    package var firewallRuleGroupID: String
    package var vpcID: String
    package var name: String
    package var priority: Int
    package var mutationProtection: MutationProtection
    package var status: FirewallStatus
    package var statusMessage: String
    package var creatorRequestID: String
    package var creationTime: String
    package var modificationTime: String
    package var origin: RecordOrigin
}

package enum MutationProtection: String, Codable, Sendable {
    case enabled = "ENABLED"
    case disabled = "DISABLED"
}

package struct FirewallConfigRecord: StoreRecord {
    package var sequence: Int64
    package var id: String
    /// The VPC.
    package var resourceID: String
    package var ownerID: String
    package var failOpen: FirewallFailOpen
}

package enum FirewallFailOpen: String, Codable, Sendable {
    case enabled = "ENABLED"
    case disabled = "DISABLED"
    case useLocalResourceSetting = "USE_LOCAL_RESOURCE_SETTING"
}

/// A tag of any resource that has an ARN.
package struct Tag: Codable, Sendable, Equatable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}
