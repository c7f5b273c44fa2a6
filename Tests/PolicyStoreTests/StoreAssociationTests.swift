import Testing

@testable import PolicyStore

@Suite struct StoreAssociationTests {
    private let test: TestStore
    private let group: FirewallRuleGroupRecord

    init() throws {
        test = try TestStore()
        group = try test.group()
    }

    @Test func `an association goes through its statuses`() throws {
        _ = test.changes()
        let created = try test.association(of: group)
        #expect(created.id.hasPrefix("rslvr-frgassoc-") && created.mutationProtection == .disabled)
        #expect(created.status == .updating)
        #expect(created.statusMessage == "Creating Firewall Rule Group Association")
        let complete = try test.store.firewallRuleGroupAssociation(created.id)
        #expect(complete.status == .complete)
        #expect(complete.statusMessage == "Finished rule group association update")
        #expect(try test.store.firewallRuleGroupAssociations() == [complete])
        let deleted = try test.store.disassociateFirewallRuleGroup(created.id)
        #expect(deleted.status == .deleting)
        #expect(deleted.statusMessage == "Deleting the Firewall Rule Group Association")
        #expect(try refusal { try test.store.firewallRuleGroupAssociation(created.id) } == .notFound)
        #expect(test.changes() == [.associations, .associations])
    }

    @Test func `unknown groups and VPCs are not found`() throws {
        #expect(try refusal { try test.association(of: group, vpc: "vpc-99999999") } == .notFound)
        var gone = group
        gone.id = "rslvr-frg-0"
        #expect(try refusal { try test.association(of: gone) } == .notFound)
    }

    @Test(arguments: [(100, false), (101, true), (9899, true), (9900, false), (0, false)])
    func `the ends of the range of priorities are reserved`(priority: Int, isTaken: Bool) throws {
        let expected: Refusal? = isTaken ? nil : .validation
        #expect(try refusal { try test.association(of: group, priority: priority) } == expected)
    }

    @Test func `a VPC has a group once, and a priority once`() throws {
        _ = try test.association(of: group)
        let error = #expect(throws: StoreError.self) { try test.association(of: group, priority: 102) }
        #expect("\(String(describing: error))".contains("RSLVR-02302"))
        let other = try test.group()
        #expect(try refusal { try test.association(of: other) } == .validation)
        _ = try test.association(of: other, vpc: TestStore.otherVPC)
        let second = try test.association(of: other, priority: 102)
        #expect(
            try refusal {
                try test.store.updateFirewallRuleGroupAssociation(
                    second.id, name: nil, priority: 101, mutationProtection: nil)
            } == .validation)
    }

    @Test func `an update changes what it names`() throws {
        let created = try test.association(of: group)
        let updated = try test.store.updateFirewallRuleGroupAssociation(
            created.id, name: "new", priority: 500, mutationProtection: nil)
        #expect(updated.status == .updating)
        #expect(updated.statusMessage == "Updating the Firewall Rule Group Association Attributes")
        let complete = try test.store.firewallRuleGroupAssociation(created.id)
        #expect(complete.name == "new" && complete.priority == 500 && complete.status == .complete)
    }

    @Test func `a protected association stays as it is until protection goes`() throws {
        let created = try test.association(of: group, protection: .enabled)
        #expect(try refusal { try test.store.disassociateFirewallRuleGroup(created.id) } == .conflict)
        for protection in [nil, MutationProtection.enabled] {
            #expect(
                try refusal {
                    try test.store.updateFirewallRuleGroupAssociation(
                        created.id, name: "new", priority: nil, mutationProtection: protection)
                } == .conflict)
        }
        let updated = try test.store.updateFirewallRuleGroupAssociation(
            created.id, name: "new", priority: nil, mutationProtection: .disabled)
        #expect(updated.name == "new")
        _ = try test.store.disassociateFirewallRuleGroup(created.id)
    }

    @Test func `the same request makes one association`() throws {
        let request = AssociateFirewallRuleGroup(
            creatorRequestID: "once", firewallRuleGroupID: group.id, vpcID: TestStore.vpc, priority: 101, name: "a")
        let made = try test.store.associateFirewallRuleGroup(request)
        #expect(try test.store.associateFirewallRuleGroup(request).id == made.id)
        var other = request
        other.priority = 102
        #expect(try refusal { try test.store.associateFirewallRuleGroup(other) } == .validation)
    }
}

