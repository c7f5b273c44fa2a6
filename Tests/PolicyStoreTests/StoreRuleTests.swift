import FirewallPolicy
import Testing

@testable import PolicyStore

@Suite struct StoreRuleGroupTests {
    private let test = try! TestStore()

    @Test func `a group is made, found, listed and deleted`() throws {
        let group = try test.group("g")
        #expect(group.id.wholeMatch(of: /rslvr-frg-[0-9a-f]{16}/) != nil)
        #expect(group.status == .complete && group.statusMessage == "Created Firewall Rule Group")
        #expect(group.ownerID == "000000000000" && group.shareStatus == "NOT_SHARED" && group.ruleCount == 0)
        #expect(try test.store.firewallRuleGroup(group.id) == group)
        #expect(try test.store.firewallRuleGroups() == [group])
        #expect(try test.store.deleteFirewallRuleGroup(group.id).status == .deleting)
        #expect(try refusal { try test.store.firewallRuleGroup(group.id) } == .notFound)
    }

    @Test func `a group with rules or associations can't be deleted`() throws {
        let group = try test.group()
        let rule = try test.store.createFirewallRule(test.rule(group, test.list()))
        let error = #expect(throws: StoreError.self) { try test.store.deleteFirewallRuleGroup(group.id) }
        #expect("\(String(describing: error))".contains("RSLVR-02103"))
        _ = try test.store.deleteFirewallRule(rule.key)
        let association = try test.association(of: group)
        #expect(try refusal { try test.store.deleteFirewallRuleGroup(group.id) } == .conflict)
        _ = try test.store.disassociateFirewallRuleGroup(association.id)
        _ = try test.store.deleteFirewallRuleGroup(group.id)
    }

    @Test func `a policy is kept with its group`() throws {
        let group = try test.group()
        #expect(try refusal { try test.store.firewallRuleGroupPolicy(arn: group.arn) } == .notFound)
        try test.store.putFirewallRuleGroupPolicy(arn: group.arn, policy: "{}")
        #expect(try test.store.firewallRuleGroupPolicy(arn: group.arn) == "{}")
        #expect(try refusal { try test.store.putFirewallRuleGroupPolicy(arn: "arn:x", policy: "{}") } == .notFound)
        _ = try test.store.deleteFirewallRuleGroup(group.id)
        #expect(try refusal { try test.store.firewallRuleGroupPolicy(arn: group.arn) } == .notFound)
    }
}

extension FirewallRuleRecord {
    var key: FirewallRuleKey {
        FirewallRuleKey(
            firewallRuleGroupID: firewallRuleGroupID, firewallDomainListID: firewallDomainListID,
            firewallThreatProtectionID: firewallThreatProtectionID, qtype: qtype)
    }
}

@Suite struct StoreRuleTests {
    private let test: TestStore
    private let group: FirewallRuleGroupRecord
    private let list: FirewallDomainListRecord

    init() throws {
        test = try TestStore()
        group = try test.group()
        list = try test.list()
    }

    private func create(_ change: (inout CreateFirewallRule) -> Void) throws -> FirewallRuleRecord {
        var request = test.rule(group, list)
        change(&request)
        return try test.store.createFirewallRule(request)
    }

    @Test func `a rule has its defaults, and is counted`() throws {
        _ = test.changes()
        let rule = try create { _ in }
        #expect(rule.redirection == .inspect && rule.qtype == nil && rule.blockResponse == nil)
        #expect(rule.isEnforced && rule.firewallThreatProtectionID == nil)
        #expect(test.changes() == [.rules])
        #expect(try test.store.firewallRuleGroup(group.id).ruleCount == 1)
        #expect(try test.store.firewallRules(groupID: group.id) == [rule])
    }

    @Test func `rules are listed by priority`() throws {
        for (priority, type) in [(30, "A"), (10, "AAAA"), (20, "MX")] {
            _ = try create { ($0.priority, $0.qtype) = (priority, type) }
        }
        #expect(try test.store.firewallRules(groupID: group.id).map(\.priority) == [10, 20, 30])
        #expect(try refusal { try test.store.firewallRules(groupID: "rslvr-frg-0") } == .notFound)
    }

