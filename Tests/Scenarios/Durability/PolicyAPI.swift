import Testing

/// AWS's API in the terms of `KeptPolicy`: names where the API has ids.
struct PolicyAPI {
    private let client: APIClient
    private var lists: [String: JSON] = [:]
    private var groups: [String: JSON] = [:]
    private var associations: [String: JSON] = [:]
    private static let vpc: JSON = "vpc-00000000"

    init(_ client: APIClient) { self.client = client }

    /// Reads all that the API has, and learns the ids.
    mutating func policy() throws -> KeptPolicy {
        var policy = KeptPolicy()
        for list in try client.ownLists() {
            lists[list["Name"].text] = list["Id"]
            policy.lists[list["Name"].text] = try domains(of: list["Id"])
        }
        let names = Dictionary(uniqueKeysWithValues: lists.map { ($1.text, $0) })
        for group in try client.all("ListFirewallRuleGroups", "FirewallRuleGroups") {
            groups[group["Name"].text] = group["Id"]
            policy.groups[group["Name"].text] = try rules(of: group["Id"], names)
        }
        for association in try client.all("ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations") {
            #expect(association["VpcId"] == PolicyAPI.vpc)
            let group = groups.first { $1 == association["FirewallRuleGroupId"] }?.key ?? ""
            associations[group] = association["Id"]
            policy.associations[group] = association["Priority"].number
        }
        return policy
    }

    private func domains(of list: JSON) throws -> Set<String> {
        let domains = try client.domains(of: list).values.map(\.text)
        let details = try client.call("GetFirewallDomainList", ["FirewallDomainListId": list])["FirewallDomainList"]
        #expect(details["DomainCount"].number == domains.count)
        return Set(domains)
    }

    private func rules(of group: JSON, _ lists: [String: String]) throws -> [String: KeptPolicy.Rule] {
        let rules = try client.all("ListFirewallRules", "FirewallRules", ["FirewallRuleGroupId": group])
        let details = try client.call("GetFirewallRuleGroup", ["FirewallRuleGroupId": group])["FirewallRuleGroup"]
        #expect(details["RuleCount"].number == rules.count)
        return Dictionary(
            try rules.map { rule in
                (
                    lists[rule["FirewallDomainListId"].text] ?? "no such list",
                    KeptPolicy.Rule(
                        priority: try #require(rule["Priority"].number),
                        outcome: try #require(KeptPolicy.Outcome(rule["Action"], rule["BlockResponse"])))
                )
            }
        ) { first, _ in first }
    }

    /// Makes the call that a write is; when it returns, the write has been acknowledged.
    mutating func send(_ write: KeptPolicy.Write) throws {
        switch write {
        case .createList(let list):
            lists[list] = try client.create("CreateFirewallDomainList", "FirewallDomainList", ["Name": .text(list)])
        case .deleteList(let list):
            try client.call("DeleteFirewallDomainList", ["FirewallDomainListId": id(list, lists)])
        case .add(let domains, let list): try update(list, "ADD", domains)
        case .remove(let domains, let list): try update(list, "REMOVE", domains)
        case .replace(let domains, let list): try update(list, "REPLACE", domains)
        case .createGroup(let group):
            groups[group] = try client.create("CreateFirewallRuleGroup", "FirewallRuleGroup", ["Name": .text(group)])
        case .deleteGroup(let group):
            try client.call("DeleteFirewallRuleGroup", ["FirewallRuleGroupId": id(group, groups)])
        case .createRule(let rule, let group, let list): try set("CreateFirewallRule", rule, group, list)
        case .updateRule(let rule, let group, let list): try set("UpdateFirewallRule", rule, group, list)
        case .deleteRule(let group, let list):
            try client.call(
                "DeleteFirewallRule",
                ["FirewallRuleGroupId": id(group, groups), "FirewallDomainListId": id(list, lists)])
        case .associate(let group, let priority):
            associations[group] = try client.create(
                "AssociateFirewallRuleGroup", "FirewallRuleGroupAssociation",
                [
                    "FirewallRuleGroupId": id(group, groups), "VpcId": PolicyAPI.vpc, "Priority": .number(priority),
                    "Name": .text(group),
                ])
        case .disassociate(let group):
            try client.call(
                "DisassociateFirewallRuleGroup", ["FirewallRuleGroupAssociationId": id(group, associations)])
        }
    }

    private func id(_ name: String, _ ids: [String: JSON]) throws -> JSON { try #require(ids[name]) }

    private func update(_ list: String, _ operation: JSON, _ domains: Set<String>) throws {
        try client.call(
            "UpdateFirewallDomains",
            [
                "FirewallDomainListId": id(list, lists), "Operation": operation,
                "Domains": .list(domains.sorted().map(JSON.text)),
            ])
    }

    private func set(_ operation: String, _ rule: KeptPolicy.Rule, _ group: String, _ list: String) throws {
        var members: [String: JSON] = [
            "FirewallRuleGroupId": try id(group, groups), "FirewallDomainListId": try id(list, lists),
            "Name": .text(list), "Priority": .number(rule.priority), "Action": rule.outcome.action,
            "BlockResponse": rule.outcome.blockResponse,
        ]
        if operation == "CreateFirewallRule" { members["CreatorRequestId"] = "\(group) \(list)" }
        try client.call(operation, .object(members))
    }
}

extension KeptPolicy.Outcome {
    fileprivate init?(_ action: JSON, _ blockResponse: JSON) {
        guard
            let outcome = KeptPolicy.Outcome.allCases.first(where: {
                $0.action == action && $0.blockResponse == blockResponse
            })
        else { return nil }
        self = outcome
    }

    fileprivate var action: JSON {
        switch self {
        case .allow: "ALLOW"
        case .alert: "ALERT"
        case .nxDomain, .noData: "BLOCK"
        }
    }

    fileprivate var blockResponse: JSON {
        switch self {
        case .allow, .alert: .null
        case .nxDomain: "NXDOMAIN"
        case .noData: "NODATA"
        }
    }
}
