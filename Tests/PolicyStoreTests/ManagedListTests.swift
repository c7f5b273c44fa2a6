import DNSWire
import DomainTrie
import FirewallPolicy
import Foundation
import Testing

@testable import PolicyStore

@Suite struct ManagedListTests {
    private static let zone = "firewall.route53resolver.us-east-1.amazonaws.com"

    /// The managed lists that hold `name`.
    private func lists(holding name: String, in loaded: PolicyLoader.Loaded) throws -> Set<ManagedListName> {
        let trie = try #require(loaded.policy.tries.first)
        let name = try DomainName(name)
        let found = loaded.managedLists.filter { list in
            guard let index = loaded.source.parts[0].lists.firstIndex(where: { $0.id == list.id }) else { return false }
            return trie.entry(of: UInt16(index), covering: name) != nil
        }
        return Set(found.compactMap { ManagedListName(rawValue: $0.name) })
    }

    private static func plain() -> PlainPolicy {
        PlainPolicy(allow: [], block: [], alert: [], blockResponse: .nxDomain, vpcs: [])
    }

    @Test func `the control domains are on the lists that AWS puts them on, configured or not`() throws {
        let loaded = try PolicyLoader.load(Self.plain())
        #expect(try lists(holding: "controldomain1.malwarelist.\(Self.zone)", in: loaded) == [.malware, .aggregate])
        #expect(try lists(holding: "controldomain3.botnetlist.\(Self.zone)", in: loaded) == [.botnet, .aggregate])
        #expect(try lists(holding: "controldomain2.aggregatelist.\(Self.zone)", in: loaded) == [.aggregate])
        #expect(try lists(holding: "controldomain4.malwarelist.\(Self.zone)", in: loaded) == [])
        #expect(loaded.managedLists.allSatisfy { $0.domainCount == 0 })
    }

    @Test func `a list holds its files, the aggregate list those of all`() throws {
        let directory = URL(filePath: NSTemporaryDirectory()).appending(path: "managed-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        func file(_ name: String, _ text: String) throws -> ListOrigin {
            let url = directory.appending(path: name)
            try Data(text.utf8).write(to: url)
            return .file(path: url.path)
        }
        let managed = [
            ManagedList(name: .malware, files: [try file("m", "bad.example\n"), try file("n", "worse.example\n")]),
            ManagedList(name: .guardDuty, id: "rslvr-fdl-1", files: [try file("g", "odd.example\n")]),
        ]
        let loaded = try PolicyLoader.load(Self.plain(), managed: managed)
        #expect(try lists(holding: "x.bad.example", in: loaded) == [.malware, .aggregate])
        #expect(try lists(holding: "worse.example", in: loaded) == [.malware, .aggregate])
        #expect(try lists(holding: "odd.example", in: loaded) == [.guardDuty, .aggregate])
        let counts = Dictionary(uniqueKeysWithValues: loaded.managedLists.map { ($0.name, $0.domainCount) })
        #expect(counts[ManagedListName.malware.rawValue] == 2 && counts[ManagedListName.aggregate.rawValue] == 3)
        #expect(loaded.managedLists.contains { $0.id == "rslvr-fdl-1" })
        #expect(loaded.lists.count == 3)
    }
}