@Suite struct StoreVPCConfigTests {
    private let test = try! TestStore()

    @Test func `every VPC has its firewall config, with an id that stays`() throws {
        let configs = try test.store.firewallConfigs()
        #expect(configs.map(\.resourceID) == [TestStore.vpc, TestStore.otherVPC])
        #expect(configs.allSatisfy { $0.failOpen == .disabled && $0.id.hasPrefix("rslvr-fc-") })
        #expect(try test.store.firewallConfig(vpcID: TestStore.vpc) == configs[0])
        #expect(try refusal { try test.store.firewallConfig(vpcID: "vpc-99999999") } == .notFound)
        let updated = try test.store.updateFirewallConfig(vpcID: TestStore.vpc, failOpen: .enabled)
        #expect(updated.id == configs[0].id && updated.failOpen == .enabled)
        #expect(try test.store.firewallConfig(vpcID: TestStore.otherVPC).failOpen == .disabled)
        #expect(test.changes() == [.config])
        #expect(try test.openedAgain().firewallConfigs()[0] == updated)
    }

    @Test func `a resolver config goes through its statuses`() throws {
        #expect(try test.store.resolverConfig(vpcID: TestStore.vpc).autodefinedReverse == "ENABLED")
        let updated = try test.store.updateResolverConfig(vpcID: TestStore.vpc, autodefinedReverse: .disable)
        #expect(updated.autodefinedReverse == "DISABLING")
        #expect(try test.store.resolverConfigs().map(\.autodefinedReverse) == ["DISABLED", "ENABLED"])
    }

    @Test func `only DNSSEC configs that validate are listed`() throws {
        #expect(try test.store.resolverDnssecConfigs().isEmpty)
        #expect(try test.store.resolverDnssecConfig(vpcID: TestStore.vpc).validationStatus == "DISABLED")
        let updated = try test.store.updateResolverDnssecConfig(vpcID: TestStore.vpc, validation: .enable)
        #expect(updated.validationStatus == "ENABLING")
        #expect(try test.store.resolverDnssecConfigs().map(\.validationStatus) == ["ENABLED"])
        #expect(
            try refusal { try test.store.updateResolverDnssecConfig(vpcID: "vpc-99999999", validation: .enable) }
                == .notFound)
    }
}

@Suite struct StoreTagTests {
    private let test = try! TestStore()

    @Test func `tags are set, replaced, listed by key and removed`() throws {
        let arn = try test.group().arn
        try test.store.tag(arn: arn, tags: [Tag(key: "b", value: "1"), Tag(key: "a", value: "2")])
        try test.store.tag(arn: arn, tags: [Tag(key: "b", value: "3")])
        #expect(try test.store.tags(arn: arn) == [Tag(key: "a", value: "2"), Tag(key: "b", value: "3")])
        try test.store.untag(arn: arn, keys: ["a", "absent"])
        #expect(try test.store.tags(arn: arn) == [Tag(key: "b", value: "3")])
    }

    @Test func `unknown resources and too many tags are refused`() throws {
        let arn = try test.group().arn
        #expect(try refusal { try test.store.tags(arn: "arn:aws:x") } == .notFound)
        #expect(
            try refusal { try test.store.tag(arn: arn, tags: (0...200).map { Tag(key: "k\($0)", value: "") }) }
                == .limitExceeded)
        #expect(try test.store.tags(arn: arn).isEmpty)
    }
}
