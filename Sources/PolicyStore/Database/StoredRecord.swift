import FirewallPolicy
import GRDB

/// A record with a table of its own, whose columns are its properties.
protocol StoredRecord: StoreRecord, FetchableRecord, PersistableRecord {
    /// AWS's word for the kind of object, as ARNs have it.
    static var kind: String { get }
    var id: String { get }
    var origin: RecordOrigin { get }

    /// The answer to an id that names none.
    static func missing(_ id: String) -> StoreError
}

/// A record that an ARN names.
protocol NamedRecord: StoredRecord {
    var arn: String { get }
}

extension StoredRecord {
    static func missing(_ id: String) -> StoreError { .unknownID(id, kind) }
}

extension FirewallDomainListRecord: FetchableRecord, PersistableRecord, NamedRecord {
    package static let databaseTableName = "firewallDomainList"
    static let kind = "firewall-domain-list"
}

extension FirewallRuleGroupRecord: FetchableRecord, PersistableRecord, NamedRecord {
    package static let databaseTableName = "firewallRuleGroup"
    static let kind = "firewall-rule-group"
}

extension FirewallRuleRecord: FetchableRecord, PersistableRecord, StoredRecord {
    package static let databaseTableName = "firewallRule"
    static let kind = "firewall-rule"
}

extension FirewallRuleGroupAssociationRecord: FetchableRecord, PersistableRecord, NamedRecord {
    package static let databaseTableName = "firewallRuleGroupAssociation"
    static let kind = "firewall-rule-group-association"
}

extension ResolverQueryLogConfigRecord: FetchableRecord, PersistableRecord, NamedRecord {
    package static let databaseTableName = "resolverQueryLogConfig"
    static let kind = "resolver-query-log-config"

    static func missing(_ id: String) -> StoreError {
        .notFound(
            message: "[RSLVR-01601] The specified query logging configuration doesn't exist.", resourceType: kind)
    }
}

extension ResolverQueryLogConfigAssociationRecord: FetchableRecord, PersistableRecord, StoredRecord {
    package static let databaseTableName = "resolverQueryLogConfigAssociation"
    static let kind = "resolver-query-log-config-association"

    static func missing(_ id: String) -> StoreError {
        .notFound(
            message: "[RSLVR-01602] The specified query logging configuration association doesn't exist.",
            resourceType: kind)
    }
}

extension ResolverRuleRecord: FetchableRecord, PersistableRecord, NamedRecord {
    package static let databaseTableName = "resolverRule"
    static let kind = "resolver-rule"

    static func missing(_ id: String) -> StoreError {
        .notFound(message: "[RSLVR-00703] Resolver rule with ID \"\(id)\" does not exist.", resourceType: kind)
    }
}

extension ResolverRuleAssociationRecord: FetchableRecord, PersistableRecord, StoredRecord {
    package static let databaseTableName = "resolverRuleAssociation"
    static let kind = "resolver-rule-association"
}

/// A VPC of the configuration, with the settings that the API keeps for it.
struct VPCRecord: StoreRecord, FetchableRecord, PersistableRecord {
    static let databaseTableName = "vpc"

    var sequence: Int64
    var id: String
    /// False once the configuration names it no more: its settings wait for its return.
    var isDeclared: Bool
    var firewallConfigID: String
    var failOpen: FirewallFailOpen
    var resolverConfigID: String
    var autodefinedReverse: ConfigSwitch
    /// Who has set `autodefinedReverse`.
    var resolverConfigOrigin: RecordOrigin
    var dnssecConfigID: String
    var validation: ConfigSwitch
}
