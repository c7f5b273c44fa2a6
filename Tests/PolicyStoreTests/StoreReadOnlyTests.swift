import DNSWire
import FirewallPolicy
import Testing

@testable import PolicyStore

@Suite struct StoreReadOnlyTests {
    private static let managed = ManagedDomainList(
        id: "rslvr-fdl-cb11fc50eaef4bad", name: "AWSManagedDomainsMalwareDomainList", domainCount: 7)

    /// A template with one object of every kind.
    private static func template() -> TemplateObjects {
        var template = TemplateObjects(file: "firewall.yaml")
        template.domainLists = [
            .init(id: "rslvr-fdl-1", request: CreateFirewallDomainList(creatorRequestID: "l", name: "template list"))
        ]
        template.domains = ["rslvr-fdl-1": ["A.test", "*.a.test"]]
        template.ruleGroups = [
            .init(
                id: "rslvr-frg-1",
                request: CreateFirewallRuleGroup(creatorRequestID: "g", name: "g", tags: [Tag(key: "k", value: "v")]))
        ]
        template.rules = [
            CreateFirewallRule(
                creatorRequestID: "r", firewallRuleGroupID: "rslvr-frg-1", firewallDomainListID: "rslvr-fdl-1",
                name: "r", priority: 1, action: .block, blockResponse: .nxDomain)
        ]
        template.associations = [
            .init(
                id: "rslvr-frgassoc-1",
                request: AssociateFirewallRuleGroup(
                    creatorRequestID: "a", firewallRuleGroupID: "rslvr-frg-1", vpcID: TestStore.vpc, priority: 200,
                    name: "a"))
        ]
        template.queryLogConfigs = [
            .init(
                id: "rslvr-qlc-1",
                request: CreateResolverQueryLogConfig(
                    creatorRequestID: "q", name: "q", destinationARN: "arn:aws:s3:::b"))
        ]
        template.queryLogConfigAssociations = [
            .init(id: "rslvr-qlcassoc-1", request: ResolverAssociation(subjectID: "rslvr-qlc-1", vpcID: TestStore.vpc))
        ]
        template.resolverRules = [
            .init(
                id: "rslvr-rr-1",
                request: CreateResolverRule(creatorRequestID: "s", ruleType: .system, domainName: "local.test"))
        ]
        template.resolverRuleAssociations = [
            .init(id: "rslvr-rrassoc-1", request: ResolverAssociation(subjectID: "rslvr-rr-1", vpcID: TestStore.vpc))
        ]
        template.resolverConfigs = [TestStore.vpc: .disable]
        return template
    }

    private func store() throws -> TestStore {
        try TestStore(
            readOnly: TestStore.readOnly(
                managedLists: [StoreReadOnlyTests.managed], templates: [StoreReadOnlyTests.template()]))
    }

    @Test func `managed lists are listed first, with AWS as their owner`() throws {
        let test = try store()
        let list = try #require(try test.store.firewallDomainLists().first)
        #expect(list.id == StoreReadOnlyTests.managed.id && list.creatorRequestID == list.name)
        #expect(list.managedOwnerName == "Route 53 Resolver DNS Firewall" && list.domainCount == 7)
    }

