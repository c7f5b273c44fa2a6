import PolicyStore

extension Operation {
    private static let configID = Member.required("ResolverQueryLogConfigId", .resourceID)
    private static let vpc = Member.required("ResourceId", .resourceID)
    private static let arn = Member.required("Arn", .arn)
    private static let listing: [Member] =
        .page() + [
            .optional("Filters", .filters), .optional("SortBy", .text(length: 1...64)),
            .optional("SortOrder", .choice(["ASCENDING", "DESCENDING"])),
        ]

    static let queryLogging = queryLogConfigs + queryLogAssociations + queryLogPolicies

    private static let queryLogConfigs: [Operation] = [
        .resolver(
            "CreateResolverQueryLogConfig",
            [
                .required("Name", .name(minimum: 1)), .required("DestinationArn", .text(length: 1...600)),
                .required("CreatorRequestId", .creatorRequestID), .optional("Tags", .tags),
            ]
        ) { api, call throws(APIError) in
            let request = CreateResolverQueryLogConfig(
                creatorRequestID: try call.input.requiredText("CreatorRequestId"),
                name: try call.input.requiredText("Name"),
                destinationARN: try call.input.destinationARN(), tags: try call.tags())
            let config = try stored { () throws(StoreError) in try api.store.createResolverQueryLogConfig(request) }
            return ["ResolverQueryLogConfig": config.value]
        },
        .resolver("GetResolverQueryLogConfig", [configID]) { api, call throws(APIError) in
            let id = try call.input.requiredText("ResolverQueryLogConfigId")
            let config = try stored { () throws(StoreError) in try api.store.resolverQueryLogConfig(id) }
            return ["ResolverQueryLogConfig": config.value]
        },
        .resolver("DeleteResolverQueryLogConfig", [configID]) { api, call throws(APIError) in
            let id = try call.input.requiredText("ResolverQueryLogConfigId")
            let config = try stored { () throws(StoreError) in try api.store.deleteResolverQueryLogConfig(id) }
            return ["ResolverQueryLogConfig": config.value]
        },
        .resolver("ListResolverQueryLogConfigs", listing) { api, call throws(APIError) in
            let configs = try stored { () throws(StoreError) in try api.store.resolverQueryLogConfigs() }
            return try list(configs, configFields, as: "ResolverQueryLogConfigs", call, \.value)
        },
    ]

    private static let queryLogAssociations: [Operation] = [
        .resolver("AssociateResolverQueryLogConfig", [configID, vpc]) { api, call throws(APIError) in
            let id = try call.input.requiredText("ResolverQueryLogConfigId")
            let vpcID = try call.input.requiredText("ResourceId")
            let association = try stored { () throws(StoreError) in
                try api.store.associateResolverQueryLogConfig(id, vpcID: vpcID)
            }
            return ["ResolverQueryLogConfigAssociation": association.value]
        },
        .resolver("DisassociateResolverQueryLogConfig", [configID, vpc]) { api, call throws(APIError) in
            let id = try call.input.requiredText("ResolverQueryLogConfigId")
            let vpcID = try call.input.requiredText("ResourceId")
            let association = try stored { () throws(StoreError) in
                try api.store.disassociateResolverQueryLogConfig(id, vpcID: vpcID)
            }
            return ["ResolverQueryLogConfigAssociation": association.value]
        },
        .resolver(
            "GetResolverQueryLogConfigAssociation",
            [.required("ResolverQueryLogConfigAssociationId", .resourceID)]
        ) { api, call throws(APIError) in
            let id = try call.input.requiredText("ResolverQueryLogConfigAssociationId")
            let association = try stored { () throws(StoreError) in
                try api.store.resolverQueryLogConfigAssociation(id)
            }
            return ["ResolverQueryLogConfigAssociation": association.value]
        },
        // The only listing of the older half that does not model InvalidNextTokenException.
        .resolver("ListResolverQueryLogConfigAssociations", listing, invalidToken: .invalidParameter) {
            api, call throws(APIError) in
            let all = try stored { () throws(StoreError) in try api.store.resolverQueryLogConfigAssociations() }
            return try list(all, associationFields, as: "ResolverQueryLogConfigAssociations", call, \.value)
        },
    ]

