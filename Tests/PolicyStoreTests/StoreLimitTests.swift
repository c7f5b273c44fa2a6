import Dispatch
import Foundation
import GRDB
import Synchronization
import Testing

@testable import PolicyStore

@Suite struct StoreQuotaTests {
    @Test func `lists and groups are counted, managed lists are not`() throws {
        let managed = ManagedDomainList(id: "rslvr-fdl-m", name: "m", domainCount: 1_000_000)
        let test = try TestStore(
            quotas: .with { ($0.domainLists, $0.ruleGroups) = (1, 1) },
            readOnly: TestStore.readOnly(managedLists: [managed]))
        _ = try test.list("a", ["a.test"])
        #expect(try refusal { try test.list() } == .limitExceeded)
        _ = try test.group()
        #expect(try refusal { try test.group() } == .limitExceeded)
    }

    @Test func `domains are counted over all lists`() throws {
        let test = try TestStore(quotas: .with { $0.domains = 3 })
        _ = try test.list("a", ["a.test", "b.test"])
        let second = try test.list("b", ["a.test"])
        for operation in [UpdateDomainsOperation.add, .replace] {
            #expect(
                try refusal {
                    try test.store.updateFirewallDomains(
                        listID: second.id, operation: operation, domains: ["b.test", "c.test"])
                } == .limitExceeded)
        }
        #expect(try test.domains(of: second) == ["a.test."])
        _ = try test.store.updateFirewallDomains(listID: second.id, operation: .replace, domains: ["b.test"])
        let imported = try test.store.finishImport(listID: second.id, domains: CanonicalDomains(["x.test", "y.test"]))
        #expect(imported.status == .completeImportFailed)
    }

    @Test func `rules of a group and groups of a VPC are counted`() throws {
        let test = try TestStore(quotas: .with { ($0.rulesPerGroup, $0.ruleGroupsPerVPC) = (1, 1) })
        let group = try test.group()
        let list = try test.list()
        _ = try test.store.createFirewallRule(test.rule(group, list))
        #expect(
            try refusal { try test.store.createFirewallRule(test.rule(group, list, priority: 2, qtype: "A")) }
                == .limitExceeded)
        _ = try test.association(of: group)
        let other = try test.group()
        #expect(try refusal { try test.association(of: other, priority: 102) } == .limitExceeded)
    }

    @Test func `query log configs and resolver rules are counted`() throws {
        let test = try TestStore(
            quotas: .with {
                ($0.queryLogConfigs, $0.queryLogConfigAssociations) = (1, 1)
                ($0.resolverRules, $0.resolverRuleAssociations) = (1, 1)
            })
        let config = try test.store.createResolverQueryLogConfig(
            CreateResolverQueryLogConfig(creatorRequestID: "1", name: "a", destinationARN: "arn:aws:s3:::b"))
        #expect(
            try refusal {
                try test.store.createResolverQueryLogConfig(
                    CreateResolverQueryLogConfig(creatorRequestID: "2", name: "a", destinationARN: "arn:aws:s3:::b"))
            } == .limitExceeded)
        _ = try test.store.associateResolverQueryLogConfig(config.id, vpcID: TestStore.vpc)
        #expect(
            try refusal { try test.store.associateResolverQueryLogConfig(config.id, vpcID: TestStore.otherVPC) }
                == .limitExceeded)
        let rule = try test.store.createResolverRule(
            CreateResolverRule(creatorRequestID: "1", ruleType: .system, domainName: "a.test"))
        #expect(
            try refusal {
                try test.store.createResolverRule(
                    CreateResolverRule(creatorRequestID: "2", ruleType: .system, domainName: "b.test"))
            } == .limitExceeded)
        _ = try test.store.associateResolverRule(rule.id, vpcID: TestStore.vpc, name: nil)
        #expect(
            try refusal { try test.store.associateResolverRule(rule.id, vpcID: TestStore.otherVPC, name: nil) }
                == .limitExceeded)
    }
}

@Suite struct StoreDurabilityTests {
    @Test func `everything is there when the store is opened again`() throws {
        let test = try TestStore()
        let list = try test.list("l", ["a.test"])
        let group = try test.group()
        let rule = try test.store.createFirewallRule(test.rule(group, list))
        _ = try test.association(of: group)
        let reopened = try test.openedAgain()
        #expect(try reopened.firewallDomainList(list.id) == list)
        #expect(try reopened.firewallRules(groupID: group.id) == [rule])
        #expect(try reopened.firewallRuleGroupAssociations() == test.store.firewallRuleGroupAssociations())
    }