    @Test func `one list may have a rule for each query type, compared by number`() throws {
        _ = try create { $0.qtype = "AAAA" }
        _ = try create { $0.priority = 2 }
        #expect(try refusal { try create { ($0.priority, $0.qtype) = (3, "TYPE28") } } == .validation)
        #expect(try refusal { try create { $0.priority = 3 } } == .validation)
    }

    @Test func `a priority is given once in a group`() throws {
        let rule = try create { _ in }
        #expect(try refusal { try create { $0.qtype = "A" } } == .validation)
        let second = try create { ($0.qtype, $0.priority) = ("A", 2) }
        #expect(
            try refusal { try test.store.updateFirewallRule(UpdateFirewallRule(key: second.key, priority: 1)) }
                == .validation)
        #expect(try test.store.updateFirewallRule(UpdateFirewallRule(key: rule.key, priority: 1)).priority == 1)
    }

    /// Spec §4.3, cross-field rules.
    @Test(
        arguments: [
            Spoiling("no source") { $0.firewallDomainListID = nil },
            Spoiling("two sources") { ($0.dnsThreatProtection, $0.confidenceThreshold) = ("DGA", "LOW") },
            Spoiling("threshold alone") { $0.confidenceThreshold = "LOW" },
            Spoiling("BLOCK without response") { $0.action = .block },
            Spoiling("response without BLOCK") { $0.blockResponse = .noData },
            Spoiling("OVERRIDE without domain") { ($0.action, $0.blockResponse) = (.block, .override) },
            Spoiling("override of NODATA") {
                ($0.action, $0.blockResponse, $0.blockOverrideDomain) = (.block, .noData, "a.test")
            },
            Spoiling("priority 0") { $0.priority = 0 },
        ] as [Spoiling<CreateFirewallRule>])
    func `a contradiction is refused`(spoiling: Spoiling<CreateFirewallRule>) throws {
        #expect(try refusal { try create(spoiling.apply) } == spoiling.expected)
        #expect(try test.store.firewallRules(groupID: group.id).isEmpty)
    }

    @Test func `unknown groups and lists are not found`() throws {
        #expect(try refusal { try create { $0.firewallRuleGroupID = "rslvr-frg-0" } } == .notFound)
        #expect(try refusal { try create { $0.firewallDomainListID = "rslvr-fdl-0" } } == .notFound)
    }

    @Test func `an override has a time to live of 0 unless told otherwise`() throws {
        let rule = try create {
            ($0.action, $0.blockResponse) = (.block, .override)
            ($0.blockOverrideDomain, $0.blockOverrideDnsType) = ("safe.test", "CNAME")
        }
        #expect(rule.blockOverrideTtl == 0)
    }

    @Test func `a threat rule has an id of its own and is not enforced`() throws {
        let request = CreateFirewallRule(
            creatorRequestID: "t", firewallRuleGroupID: group.id, name: "dga", priority: 1, action: .alert,
            dnsThreatProtection: "DGA", confidenceThreshold: "HIGH")
        let rule = try test.store.createFirewallRule(request)
        #expect(rule.firewallThreatProtectionID?.hasPrefix("rslvr-ftp-") == true)
        #expect(!rule.isEnforced && rule.redirection == nil)
        #expect(try test.store.snapshot().ruleGroups.first?.rules.isEmpty == true)
        let updated = try test.store.updateFirewallRule(UpdateFirewallRule(key: rule.key, confidenceThreshold: "LOW"))
        #expect(updated.confidenceThreshold == "LOW")
        for forbidden in [
            UpdateFirewallRule(key: rule.key, action: .allow), UpdateFirewallRule(key: rule.key, redirection: .trust),
            UpdateFirewallRule(key: rule.key, dnsThreatProtection: "DNS_TUNNELING"),
            UpdateFirewallRule(key: rule.key, ruleType: .partnerThreatProtection("X")),
        ] {
            #expect(try refusal { try test.store.updateFirewallRule(forbidden) } == .validation)
        }
        _ = try test.store.deleteFirewallRule(rule.key)
    }

    @Test func `a rule type comes back as it was given`() throws {
        let type = FirewallRuleType.threatCategory("PHISHING")
        let rule = try create { ($0.firewallDomainListID, $0.ruleType) = (nil, type) }
        #expect(try test.store.firewallRules(groupID: group.id).first?.ruleType == type)
        #expect(!rule.isEnforced)
    }

    @Test func `an update changes what it names, and drops block settings with the action`() throws {
        let rule = try create { ($0.action, $0.blockResponse) = (.block, .nxDomain) }
        let renamed = try test.store.updateFirewallRule(UpdateFirewallRule(key: rule.key, name: "new"))
        #expect(renamed.name == "new" && renamed.blockResponse == .nxDomain && renamed.priority == rule.priority)
        let alerting = try test.store.updateFirewallRule(
            UpdateFirewallRule(key: rule.key, action: .alert, redirection: .trust))
        #expect(alerting.blockResponse == nil && alerting.redirection == .trust)
        #expect(try test.store.firewallRules(groupID: group.id) == [alerting])
        #expect(
            try refusal { try test.store.updateFirewallRule(UpdateFirewallRule(key: rule.key, action: .block)) }
                == .validation)
    }

    @Test func `an override's settings go when the response changes`() throws {
        let rule = try create {
            ($0.action, $0.blockResponse) = (.block, .override)
            ($0.blockOverrideDomain, $0.blockOverrideDnsType, $0.blockOverrideTtl) = ("safe.test", "CNAME", 5)
        }
        let updated = try test.store.updateFirewallRule(UpdateFirewallRule(key: rule.key, blockResponse: .noData))
        #expect(updated.blockOverrideDomain == nil && updated.blockOverrideTtl == nil)
    }

    @Test func `a rule with a query type is not found without it`() throws {
        let rule = try create { $0.qtype = "MX" }
        var key = rule.key
        key.qtype = nil
        #expect(try refusal { try test.store.deleteFirewallRule(key) } == .validation)
        #expect(try refusal { try test.store.updateFirewallRule(UpdateFirewallRule(key: key)) } == .notFound)
        key.firewallDomainListID = "rslvr-fdl-0"
        #expect(try refusal { try test.store.deleteFirewallRule(key) } == .notFound)
        key = rule.key
        key.qtype = "TYPE15"
        #expect(try test.store.deleteFirewallRule(key) == rule)
        #expect(try test.store.firewallRuleGroup(group.id).ruleCount == 0)
    }

    @Test func `the same request makes one rule`() throws {
        let request = test.rule(group, list)
        let rule = try test.store.createFirewallRule(request)
        #expect(try test.store.createFirewallRule(request) == rule)
        var other = request
        other.priority = 7
        #expect(try refusal { try test.store.createFirewallRule(other) } == .validation)
    }

    @Test func `a batch takes its good entries and answers for the bad ones`() throws {
        let good = test.rule(group, list)
        let bad = test.rule(group, nil, priority: 2)
        let typed = test.rule(group, list, priority: 3, qtype: "A")
        _ = test.changes()
        let created = try test.store.batchCreateFirewallRules([good, bad, typed, good])
        #expect(created.map { (try? $0.get())?.priority } == [1, nil, 3, 1])
        #expect(test.changes() == [.rules])
        let rules = try test.store.firewallRules(groupID: group.id)
        let updated = try test.store.batchUpdateFirewallRules(
            rules.map { UpdateFirewallRule(key: $0.key, priority: 3) })
        #expect(updated.map { (try? $0.get()) != nil } == [false, true])
        let deleted = try test.store.batchDeleteFirewallRules(rules.map(\.key) + [rules[0].key])
        #expect(deleted.map { (try? $0.get()) != nil } == [true, true, false])
        #expect(try test.store.firewallRuleGroup(group.id).ruleCount == 0)
    }
}
