import DNSWire
import PolicyStore

extension Operation {
    private static let ruleID = Member.required("ResolverRuleId", .resourceID)
    private static let vpc = Member.required("VPCId", .resourceID)
    private static let arn = Member.required("Arn", .arn)
    private static let targets = Shape.list(
        of: .structure([
            .optional("Ip", .text(length: 7...36)), .optional("Port", .integer(0...65_535)),
            .optional("Ipv6", .text(length: 7...39)), .optional("Protocol", .choice(["DoH", "Do53", "DoH-FIPS"])),
            .optional("ServerNameIndication", .text(length: 0...255)),
        ]), count: 1...Int.max)

    static let resolverRules = forwardingRules + ruleAssociations + rulePolicies

    private static let forwardingRules: [Operation] = [
        .resolver(
            "CreateResolverRule",
            [
                .required("CreatorRequestId", .creatorRequestID), .optional("Name", .name()),
                .required("RuleType", .choice(["FORWARD", "SYSTEM", "RECURSIVE", "DELEGATE"])),
                .optional("DomainName", .text(length: 1...256)), .optional("TargetIps", targets),
                .optional("ResolverEndpointId", .resourceID), .optional("Tags", .tags),
                .optional("DelegationRecord", .text(length: 1...256)),
            ]
        ) { api, call throws(APIError) in
            let request = CreateResolverRule(
                creatorRequestID: try call.input.requiredText("CreatorRequestId"), name: call.input.text("Name"),
                ruleType: try call.input.requiredChoice("RuleType"), domainName: try call.input.domainName(),
                targetIPs: try call.input.targets() ?? [], resolverEndpointID: call.input.text("ResolverEndpointId"),
                delegationRecord: call.input.text("DelegationRecord"), tags: try call.tags())
            let rule = try stored { () throws(StoreError) in try api.store.createResolverRule(request) }
            return ["ResolverRule": rule.value]
        },
        .resolver("GetResolverRule", [ruleID]) { api, call throws(APIError) in
            let id = try call.input.requiredText("ResolverRuleId")
            let rule = try stored { () throws(StoreError) in try api.store.resolverRule(id) }
            return ["ResolverRule": rule.value]
        },
        .resolver(
            "UpdateResolverRule",
            [
                ruleID,
                .required(
                    "Config",
                    .structure([
                        .optional("Name", .name()), .optional("TargetIps", targets),
                        .optional("ResolverEndpointId", .resourceID),
                    ])),
            ]
        ) { api, call throws(APIError) in
            let id = try call.input.requiredText("ResolverRuleId")
            let config = try call.input.required("Config", Input.structure)
            let update = UpdateResolverRule(
                name: config.text("Name"), targetIPs: try config.targets(),
                resolverEndpointID: config.text("ResolverEndpointId"))
            let rule = try stored { () throws(StoreError) in try api.store.updateResolverRule(id, update) }
            return ["ResolverRule": rule.value]
        },
        .resolver("DeleteResolverRule", [ruleID]) { api, call throws(APIError) in
            let id = try call.input.requiredText("ResolverRuleId")
            let rule = try stored { () throws(StoreError) in try api.store.deleteResolverRule(id) }
            return ["ResolverRule": rule.value]
        },
        .resolver("ListResolverRules", .page() + [.optional("Filters", .filters)]) { api, call throws(APIError) in
            let all = try stored { () throws(StoreError) in try api.store.resolverRules() }
            return try list(all, ruleFields, as: "ResolverRules", call, \.value)
        },
    ]

    private static let ruleAssociations: [Operation] = [
        .resolver("AssociateResolverRule", [ruleID, .optional("Name", .name()), vpc]) {
            api, call throws(APIError) in
            let id = try call.input.requiredText("ResolverRuleId")
            let vpcID = try call.input.requiredText("VPCId")
            let association = try stored { () throws(StoreError) in
                try api.store.associateResolverRule(id, vpcID: vpcID, name: call.input.text("Name"))
            }
            return ["ResolverRuleAssociation": association.value]
        },
        .resolver("DisassociateResolverRule", [vpc, ruleID]) { api, call throws(APIError) in
            let id = try call.input.requiredText("ResolverRuleId")
            let vpcID = try call.input.requiredText("VPCId")
            let association = try stored { () throws(StoreError) in
                try api.store.disassociateResolverRule(id, vpcID: vpcID)
            }
            return ["ResolverRuleAssociation": association.value]
        },
        .resolver("GetResolverRuleAssociation", [.required("ResolverRuleAssociationId", .resourceID)]) {
            api, call throws(APIError) in
            let id = try call.input.requiredText("ResolverRuleAssociationId")
            let association = try stored { () throws(StoreError) in try api.store.resolverRuleAssociation(id) }
            return ["ResolverRuleAssociation": association.value]
        },
        .resolver("ListResolverRuleAssociations", .page() + [.optional("Filters", .filters)]) {
            api, call throws(APIError) in
            let all = try stored { () throws(StoreError) in try api.store.resolverRuleAssociations() }
            return try list(all, associationFields, as: "ResolverRuleAssociations", call, \.value)
        },
    ]