    private static let queryLogPolicies: [Operation] = [
        .resolver(
            "PutResolverQueryLogConfigPolicy", [arn, .required("ResolverQueryLogConfigPolicy", .policy)]
        ) { api, call throws(APIError) in
            let arn = try call.input.requiredText("Arn")
            let policy = try call.input.requiredText("ResolverQueryLogConfigPolicy")
            try PolicyDocument.check(policy, orThrow: .invalidPolicyDocument)
            try stored { () throws(StoreError) in
                try api.store.putResolverQueryLogConfigPolicy(arn: arn, policy: policy)
            }
            return ["ReturnValue": .boolean(true)]
        },
        .resolver("GetResolverQueryLogConfigPolicy", [arn]) { api, call throws(APIError) in
            let arn = try call.input.requiredText("Arn")
            let policy = try stored { () throws(StoreError) in try api.store.resolverQueryLogConfigPolicy(arn: arn) }
            return ["ResolverQueryLogConfigPolicy": policy.value]
        },
    ]

    /// A filtered and sorted page, with the number of records before and after filtering.
    private static func list<Record: StoreRecord>(
        _ all: [Record], _ fields: RecordFields<Record>, as name: String, _ call: Call, _ encode: (Record) -> Value
    ) throws(APIError) -> Value {
        let filtered = try fields.filter(all, by: call.input.structures("Filters"))
        var response = try call.page(filtered, as: name, sort: try fields.sort(call.input), encode)
        response["TotalCount"] = all.count.value
        response["TotalFilteredCount"] = filtered.count.value
        return .structure(response)
    }

    private static let configFields = RecordFields<ResolverQueryLogConfigRecord>(fields: [
        ("Arn", { $0.arn }), ("AssociationCount", { String($0.associationCount) }),
        ("CreationTime", { $0.creationTime }), ("CreatorRequestId", { $0.creatorRequestID }),
        ("Destination", { $0.destination }), ("DestinationArn", { $0.destinationARN }), ("Id", { $0.id }),
        ("Name", { $0.name }), ("OwnerId", { $0.ownerID }), ("ShareStatus", { $0.shareStatus }),
        ("Status", { $0.status }),
    ])

    private static let associationFields = RecordFields<ResolverQueryLogConfigAssociationRecord>(fields: [
        ("CreationTime", { $0.creationTime }), ("Error", { $0.error }), ("Id", { $0.id }),
        ("ResolverQueryLogConfigId", { $0.resolverQueryLogConfigID }), ("ResourceId", { $0.resourceID }),
        ("Status", { $0.status }),
    ])
}

/// The service that logs go to, as filters name it; nil for an ARN that names no place for logs.
private func logDestination(of arn: String) -> String? {
    let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", !parts[1].isEmpty else { return nil }
    switch (parts[2], parts[5]) {
    case ("s3", let bucket) where !bucket.isEmpty && !bucket.hasPrefix("/"): return "S3"
    case ("logs", let group) where group.hasPrefix("log-group:"): return "CloudWatchLogs"
    case ("firehose", let stream) where stream.hasPrefix("deliverystream/"): return "KinesisFirehose"
    default: return nil
    }
}

extension Input {
    fileprivate func destinationARN() throws(APIError) -> String {
        let arn = try requiredText("DestinationArn")
        guard logDestination(of: arn) != nil else {
            throw APIError(
                .invalidParameter,
                "[RSLVR-01014] The destination \"\(arn)\" is not the ARN of an S3 bucket, a CloudWatch Logs log group "
                    + "or a Kinesis Data Firehose delivery stream.", fieldName: "DestinationArn")
        }
        return arn
    }
}

extension ResolverQueryLogConfigRecord {
    fileprivate var destination: String? { logDestination(of: destinationARN) }

    fileprivate var value: Value {
        [
            "Id": id.value, "OwnerId": ownerID.value, "Status": status.value, "ShareStatus": shareStatus.value,
            "AssociationCount": associationCount.value, "Arn": arn.value, "Name": name.value,
            "DestinationArn": destinationARN.value, "CreatorRequestId": creatorRequestID.value,
            "CreationTime": creationTime.value,
        ]
    }
}

extension ResolverQueryLogConfigAssociationRecord {
    fileprivate var value: Value {
        [
            "Id": id.value, "ResolverQueryLogConfigId": resolverQueryLogConfigID.value,
            "ResourceId": resourceID.value, "Status": status.value, "Error": error.value,
            "CreationTime": creationTime.value,
        ]
    }
}
