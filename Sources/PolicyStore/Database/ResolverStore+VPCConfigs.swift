import GRDB

// Every VPC of the configuration has each of these configs without anybody's doing.

extension ResolverStore {
    package func firewallConfig(vpcID: String) throws(StoreError) -> FirewallConfigRecord {
        try read { $0.firewallConfig(try $0.vpc(vpcID)) }
    }

    package func firewallConfigs() throws(StoreError) -> [FirewallConfigRecord] {
        try read { transaction in try transaction.vpcs().map(transaction.firewallConfig) }
    }

    package func updateFirewallConfig(
        vpcID: String, failOpen: FirewallFailOpen
    ) throws(StoreError) -> FirewallConfigRecord {
        try write { transaction in
            transaction.firewallConfig(try transaction.change(vpcID) { $0.failOpen = failOpen })
        }
    }

    package func resolverConfig(vpcID: String) throws(StoreError) -> ResolverConfigRecord {
        try read { $0.resolverConfig(try $0.vpc(vpcID)) }
    }

    package func resolverConfigs() throws(StoreError) -> [ResolverConfigRecord] {
        try read { transaction in try transaction.vpcs().map(transaction.resolverConfig) }
    }

    package func updateResolverConfig(
        vpcID: String, autodefinedReverse: ConfigSwitch
    ) throws(StoreError) -> ResolverConfigRecord {
        try write { transaction in
            let vpc = try transaction.change(vpcID) { vpc throws(StoreError) in
                guard vpc.resolverConfigOrigin == .api else {
                    throw .readOnly(vpc.resolverConfigID, vpc.resolverConfigOrigin)
                }
                vpc.autodefinedReverse = autodefinedReverse
            }
            var config = transaction.resolverConfig(vpc)
            config.autodefinedReverse = autodefinedReverse.transition
            return config
        }
    }

    package func resolverDnssecConfig(vpcID: String) throws(StoreError) -> ResolverDnssecConfigRecord {
        try read { $0.dnssecConfig(try $0.vpc(vpcID)) }
    }

    /// Without those that are disabled, as AWS lists them.
    package func resolverDnssecConfigs() throws(StoreError) -> [ResolverDnssecConfigRecord] {
        try read { transaction in
            try transaction.vpcs().filter { $0.validation != .disable }.map(transaction.dnssecConfig)
        }
    }

    package func updateResolverDnssecConfig(
        vpcID: String, validation: ConfigSwitch
    ) throws(StoreError) -> ResolverDnssecConfigRecord {
        try write { transaction in
            var config = transaction.dnssecConfig(try transaction.change(vpcID) { $0.validation = validation })
            config.validationStatus = validation.transition
            return config
        }
    }
}

extension ConfigSwitch {
    fileprivate var state: String {
        switch self {
        case .enable: "ENABLED"
        case .disable: "DISABLED"
        case .useLocalResourceSetting: "USE_LOCAL_RESOURCE_SETTING"
        }
    }

    /// What the answer to an update says, before the state is reported.
    fileprivate var transition: String {
        switch self {
        case .enable: "ENABLING"
        case .disable: "DISABLING"
        case .useLocalResourceSetting: "UPDATING_TO_USE_LOCAL_RESOURCE_SETTING"
        }
    }
}

extension StoreTransaction {
    func vpcs() throws -> [VPCRecord] {
        try VPCRecord.filter(Column("isDeclared") == true).order(Column("sequence")).fetchAll(db)
    }

    fileprivate mutating func change(
        _ vpcID: String, _ body: (inout VPCRecord) throws(StoreError) -> Void
    ) throws -> VPCRecord {
        var vpc = try vpc(vpcID)
        try body(&vpc)
        try vpc.update(db)
        note(.config)
        return vpc
    }

    func firewallConfig(_ vpc: VPCRecord) -> FirewallConfigRecord {
        FirewallConfigRecord(
            sequence: vpc.sequence, id: vpc.firewallConfigID, resourceID: vpc.id, ownerID: identity.accountID,
            failOpen: vpc.failOpen)
    }

    func resolverConfig(_ vpc: VPCRecord) -> ResolverConfigRecord {
        ResolverConfigRecord(
            sequence: vpc.sequence, id: vpc.resolverConfigID, resourceID: vpc.id, ownerID: identity.accountID,
            autodefinedReverse: vpc.autodefinedReverse.state, origin: vpc.resolverConfigOrigin)
    }

    func dnssecConfig(_ vpc: VPCRecord) -> ResolverDnssecConfigRecord {
        ResolverDnssecConfigRecord(
            sequence: vpc.sequence, id: vpc.dnssecConfigID, resourceID: vpc.id, ownerID: identity.accountID,
            validationStatus: vpc.validation.state)
    }
}