    private static let rulePolicies: [Operation] = [
        .resolver("PutResolverRulePolicy", [arn, .required("ResolverRulePolicy", .policy)]) {
            api, call throws(APIError) in
            let arn = try call.input.requiredText("Arn")
            let policy = try call.input.requiredText("ResolverRulePolicy")
            try PolicyDocument.check(policy, orThrow: .invalidPolicyDocument)
            try stored { () throws(StoreError) in try api.store.putResolverRulePolicy(arn: arn, policy: policy) }
            return ["ReturnValue": .boolean(true)]
        },
        .resolver("GetResolverRulePolicy", [arn]) { api, call throws(APIError) in
            let arn = try call.input.requiredText("Arn")
            let policy = try stored { () throws(StoreError) in try api.store.resolverRulePolicy(arn: arn) }
            return ["ResolverRulePolicy": policy.value]
        },
    ]

    /// A filtered page, with the number of records that it may hold.
    private static func list<Record: StoreRecord>(
        _ all: [Record], _ fields: RecordFields<Record>, as name: String, _ call: Call, _ encode: (Record) -> Value
    ) throws(APIError) -> Value {
        let filtered = try fields.filter(all, by: call.input.structures("Filters"))
        var response = try call.page(filtered, as: name, encode)
        response["MaxResults"] = (call.input.integer("MaxResults") ?? 100).value
        return .structure(response)
    }

    private static let ruleFields = RecordFields<ResolverRuleRecord>(fields: [
        ("CreatorRequestId", { $0.creatorRequestID }), ("DomainName", { $0.domainName }), ("Name", { $0.name }),
        ("ResolverEndpointId", { $0.resolverEndpointID }), ("Status", { $0.status }),
        ("Type", { $0.ruleType.rawValue }),
    ])

    private static let associationFields = RecordFields<ResolverRuleAssociationRecord>(fields: [
        ("Name", { $0.name }), ("ResolverRuleId", { $0.resolverRuleID }), ("Status", { $0.status }),
        ("VPCId", { $0.vpcID }),
    ])
}

extension Input {
    /// `DomainName`, the root among them.
    fileprivate func domainName() throws(APIError) -> String? {
        guard let text = text("DomainName") else { return nil }
        guard (try? DomainName(text)) != nil else {
            throw APIError(
                .invalidParameter, "The domain name \"\(text)\" is not valid.", fieldName: "DomainName")
        }
        return text
    }

    fileprivate func targets() throws(APIError) -> [TargetAddress]? {
        guard let targets = structures("TargetIps") else { return nil }
        var addresses: [TargetAddress] = []
        for target in targets {
            let ip = target.text("Ip")
            let ipv6 = target.text("Ipv6")
            let parsed = (ip ?? ipv6).flatMap { IPAddress($0) }
            guard let parsed, parsed.isIPv4 == (ip != nil), ip == nil || ipv6 == nil else {
                throw APIError(
                    .invalidParameter, "A target needs either an IPv4 address in Ip or an IPv6 address in Ipv6.",
                    fieldName: "TargetIps")
            }
            addresses.append(
                TargetAddress(
                    ip: ip, ipv6: ipv6, port: target.integer("Port"), protocol: target.text("Protocol"),
                    serverNameIndication: target.text("ServerNameIndication")))
        }
        return addresses
    }
}

extension TargetAddress {
    fileprivate var value: Value {
        .members([
            "Ip": ip?.value, "Ipv6": ipv6?.value, "Port": (port ?? 53).value,
            "Protocol": (`protocol` ?? "Do53").value, "ServerNameIndication": serverNameIndication?.value,
        ])
    }
}

extension ResolverRuleRecord {
    fileprivate var value: Value {
        .members([
            "Id": id.value, "CreatorRequestId": creatorRequestID.value, "Arn": arn.value,
            "DomainName": domainName?.value, "Status": status.value, "StatusMessage": statusMessage.value,
            "RuleType": ruleType.rawValue.value, "Name": name?.value,
            "TargetIps": targetIPs.isEmpty ? nil : .list(targetIPs.map(\.value)),
            "ResolverEndpointId": resolverEndpointID?.value, "OwnerId": ownerID.value,
            "ShareStatus": shareStatus.value, "CreationTime": creationTime.value,
            "ModificationTime": modificationTime.value, "DelegationRecord": delegationRecord?.value,
        ])
    }
}

extension ResolverRuleAssociationRecord {
    fileprivate var value: Value {
        .members([
            "Id": id.value, "ResolverRuleId": resolverRuleID.value, "Name": name?.value, "VPCId": vpcID.value,
            "Status": status.value, "StatusMessage": statusMessage.value,
        ])
    }
}