    @Test func `nobody may list or change a managed list, but rules may use it`() throws {
        let test = try store()
        let id = StoreReadOnlyTests.managed.id
        #expect(try refusal { try test.store.firewallDomains(listID: id, after: nil, limit: 1) } == .accessDenied)
        #expect(try refusal { try test.store.deleteFirewallDomainList(id) } == .accessDenied)
        #expect(try refusal { try test.store.beginImport(listID: id) } == .accessDenied)
        #expect(
            try refusal { try test.store.updateFirewallDomains(listID: id, operation: .add, domains: ["a.test"]) }
                == .accessDenied)
        let list = try test.store.firewallDomainList(id)
        _ = try test.store.createFirewallRule(test.rule(test.group(), list))
    }

    @Test func `a template's objects are shown like others`() throws {
        let test = try store()
        let list = try test.store.firewallDomainList("rslvr-fdl-1")
        #expect(list.domainCount == 2 && list.origin == .template(file: "firewall.yaml"))
        #expect(try test.domains(of: list) == ["*.a.test.", "a.test."])
        #expect(try test.store.firewallRuleGroup("rslvr-frg-1").ruleCount == 1)
        #expect(try test.store.firewallRules(groupID: "rslvr-frg-1").map(\.name) == ["r"])
        #expect(try test.store.firewallRuleGroupAssociation("rslvr-frgassoc-1").priority == 200)
        #expect(try test.store.resolverQueryLogConfig("rslvr-qlc-1").associationCount == 1)
        #expect(try test.store.resolverRule("rslvr-rr-1").domainName == "local.test.")
        #expect(try test.store.resolverConfig(vpcID: TestStore.vpc).autodefinedReverse == "DISABLED")
        let arn = try test.store.firewallRuleGroup("rslvr-frg-1").arn
        #expect(try test.store.tags(arn: arn) == [Tag(key: "k", value: "v")])
    }

    @Test func `a template's objects can be changed in the template only`() throws {
        let test = try store()
        let store = test.store
        #expect(
            throws: StoreError.accessDenied(
                message: "rslvr-frg-1 comes from the template firewall.yaml and can be changed only there.")
        ) { try store.deleteFirewallRuleGroup("rslvr-frg-1") }
        let group = try store.firewallRuleGroup("rslvr-frg-1")
        let key = try store.firewallRules(groupID: group.id)[0].key
        let writes: [() throws -> Any] = [
            { try store.deleteFirewallDomainList("rslvr-fdl-1") },
            { try store.updateFirewallDomains(listID: "rslvr-fdl-1", operation: .add, domains: ["b.test"]) },
            { try store.createFirewallRule(test.rule(group, test.list(), priority: 2)) },
            { try store.updateFirewallRule(UpdateFirewallRule(key: key, name: "x")) },
            { try store.deleteFirewallRule(key) },
            { try store.disassociateFirewallRuleGroup("rslvr-frgassoc-1") },
            { try store.putFirewallRuleGroupPolicy(arn: group.arn, policy: "{}") },
            { try store.tag(arn: group.arn, tags: [Tag(key: "x", value: "")]) },
            { try store.untag(arn: group.arn, keys: ["k"]) },
            { try store.deleteResolverQueryLogConfig("rslvr-qlc-1") },
            { try store.disassociateResolverQueryLogConfig("rslvr-qlc-1", vpcID: TestStore.vpc) },
            { try store.updateResolverRule("rslvr-rr-1", UpdateResolverRule(name: "x")) },
            { try store.disassociateResolverRule("rslvr-rr-1", vpcID: TestStore.vpc) },
            { try store.updateResolverConfig(vpcID: TestStore.vpc, autodefinedReverse: .enable) },
        ]
        for write in writes { #expect(try refusal(write) == .accessDenied) }
    }

    @Test func `a reload takes new objects and leaves the API's alone`() throws {
        let test = try store()
        let own = try test.list("own", ["own.test"])
        let group = try test.group()
        let list = try test.store.firewallDomainList("rslvr-fdl-1")
        _ = try test.store.createFirewallRule(test.rule(group, list))
        let kept = try test.association(of: group, priority: 300)
        var templateGroup = group
        templateGroup.id = "rslvr-frg-1"
        let lost = try test.association(of: templateGroup, vpc: TestStore.otherVPC)
        _ = test.changes()

        try test.store.replaceReadOnlyObjects(ReadOnlyObjects(vpcIDs: [TestStore.vpc, "vpc-22222222"]))

        #expect(test.changes() == [.readOnlyObjects])
        #expect(try test.store.firewallDomainLists().map(\.id) == [own.id])
        #expect(try test.domains(of: own) == ["own.test."])
        #expect(try test.store.firewallRuleGroupAssociations().map(\.id) == [kept.id])
        #expect(try refusal { try test.store.firewallRuleGroupAssociation(lost.id) } == .notFound)
        #expect(try test.store.resolverConfig(vpcID: TestStore.vpc).autodefinedReverse == "ENABLED")
        #expect(try test.store.firewallConfigs().map(\.resourceID) == [TestStore.vpc, "vpc-22222222"])
        #expect(try refusal { try test.store.firewallConfig(vpcID: TestStore.otherVPC) } == .notFound)

        let missing = try #require(try test.store.snapshot().lists.last)
        #expect(missing.id == "rslvr-fdl-1" && !missing.isAvailable)
    }

    @Test func `the same objects again keep their place and their age`() throws {
        let test = try store()
        _ = try test.list("later")
        let before = try test.store.firewallDomainLists()
        let reopened = try test.openedAgain(
            readOnly: TestStore.readOnly(
                managedLists: [StoreReadOnlyTests.managed], templates: [StoreReadOnlyTests.template()]))
        let after = try reopened.firewallDomainLists()
        #expect(after.map(\.id) == before.map(\.id) && after.map(\.sequence) == before.map(\.sequence))
        #expect(after.map(\.creationTime) == before.map(\.creationTime))
    }
}

@Suite struct StoreSnapshotTests {
    @Test func `a snapshot has all that makes a policy`() throws {
        let test = try TestStore()
        let list = try test.list("l", ["a.test", "*.b.test"])
        let group = try test.group("g")
        var block = test.rule(group, list, priority: 2)
        (block.action, block.blockResponse, block.redirection) = (.block, .override, .trust)
        (block.blockOverrideDomain, block.blockOverrideDnsType, block.blockOverrideTtl) = ("safe.test", "CNAME", 9)
        _ = try test.store.createFirewallRule(block)
        _ = try test.store.createFirewallRule(test.rule(group, list, priority: 1, qtype: "TYPE28"))
        _ = try test.association(of: group, priority: 777)
        _ = try test.store.updateFirewallConfig(vpcID: TestStore.otherVPC, failOpen: .enabled)

        let snapshot = try test.store.snapshot()
        #expect(snapshot.lists == [FirewallDomainList(id: list.id, name: "l")])
        let override = BlockResponse.override(domain: try DomainName("safe.test"), ttlSeconds: 9)
        #expect(
            snapshot.ruleGroups == [
                FirewallRuleGroup(
                    id: group.id, name: "g",
                    rules: [
                        FirewallRule(
                            name: "rule", priority: 1, action: .allow, domainListID: list.id, qtype: .aaaa),
                        FirewallRule(
                            name: "rule", priority: 2, action: .block(override), domainListID: list.id,
                            redirection: .trust),
                    ])
            ])
        #expect(
            snapshot.associations == [
                FirewallRuleGroupAssociation(ruleGroupID: group.id, vpcID: TestStore.vpc, priority: 777)
            ])
        #expect(snapshot.vpcs.filter(\.value.failOpen).map(\.key) == [TestStore.otherVPC])

        var entries: [DomainSpecification] = []
        try test.store.readDomains(listID: list.id) { entries.append($0) }
        #expect(entries == [try DomainSpecification("*.b.test"), try DomainSpecification("a.test")])
    }
}
