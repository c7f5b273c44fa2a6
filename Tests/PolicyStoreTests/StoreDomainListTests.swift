import FirewallPolicy
import Testing

@testable import PolicyStore

@Suite struct StoreDomainListTests {
    private let test = try! TestStore()

    @Test func `a new list is empty and complete`() throws {
        let list = try test.list("first")
        #expect(list.id.wholeMatch(of: /rslvr-fdl-[0-9a-f]{16}/) != nil)
        #expect(list.arn == "arn:aws:route53resolver:us-east-1:000000000000:firewall-domain-list/\(list.id)")
        #expect(list.status == .complete && list.statusMessage == "Created Firewall Domain List")
        #expect(list.domainCount == 0)
        #expect(list.creationTime.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        #expect(try test.store.firewallDomainList(list.id) == list)
        #expect(test.changes() == [.domains(listID: list.id, added: [], removed: [])])
    }

    @Test func `an unknown id is told as AWS tells it`() {
        #expect(
            throws: StoreError.notFound(
                message: "[RSLVR-02025] Can’t find the resource with ID \"rslvr-fdl-0\".",
                resourceType: "firewall-domain-list")
        ) { try test.store.firewallDomainList("rslvr-fdl-0") }
    }

    @Test func `domains are kept in lower case with a final dot, once`() throws {
        let list = try test.list("list", ["Example.COM", "example.com.", "*", "*.B.test", "*text"])
        #expect(list.domainCount == 4)
        #expect(list.status == .complete && list.statusMessage == "Finished domain list update")
        #expect(try test.domains(of: list) == ["*.", "*.b.test.", "*text.", "example.com."])
    }

    @Test func `an update answers with its transitional status and tells what it added`() throws {
        let list = try test.list("list", ["a.test"])
        _ = test.changes()
        let updated = try test.store.updateFirewallDomains(
            listID: list.id, operation: .add, domains: ["a.test", "b.test"])
        #expect(updated.status == .updating && updated.statusMessage == "Updating the Firewall Domain List")
        #expect(updated.domainCount == 2)
        #expect(test.changes() == [.domains(listID: list.id, added: ["b.test."], removed: [])])
    }

    @Test func `removal matches with and without the final dot`() throws {
        let list = try test.list("list", ["a.test", "b.test", "*"])
        _ = test.changes()
        _ = try test.store.updateFirewallDomains(
            listID: list.id, operation: .remove, domains: ["A.test.", "*", "a.test"])
        #expect(try test.domains(of: list) == ["b.test."])
        #expect(try test.store.firewallDomainList(list.id).domainCount == 1)
        #expect(test.changes() == [.domains(listID: list.id, added: [], removed: ["*.", "a.test."])])
    }

    @Test func `removal of an absent domain leaves everything as it was`() throws {
        let list = try test.list("list", ["a.test", "b.test"])
        _ = test.changes()
        let error = #expect(throws: StoreError.self) {
            try test.store.updateFirewallDomains(
                listID: list.id, operation: .remove, domains: ["a.test", "absent.test"])
        }
        guard case .validation(let message)? = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(message.hasPrefix("[RSLVR-02502]") && message.contains("absent.test."))
        #expect(try test.domains(of: list) == ["a.test.", "b.test."])
        #expect(test.changes().isEmpty)
    }

    @Test func `replacement is all or nothing`() throws {
        let list = try test.list("list", ["a.test"])
        _ = try test.store.updateFirewallDomains(listID: list.id, operation: .replace, domains: ["b.test", "c.test"])
        #expect(try test.domains(of: list) == ["b.test.", "c.test."])
        #expect(test.changes().last == .domainsReplaced(listID: list.id))
        #expect(
            try refusal {
                try test.store.updateFirewallDomains(listID: list.id, operation: .replace, domains: ["d.test", "a..b"])
            } == .validation)
        #expect(try test.domains(of: list) == ["b.test.", "c.test."])
    }

    @Test(arguments: [[], ["a..test"], ["a.*.test"], ["ä.test"], ["."], [""], ["a b"]] as [[String]])
    func `malformed updates are refused`(domains: [String]) throws {
        let list = try test.list()
        #expect(
            try refusal { try test.store.updateFirewallDomains(listID: list.id, operation: .add, domains: domains) }
                == .validation)
    }

    @Test func `more domains than a call may have leave the list as it was`() throws {
        let list = try test.list("list", ["a.test"])
        #expect(
            try refusal {
                try test.store.updateFirewallDomains(
                    listID: list.id, operation: .replace, domains: (0...1000).map { "d\($0).test" })
            } == .validation)
        #expect(try test.domains(of: list) == ["a.test."])
    }

    @Test func `domains come in pages`() throws {
        let list = try test.list("list", ["c.test", "a.test", "b.test"])
        let first = try test.store.firewallDomains(listID: list.id, after: nil, limit: 2)
        #expect(first == DomainPage(domains: ["a.test.", "b.test."], hasMore: true))
        let last = try test.store.firewallDomains(listID: list.id, after: "b.test.", limit: 2)
        #expect(last == DomainPage(domains: ["c.test."], hasMore: false))
    }

    @Test func `a deleted list is gone with its domains and tags`() throws {
        let list = try test.list("list", ["a.test"])
        try test.store.tag(arn: list.arn, tags: [Tag(key: "k", value: "v")])
        let deleted = try test.store.deleteFirewallDomainList(list.id)
        #expect(deleted.status == .deleting && deleted.domainCount == 1)
        #expect(deleted.statusMessage == "Deleting the Firewall Domain List")
        #expect(try refusal { try test.store.firewallDomainList(list.id) } == .notFound)
        #expect(try refusal { try test.store.firewallDomains(listID: list.id, after: nil, limit: 1) } == .notFound)
        #expect(try refusal { try test.store.tags(arn: list.arn) } == .notFound)
        #expect(try refusal { try test.store.deleteFirewallDomainList(list.id) } == .notFound)
    }

    @Test func `a list that a rule uses can't be deleted`() throws {
        let list = try test.list()
        let group = try test.group()
        _ = try test.store.createFirewallRule(test.rule(group, list))
        #expect(try refusal { try test.store.deleteFirewallDomainList(list.id) } == .conflict)
    }

    @Test func `the same request makes one list, another one with its id is refused`() throws {
        let request = CreateFirewallDomainList(creatorRequestID: "once", name: "a", tags: [Tag(key: "k", value: "v")])
        let list = try test.store.createFirewallDomainList(request)
        #expect(try test.store.createFirewallDomainList(request) == list)
        #expect(try test.store.firewallDomainLists().count == 1)
        #expect(try test.store.tags(arn: list.arn) == [Tag(key: "k", value: "v")])
        var other = request
        other.name = "b"
        #expect(try refusal { try test.store.createFirewallDomainList(other) } == .validation)
        _ = try test.store.createFirewallRuleGroup(CreateFirewallRuleGroup(creatorRequestID: "once", name: "a"))
        _ = try test.store.deleteFirewallDomainList(list.id)
        #expect(try test.store.createFirewallDomainList(request).id != list.id)
    }

    @Test func `lists are listed in the order of their creation`() throws {
        let ids = try ["z", "a", "m", "a"].map { try test.list($0).id }
        let records = try test.store.firewallDomainLists()
        #expect(records.map(\.id) == ids)
        #expect(records.map(\.sequence) == records.map(\.sequence).sorted())
    }
}

