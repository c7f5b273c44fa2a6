import DNSWire
import FirewallPolicy
import Foundation
import GRDB
import Testing

@testable import PolicyStore

/// The store of a server that may be running, read by a command.
@Suite struct StoreCopyTests {
    /// A store with a group that blocks one name in each VPC.
    private func store() throws -> TestStore {
        let test = try TestStore()
        let (list, group) = (try test.list("kept", ["bad.example"]), try test.group("kept group"))
        var rule = test.rule(group, list)
        (rule.action, rule.blockResponse) = (.block, .noData)
        _ = try test.store.createFirewallRule(rule)
        _ = try test.association(of: group)
        return test
    }

    private func copy(_ test: TestStore, _ directory: URL? = nil) throws -> ResolverStore {
        try ResolverStore(
            copyOf: TestStore.path(in: directory ?? test.directory), identity: TestStore.identity,
            readOnly: TestStore.readOnly())
    }

    private func files(in directory: URL) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: directory.appending(path: $0))) })
    }

    @Test func `a copy of a store in use has all of it, and what changes there changes nothing else`() throws {
        let test = try store()
        let copy = try copy(test)
        #expect(try copy.snapshot().ruleGroups == test.store.snapshot().ruleGroups)
        #expect(try copy.snapshot().ruleGroups.map(\.name) == ["kept group"])
        let list = try #require(try copy.snapshot().lists.first { $0.name == "kept" })
        _ = try copy.updateFirewallDomains(listID: list.id, operation: .add, domains: ["more.example"])
        #expect(try test.store.firewallDomains(listID: list.id, after: nil, limit: 9).domains == ["bad.example."])
    }

    @Test func `a store that nobody has open is read without a trace, even where nobody may write`() throws {
        let test = try store()
        let folder = test.directory.appending(path: "still")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // All of it in one file, as a server that has ended well leaves it.
        let path = TestStore.path(in: test.directory)
        try DatabasePool(path: path).writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try FileManager.default.copyItem(atPath: path, toPath: TestStore.path(in: folder))
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path) }
        let before = try files(in: folder)
        #expect(try copy(test, folder).snapshot().ruleGroups.map(\.name) == ["kept group"])
        #expect(try files(in: folder) == before)
    }

    @Test func `the configuration's objects are today's, whatever the store was last told`() throws {
        let test = try store()
        let copy = try ResolverStore(
            copyOf: TestStore.path(in: test.directory), identity: TestStore.identity,
            readOnly: ReadOnlyObjects(vpcIDs: ["vpc-99999999"]))
        #expect(try copy.snapshot().vpcs.keys.sorted() == ["vpc-99999999"])
        #expect(try test.store.snapshot().vpcs.count == 2)
    }

    @Test(arguments: ["missing", "text"]) func `what is no store is told, and not made`(kind: String) throws {
        let test = try TestStore()
        let folder = test.directory.appending(path: kind)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if kind == "text" { try Data("no store\n".utf8).write(to: URL(filePath: TestStore.path(in: folder))) }
        let before = try files(in: folder)
        #expect(throws: StoreError.self) { try copy(test, folder) }
        #expect(try files(in: folder) == before)
    }
}
