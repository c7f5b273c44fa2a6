import PolicyStore

/// What is set for each VPC: fail-open, reverse names, DNSSEC validation.
extension Operation {
    private static let vpc = Member.required("ResourceId", .resourceID)
    private static let configSwitch = Shape.choice(["ENABLE", "DISABLE", "USE_LOCAL_RESOURCE_SETTING"])

    static let vpcConfigs = firewallConfigs + resolverConfigs + dnssecConfigs

    private static let firewallConfigs: [Operation] = [
        .firewall("GetFirewallConfig", [vpc]) { api, call throws(APIError) in
            let vpcID = try call.input.requiredText("ResourceId")
            let config = try stored { () throws(StoreError) in try api.store.firewallConfig(vpcID: vpcID) }
            return ["FirewallConfig": config.value]
        },
        .firewall("ListFirewallConfigs", .page(5...10)) { api, call throws(APIError) in
            let configs = try stored { () throws(StoreError) in try api.store.firewallConfigs() }
            return .structure(try call.page(configs, as: "FirewallConfigs", maxResults: 10, \.value))
        },
        .firewall(
            "UpdateFirewallConfig",
            [vpc, .required("FirewallFailOpen", .choice(["ENABLED", "DISABLED", "USE_LOCAL_RESOURCE_SETTING"]))]
        ) { api, call throws(APIError) in
            let vpcID = try call.input.requiredText("ResourceId")
            let failOpen = try call.input.requiredChoice("FirewallFailOpen", FirewallFailOpen.self)
            let config = try stored { () throws(StoreError) in
                try api.store.updateFirewallConfig(vpcID: vpcID, failOpen: failOpen)
            }
            return ["FirewallConfig": config.value]
        },
    ]

    private static let resolverConfigs: [Operation] = [
        .resolver("GetResolverConfig", [vpc]) { api, call throws(APIError) in
            let vpcID = try call.input.requiredText("ResourceId")
            let config = try stored { () throws(StoreError) in try api.store.resolverConfig(vpcID: vpcID) }
            return ["ResolverConfig": config.value]
        },
        .resolver("ListResolverConfigs", .page(5...100)) { api, call throws(APIError) in
            let configs = try stored { () throws(StoreError) in try api.store.resolverConfigs() }
            return .structure(try call.page(configs, as: "ResolverConfigs", \.value))
        },
        .resolver("UpdateResolverConfig", [vpc, .required("AutodefinedReverseFlag", configSwitch)]) {
            api, call throws(APIError) in
            let vpcID = try call.input.requiredText("ResourceId")
            let reverse = try call.input.requiredChoice("AutodefinedReverseFlag", ConfigSwitch.self)
            let config = try stored { () throws(StoreError) in
                try api.store.updateResolverConfig(vpcID: vpcID, autodefinedReverse: reverse)
            }
            return ["ResolverConfig": config.value]
        },
    ]

    /// One config is spelled `ResolverDNSSECConfig`, several are `ResolverDnssecConfigs`.
    private static let dnssecConfigs: [Operation] = [
        .resolver("GetResolverDnssecConfig", [vpc]) { api, call throws(APIError) in
            let vpcID = try call.input.requiredText("ResourceId")
            let config = try stored { () throws(StoreError) in try api.store.resolverDnssecConfig(vpcID: vpcID) }
            return ["ResolverDNSSECConfig": config.value]
        },
        .resolver("ListResolverDnssecConfigs", .page() + [.optional("Filters", .filters)]) {
            api, call throws(APIError) in
            let all = try stored { () throws(StoreError) in try api.store.resolverDnssecConfigs() }
            let configs = try dnssecFields.filter(all, by: call.input.structures("Filters"))
            return .structure(try call.page(configs, as: "ResolverDnssecConfigs", \.value))
        },
        .resolver("UpdateResolverDnssecConfig", [vpc, .required("Validation", configSwitch)]) {
            api, call throws(APIError) in
            let vpcID = try call.input.requiredText("ResourceId")
            let validation = try call.input.requiredChoice("Validation", ConfigSwitch.self)
            let config = try stored { () throws(StoreError) in
                try api.store.updateResolverDnssecConfig(vpcID: vpcID, validation: validation)
            }
            return ["ResolverDNSSECConfig": config.value]
        },
    ]

    /// The model names none; these are the members.
    private static let dnssecFields = RecordFields<ResolverDnssecConfigRecord>(fields: [
        ("Id", { $0.id }), ("OwnerId", { $0.ownerID }), ("ResourceId", { $0.resourceID }),
        ("ValidationStatus", { $0.validationStatus }),
    ])
}

extension FirewallConfigRecord {
    fileprivate var value: Value {
        [
            "Id": id.value, "ResourceId": resourceID.value, "OwnerId": ownerID.value,
            "FirewallFailOpen": failOpen.rawValue.value,
        ]
    }
}

extension ResolverConfigRecord {
    fileprivate var value: Value {
        [
            "Id": id.value, "ResourceId": resourceID.value, "OwnerId": ownerID.value,
            "AutodefinedReverse": autodefinedReverse.value,
        ]
    }
}

extension ResolverDnssecConfigRecord {
    fileprivate var value: Value {
        [
            "Id": id.value, "ResourceId": resourceID.value, "OwnerId": ownerID.value,
            "ValidationStatus": validationStatus.value,
        ]
    }
}