@Suite struct StoreImportTests {
    private let test = try! TestStore()

    @Test func `an import replaces the domains at its end`() throws {
        let list = try test.list("list", ["old.test"])
        let begun = try test.store.beginImport(listID: list.id)
        #expect(begun.status == .importing && begun.statusMessage == "Importing domains from provided file.")
        #expect(try test.domains(of: list) == ["old.test."])
        #expect(try refusal { try test.store.deleteFirewallDomainList(list.id) } == .conflict)
        #expect(try refusal { try test.store.beginImport(listID: list.id) } == .conflict)
        let domains = try CanonicalDomains((0..<2000).map { "n\($0).test" })
        let finished = try test.store.finishImport(listID: list.id, domains: domains)
        #expect(finished.status == .complete && finished.domainCount == 2000)
    }

    @Test func `a failed import keeps the old domains and says why`() throws {
        let list = try test.list("list", ["old.test"])
        _ = try test.store.beginImport(listID: list.id)
        #expect(try refusal { try CanonicalDomains(["good.test", "bad..test"]) } == .validation)
        let failed = try test.store.failImport(listID: list.id, reason: String(repeating: "x", count: 300))
        #expect(failed.status == .completeImportFailed && failed.statusMessage.count == 255)
        #expect(try test.domains(of: list) == ["old.test."])
    }

    @Test func `an import that a crash has ended is failed at the next start`() throws {
        let list = try test.list("list", ["old.test"])
        _ = try test.store.beginImport(listID: list.id)
        let reopened = try test.openedAgain()
        #expect(try reopened.firewallDomainList(list.id).status == .completeImportFailed)
    }
}
