import DNSWire
import DomainFeeds
import DomainTrie
package import FirewallPolicy

/// # PolicyStore
/// Where policy lives, and how it becomes a compiled one: plain lists of names, CloudFormation templates, and the SQLite
/// store behind AWS's API.
/// - Touches: the lists and templates that the configuration names, and the store's file.
/// - Threads: a load belongs to its caller, on any thread but the workers' queues; its result is immutable. The store and
///   the live policy may be called from any thread.
/// - Costs: 1,000,000 names load in about a second. An API call costs its transaction and compiling what the API keeps.

/// The policy of somebody who knows no AWS words: lists, and what happens to the names on them.
///
/// It becomes one rule group with a rule for each list, associated with every VPC. An entry covers its name and every
/// name below it.
package struct PlainPolicy: Sendable {
    package struct Rule: Sendable {
        package var origin: ListOrigin
        package var action: FirewallRuleAction

        package init(origin: ListOrigin, action: FirewallRuleAction) {
            self.origin = origin
            self.action = action
        }
    }

    /// In order of evaluation.
    package var rules: [Rule]
    package var vpcs: [VPC]
    /// Nil: addresses in answers are not looked at.
    package var responseAddresses: ResponseAddresses?
    /// TTL of the SOA record in its negative answers; nil: there is none.
    package var negativeTTLSeconds: UInt32?
    /// The same for the rule groups that stand beside it.
    package var ruleGroupNegativeTTLSeconds: UInt32?

    /// What addresses in answers may not be, whatever rules say of the name; only an ALLOW that trusts its chain is exempt.
    package struct ResponseAddresses: Sendable {
        /// Lists of addresses.
        package var lists: [ListOrigin]
        package var rebinding: RebindingProtection?
        package var response: BlockResponse

        package init(lists: [ListOrigin], rebinding: RebindingProtection?, response: BlockResponse) {
            self.lists = lists
            self.rebinding = rebinding
            self.response = response
        }
    }

    /// Allowed names come first, then blocked ones, then those to be alerted on: the first match ends the evaluation.
    package init(
        allow: [ListOrigin], block: [ListOrigin], alert: [ListOrigin], blockResponse: BlockResponse, vpcs: [VPC]
    ) {
        rules =
            allow.map { Rule(origin: $0, action: .allow) }
            + block.map { Rule(origin: $0, action: .block(blockResponse)) }
            + alert.map { Rule(origin: $0, action: .alert) }
        self.vpcs = vpcs
    }

    /// What holds when nobody has named a list: names by which the firewall is gone round, and names to try it with.
    package static func starter(vpcs: [VPC]) -> PlainPolicy {
        var policy = PlainPolicy(
            allow: [], block: ["test-block", "doh-bypass", "canary", "aws-control"].map { .starter(name: $0) },
            alert: [.starter(name: "test-alert")], blockResponse: .nxDomain, vpcs: vpcs)
        policy.rules.append(Rule(origin: .starter(name: "test-nodata"), action: .block(.noData)))
        if let target = try? DomainName("allowed.sekisho.test") {
            let override = BlockResponse.override(domain: target, ttlSeconds: 10)
            policy.rules.append(Rule(origin: .starter(name: "test-override"), action: .block(override)))
        }
        return policy
    }

    private static let groupID = "rslvr-frg-0000000000000001"
    private static let groupName = "lists"
    /// Before whatever templates associate: AWS leaves them the priorities from 101 on.
    private static let associationPriority = 1
    /// Its part of the policy.
    static let part = 0

    /// A rule of `lists`: what becomes of one variant of a list's entries.
    struct ListRule {
        var list: FirewallDomainList
        /// What the list's own rule does.
        var given: FirewallRuleAction
        var variant: ListVariant
    }

    /// The AWS form. An allowed name's redirection is trusted: whoever allows a name wants it to work.
    func firewallPolicy(rules: [ListRule], over part: PolicyPart) -> FirewallPolicy {
        let firewallRules = PlainPolicy.inOrder(rules).enumerated().map { index, rule in
            let action = rule.variant.action(under: rule.given)
            let isTrusted = action == .allow && rule.variant.precedence != .exempt
            return FirewallRule(
                name: "\(action.name.lowercased()) \(rule.list.name)", priority: index + 1, action: action,
                domainListID: rule.list.id, qtype: rule.variant.qtype, redirection: isTrusted ? .trust : .inspect)
        }
        let group = FirewallRuleGroup(
            id: PlainPolicy.groupID, name: PlainPolicy.groupName, rules: firewallRules,
            negativeTTLSeconds: negativeTTLSeconds)
        var vpcs = vpcs
        if !vpcs.contains(where: { $0.id == VPC.defaultID }) { vpcs.append(VPC(id: VPC.defaultID, cidrs: [])) }
        let associations = vpcs.map {
            FirewallRuleGroupAssociation(
                ruleGroupID: group.id, vpcID: $0.id, priority: PlainPolicy.associationPriority)
        }
        var policy = FirewallPolicy(parts: [part], ruleGroups: [group], associations: associations, vpcs: vpcs)
        policy.negativeTTLSeconds = ruleGroupNegativeTTLSeconds
        return policy
    }

    /// Allowed names; important entries, then exceptions, of all lists to block; the lists to block; entries that other
    /// names are exempt from; lists to alert on. A list's entries with wishes of their own stand before its others.
    private static func inOrder(_ rules: [ListRule]) -> [ListRule] {
        let allowed = rules.filter { $0.given == .allow }
        let others = rules.filter { $0.given != .allow }
        func those(_ precedences: EntryPrecedence...) -> [ListRule] {
            precedences.flatMap { precedence in others.filter { $0.variant.precedence == precedence } }
        }
        var ordinary: [ListRule] = []
        for rule in those(.usual) {
            let isOwn = rule.variant != .usual
            let place = isOwn ? ordinary.lastIndex { $0.variant == .usual } : nil
            ordinary.insert(rule, at: place ?? ordinary.endIndex)
        }
        let guards = those(.exempt, .guarded)
        ordinary.insert(contentsOf: guards, at: ordinary.firstIndex { $0.given == .alert } ?? ordinary.endIndex)
        return allowed + those(.important, .exception) + ordinary
    }

    static func listID(_ origin: ListOrigin, _ action: FirewallRuleAction, _ variant: ListVariant) -> String {
        StableIdentifier.make("rslvr-fdl-", for: "\(action.name) \(origin.path)\(variant.suffix)")
    }
}