    @Test func `a commit waits for the disk`() throws {
        let test = try TestStore()
        let (journal, synchronous) = try test.store.write { transaction in
            (
                try String.fetchOne(transaction.db, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(transaction.db, sql: "PRAGMA synchronous")
            )
        }
        #expect(journal == "wal" && synchronous == 2)
    }

    @Test func `a file that is no database is an internal error`() throws {
        let path = FileManager.default.temporaryDirectory.appending(component: "store-\(UUID().uuidString)").path
        try "not a database, but long enough to be looked at".write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(
            try refusal { try ResolverStore(path: path, identity: TestStore.identity, readOnly: TestStore.readOnly()) }
                == .internalError)
    }

    @Test func `who can't publish a change makes the call fail, and the commit stays`() throws {
        struct Unpublished: Error {}
        let test = try TestStore()
        let store = try ResolverStore(
            path: TestStore.path(in: test.directory), identity: TestStore.identity, readOnly: TestStore.readOnly()
        ) { _, _ in throw Unpublished() }
        let request = CreateFirewallRuleGroup(creatorRequestID: "1", name: "g")
        #expect(try refusal { try store.createFirewallRuleGroup(request) } == .internalError)
        #expect(try store.firewallRuleGroups().count == 1)
    }

    @Test func `who is told of a change reads it from the store`() throws {
        let seen = Mutex<[Int]>([])
        let test = try TestStore()
        let store = try ResolverStore(
            path: TestStore.path(in: test.directory), identity: TestStore.identity, readOnly: TestStore.readOnly()
        ) { _, store in
            let count = try store.snapshot().ruleGroups.count
            seen.withLock { $0.append(count) }
        }
        for id in ["1", "2"] {
            _ = try store.createFirewallRuleGroup(CreateFirewallRuleGroup(creatorRequestID: id, name: "g"))
        }
        #expect(seen.withLock { $0 } == [1, 2])
    }
}

@Suite struct StoreConcurrencyTests {
    /// Runs `body` on ten threads at once and returns what it threw.
    private func inParallel(_ body: @Sendable (Int) throws -> Void) -> [any Error] {
        let errors = Mutex<[any Error]>([])
        DispatchQueue.concurrentPerform(iterations: 10) { index in
            do { try body(index) } catch { errors.withLock { $0.append(error) } }
        }
        return errors.withLock { $0 }
    }

    @Test func `ten at a time create, fill, use and delete`() throws {
        let test = try TestStore(quotas: .with { $0.ruleGroupsPerVPC = 10 })
        let errors = inParallel { index in
            let list = try test.list("l\(index)", ["a\(index).test"])
            let group = try test.group("g\(index)")
            let rule = try test.store.createFirewallRule(test.rule(group, list))
            let association = try test.association(of: group, priority: 200 + index)
            _ = try test.store.firewallRuleGroupAssociations()
            _ = try test.store.disassociateFirewallRuleGroup(association.id)
            _ = try test.store.deleteFirewallRule(rule.key)
            _ = try test.store.deleteFirewallRuleGroup(group.id)
            _ = try test.store.deleteFirewallDomainList(list.id)
        }
        #expect(errors.isEmpty, "\(errors)")
        #expect(try test.store.firewallDomainLists().isEmpty && test.store.firewallRuleGroups().isEmpty)
    }

    @Test func `one of ten gets the priority`() throws {
        let test = try TestStore()
        let group = try test.group()
        let list = try test.list()
        let errors = inParallel { index in
            _ = try test.store.createFirewallRule(test.rule(group, list, qtype: "TYPE\(index + 1)"))
        }
        #expect(errors.count == 9)
        #expect(try test.store.firewallRuleGroup(group.id).ruleCount == 1)
    }

    @Test func `ten equal requests make one object`() throws {
        let test = try TestStore()
        let request = CreateFirewallRuleGroup(creatorRequestID: "once", name: "g")
        let errors = inParallel { _ in _ = try test.store.createFirewallRuleGroup(request) }
        #expect(errors.isEmpty)
        #expect(try test.store.firewallRuleGroups().count == 1)
    }

    @Test func `a hundred thousand domains go in by calls of a thousand`() throws {
        let test = try TestStore()
        let list = try test.list()
        let clock = ContinuousClock()
        let time = try clock.measure {
            for call in 0..<100 {
                _ = try test.store.updateFirewallDomains(
                    listID: list.id, operation: .add, domains: (0..<1000).map { "d\($0).n\(call).test" })
            }
        }
        print("100,000 domains by calls of 1,000: \(time)")
        #expect(try test.store.firewallDomainList(list.id).domainCount == 100_000)
    }
}
