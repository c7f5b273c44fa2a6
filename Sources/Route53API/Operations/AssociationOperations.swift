import PolicyStore

extension Operation {
    private static let associationID = Member.required("FirewallRuleGroupAssociationId", .resourceID)

    static let associations: [Operation] = [
        .firewall(
            "AssociateFirewallRuleGroup",
            [
                .required("CreatorRequestId", .creatorRequestID), .required("FirewallRuleGroupId", .resourceID),
                .required("VpcId", .resourceID), .required("Priority", .integer()), .required("Name", .name()),
                .optional("MutationProtection", .mutationProtection), .optional("Tags", .tags),
            ]
        ) { api, call throws(APIError) in
            let request = AssociateFirewallRuleGroup(
                creatorRequestID: try call.input.requiredText("CreatorRequestId"),
                firewallRuleGroupID: try call.input.requiredText("FirewallRuleGroupId"),
                vpcID: try call.input.requiredText("VpcId"),
                priority: try call.input.required("Priority", Input.integer),
                name: try call.input.requiredText("Name"),
                mutationProtection: call.input.choice("MutationProtection") ?? .disabled,
                tags: try call.tags())
            let association = try stored { () throws(StoreError) in
                try api.store.associateFirewallRuleGroup(request)
            }
            return ["FirewallRuleGroupAssociation": association.value]
        },
        .firewall("DisassociateFirewallRuleGroup", [associationID]) { api, call throws(APIError) in
            let id = try call.input.requiredText("FirewallRuleGroupAssociationId")
            let association = try stored { () throws(StoreError) in try api.store.disassociateFirewallRuleGroup(id) }
            return ["FirewallRuleGroupAssociation": association.value]
        },
        .firewall("GetFirewallRuleGroupAssociation", [associationID]) { api, call throws(APIError) in
            let id = try call.input.requiredText("FirewallRuleGroupAssociationId")
            let association = try stored { () throws(StoreError) in try api.store.firewallRuleGroupAssociation(id) }
            return ["FirewallRuleGroupAssociation": association.value]
        },
        .firewall(
            "ListFirewallRuleGroupAssociations",
            [
                .optional("FirewallRuleGroupId", .resourceID), .optional("VpcId", .resourceID),
                .optional("Priority", .integer()),
                .optional("Status", .choice(["COMPLETE", "DELETING", "UPDATING"])),
            ] + .page()
        ) { api, call throws(APIError) in
            let all = try stored { () throws(StoreError) in try api.store.firewallRuleGroupAssociations() }
            let wanted = all.filter { $0.isWanted(call.input) }
            return .structure(try call.page(wanted, as: "FirewallRuleGroupAssociations", \.value))
        },
        .firewall(
            "UpdateFirewallRuleGroupAssociation",
            [
                associationID, .optional("Priority", .integer()),
                .optional("MutationProtection", .mutationProtection), .optional("Name", .name()),
            ]
        ) { api, call throws(APIError) in
            let id = try call.input.requiredText("FirewallRuleGroupAssociationId")
            let association = try stored { () throws(StoreError) in
                try api.store.updateFirewallRuleGroupAssociation(
                    id, name: call.input.text("Name"), priority: call.input.integer("Priority"),
                    mutationProtection: call.input.choice("MutationProtection"))
            }
            return ["FirewallRuleGroupAssociation": association.value]
        },
    ]
}

extension FirewallRuleGroupAssociationRecord {
    /// Whether every filter of the request lets it through.
    fileprivate func isWanted(_ input: Input) -> Bool {
        let texts = [
            ("FirewallRuleGroupId", firewallRuleGroupID), ("VpcId", vpcID), ("Status", status.rawValue),
        ]
        return texts.allSatisfy { name, own in input.text(name).map { $0 == own } ?? true }
            && input.integer("Priority").map { $0 == priority } ?? true
    }

    fileprivate var value: Value {
        [
            "Id": id.value, "Arn": arn.value, "FirewallRuleGroupId": firewallRuleGroupID.value,
            "VpcId": vpcID.value, "Name": name.value, "Priority": priority.value,
            "MutationProtection": mutationProtection.rawValue.value, "Status": status.rawValue.value,
            "StatusMessage": statusMessage.value, "CreatorRequestId": creatorRequestID.value,
            "CreationTime": creationTime.value, "ModificationTime": modificationTime.value,
        ]
    }
}
