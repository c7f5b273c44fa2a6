import FirewallPolicy
import PolicyStore

extension Operation {
    private static let groupID = Member.required("FirewallRuleGroupId", .resourceID)

    /// What an update changes and a creation sets.
    private static let settings: [Member] = [
        .optional("BlockResponse", .blockResponse), .optional("BlockOverrideDomain", .text(length: 1...255)),
        .optional("BlockOverrideDnsType", .choice(["CNAME"])),
        .optional("BlockOverrideTtl", .integer(0...604_800)),
        .optional("FirewallDomainRedirectionAction", .redirectionAction),
        .optional("DnsThreatProtection", .choice(["DGA", "DNS_TUNNELING", "DICTIONARY_DGA"])),
        .optional("ConfidenceThreshold", .confidenceThreshold),
        .optional("FirewallRuleType", .structure(FirewallRuleType.members)),
    ]

    static let ruleKey: [Member] = [
        groupID, .optional("FirewallDomainListId", .resourceID),
        .optional("FirewallThreatProtectionId", .resourceID), .optional("Qtype", .text(length: 1...16)),
    ]

    static let newRule: [Member] =
        [
            groupID, .required("CreatorRequestId", .creatorRequestID), .required("Priority", .integer()),
            .required("Action", .action), .required("Name", .name()), .optional("FirewallDomainListId", .resourceID),
            .optional("Qtype", .text(length: 1...16)),
        ] + settings

    static let changedRule: [Member] =
        ruleKey + [
            .optional("Priority", .integer()), .optional("Action", .action), .optional("Name", .name()),
        ] + settings

    static let rules: [Operation] = [
        .firewall("CreateFirewallRule", newRule) { api, call throws(APIError) in
            let request = try CreateFirewallRule(call.input)
            let rule = try stored { () throws(StoreError) in try api.store.createFirewallRule(request) }
            return ["FirewallRule": rule.value]
        },
        .firewall("UpdateFirewallRule", changedRule) { api, call throws(APIError) in
            let request = try UpdateFirewallRule(call.input)
            let rule = try stored { () throws(StoreError) in try api.store.updateFirewallRule(request) }
            return ["FirewallRule": rule.value]
        },
        .firewall("DeleteFirewallRule", ruleKey) { api, call throws(APIError) in
            let key = try FirewallRuleKey(call.input)
            let rule = try stored { () throws(StoreError) in try api.store.deleteFirewallRule(key) }
            return ["FirewallRule": rule.value]
        },
        .firewall(
            "ListFirewallRules",
            [groupID, .optional("Priority", .integer()), .optional("Action", .action)] + .page()
        ) { api, call throws(APIError) in
            let id = try call.input.requiredText("FirewallRuleGroupId")
            var rules = try stored { () throws(StoreError) in try api.store.firewallRules(groupID: id) }
            if let priority = call.input.integer("Priority") { rules.removeAll { $0.priority != priority } }
            if let action = call.input.text("Action") { rules.removeAll { $0.action.rawValue != action } }
            return .structure(try call.page(rules, as: "FirewallRules", \.value))
        },
    ]
}

extension CreateFirewallRule {
    init(_ input: Input) throws(APIError) {
        self.init(
            creatorRequestID: try input.requiredText("CreatorRequestId"),
            firewallRuleGroupID: try input.requiredText("FirewallRuleGroupId"),
            firewallDomainListID: input.text("FirewallDomainListId"), name: try input.requiredText("Name"),
            priority: try input.required("Priority", Input.integer), action: try input.requiredChoice("Action"),
            blockResponse: input.choice("BlockResponse"), blockOverrideDomain: try input.overrideDomain(),
            blockOverrideDnsType: input.text("BlockOverrideDnsType"),
            blockOverrideTtl: input.integer("BlockOverrideTtl"),
            redirection: input.choice("FirewallDomainRedirectionAction"), qtype: try input.qtype(),
            dnsThreatProtection: input.text("DnsThreatProtection"),
            confidenceThreshold: input.text("ConfidenceThreshold"), ruleType: try FirewallRuleType(input))
    }
}

extension UpdateFirewallRule {
    init(_ input: Input) throws(APIError) {
        self.init(
            key: try FirewallRuleKey(input), name: input.text("Name"), priority: input.integer("Priority"),
            action: input.choice("Action"), blockResponse: input.choice("BlockResponse"),
            blockOverrideDomain: try input.overrideDomain(),
            blockOverrideDnsType: input.text("BlockOverrideDnsType"),
            blockOverrideTtl: input.integer("BlockOverrideTtl"),
            redirection: input.choice("FirewallDomainRedirectionAction"),
            dnsThreatProtection: input.text("DnsThreatProtection"),
            confidenceThreshold: input.text("ConfidenceThreshold"), ruleType: try FirewallRuleType(input))
    }
}

extension FirewallRuleKey {
    init(_ input: Input) throws(APIError) {
        self.init(
            firewallRuleGroupID: try input.requiredText("FirewallRuleGroupId"),
            firewallDomainListID: input.text("FirewallDomainListId"),
            firewallThreatProtectionID: input.text("FirewallThreatProtectionId"), qtype: try input.qtype())
    }
}

extension FirewallRuleRecord {
    var value: Value {
        .members([
            "FirewallRuleGroupId": firewallRuleGroupID.value,
            "FirewallDomainListId": firewallDomainListID?.value,
            "FirewallThreatProtectionId": firewallThreatProtectionID?.value,
            "Name": name.value,
            "Priority": priority.value,
            "Action": action.rawValue.value,
            "BlockResponse": blockResponse?.rawValue.value,
            "BlockOverrideDomain": blockOverrideDomain?.value,
            "BlockOverrideDnsType": blockOverrideDnsType?.value,
            "BlockOverrideTtl": blockOverrideTtl?.value,
            "CreatorRequestId": creatorRequestID.value,
            "CreationTime": creationTime.value,
            "ModificationTime": modificationTime.value,
            "FirewallDomainRedirectionAction": redirection?.rawValue.value,
            "Qtype": qtype?.value,
            "DnsThreatProtection": dnsThreatProtection?.value,
            "ConfidenceThreshold": confidenceThreshold?.value,
            "FirewallRuleType": ruleType?.value,
        ])
    }
}
