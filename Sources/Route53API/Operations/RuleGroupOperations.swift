import PolicyStore

extension Operation {
    private static let groupID = Member.required("FirewallRuleGroupId", .resourceID)

    static let ruleGroups: [Operation] = [
        .firewall(
            "CreateFirewallRuleGroup",
            [
                .required("CreatorRequestId", .creatorRequestID), .required("Name", .name()),
                .optional("Tags", .tags),
            ]
        ) { api, call throws(APIError) in
            let request = CreateFirewallRuleGroup(
                creatorRequestID: try call.input.requiredText("CreatorRequestId"),
                name: try call.input.requiredText("Name"), tags: try call.tags())
            let group = try stored { () throws(StoreError) in try api.store.createFirewallRuleGroup(request) }
            return ["FirewallRuleGroup": group.value]
        },
        .firewall("GetFirewallRuleGroup", [groupID]) { api, call throws(APIError) in
            let id = try call.input.requiredText("FirewallRuleGroupId")
            let group = try stored { () throws(StoreError) in try api.store.firewallRuleGroup(id) }
            return ["FirewallRuleGroup": group.value]
        },
        .firewall("DeleteFirewallRuleGroup", [groupID]) { api, call throws(APIError) in
            let id = try call.input.requiredText("FirewallRuleGroupId")
            let group = try stored { () throws(StoreError) in try api.store.deleteFirewallRuleGroup(id) }
            return ["FirewallRuleGroup": group.value]
        },
        .firewall("ListFirewallRuleGroups", .page()) { api, call throws(APIError) in
            let groups = try stored { () throws(StoreError) in try api.store.firewallRuleGroups() }
            return .structure(try call.page(groups, as: "FirewallRuleGroups", \.metadata))
        },
        .firewall(
            "PutFirewallRuleGroupPolicy", [.required("Arn", .arn), .required("FirewallRuleGroupPolicy", .policy)]
        ) { api, call throws(APIError) in
            let arn = try call.input.requiredText("Arn")
            let policy = try call.input.requiredText("FirewallRuleGroupPolicy")
            try PolicyDocument.check(policy, orThrow: .validation)
            try stored { () throws(StoreError) in try api.store.putFirewallRuleGroupPolicy(arn: arn, policy: policy) }
            return ["ReturnValue": .boolean(true)]
        },
        .firewall("GetFirewallRuleGroupPolicy", [.required("Arn", .arn)]) { api, call throws(APIError) in
            let arn = try call.input.requiredText("Arn")
            let policy = try stored { () throws(StoreError) in try api.store.firewallRuleGroupPolicy(arn: arn) }
            return ["FirewallRuleGroupPolicy": policy.value]
        },
    ]
}

extension FirewallRuleGroupRecord {
    fileprivate var value: Value {
        [
            "Id": id.value, "Arn": arn.value, "Name": name.value, "RuleCount": ruleCount.value,
            "Status": status.rawValue.value, "StatusMessage": statusMessage.value, "OwnerId": ownerID.value,
            "CreatorRequestId": creatorRequestID.value, "ShareStatus": shareStatus.value,
            "CreationTime": creationTime.value, "ModificationTime": modificationTime.value,
        ]
    }

    /// `FirewallRuleGroupMetadata`.
    fileprivate var metadata: Value {
        [
            "Id": id.value, "Arn": arn.value, "Name": name.value, "OwnerId": ownerID.value,
            "CreatorRequestId": creatorRequestID.value, "ShareStatus": shareStatus.value,
        ]
    }
}
