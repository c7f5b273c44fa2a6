import DNSWire
import DomainFeeds
import DomainTrie
import FirewallPolicy
import Foundation
import Testing

@testable import PolicyStore

/// Compiled lists that a later start maps instead of compiling them.
@Suite struct SavedListTests {
    private let files: TemporaryLists
    private let saved: SavedLists

    init() throws {
        files = try TemporaryLists()
        var saved = SavedLists(stateDirectory: files.path + "/state")
        saved.minimumOctets = 120
        self.saved = saved
    }

    private static let adblock = """
        [Adblock]
        ||a.example^
        @@||b.a.example^
        ||c.b.a.example^$important
        ||typed.example^$dnstype=AAAA
        /regular/
        """

    private func plain(_ block: [ListOrigin]) throws -> PlainPolicy {
        var policy = PlainPolicy(
            allow: [try files.list("allow.txt", "good.example\n")], block: block, alert: [], blockResponse: .nxDomain,
            vpcs: [])
        policy.responseAddresses = PlainPolicy.ResponseAddresses(
            lists: [try files.list("addresses.txt", "192.0.2.0/24\n2001:db8::/32\n203.0.113.7\n")],
            rebinding: nil, response: .noData)
        return policy
    }

    private func managed() throws -> [ManagedList] {
        [ManagedList(name: .malware, files: [try files.list("malware.txt", "bad.example\n@@||no.example^\n")])]
    }

    private func zone() throws -> ListOrigin {
        try files.list("portal.rpz", "portal.example CNAME walled.example.\nempty.example CNAME *.\n")
    }

    private func load(_ plain: PlainPolicy) throws -> PolicyLoader.Loaded {
        try PolicyLoader.load(plain, managed: managed(), saved: saved)
    }

    /// All that there is to see of a loaded policy.
    private func seen(_ loaded: PolicyLoader.Loaded) throws -> [String] {
        let names = ["a", "x.a", "b.a", "c.b.a", "typed", "good", "portal", "empty", "bad", "no", "other"]
        let explanations = try names.flatMap { name in
            try [RRType.a, .aaaa].map { "\(try loaded.judgement(of: "\(name).example", $0))" }
        }
        let address = try #require(IPAddress("192.0.2.5"))
        let judged = loaded.policy.evaluate(address, of: try DomainName("other.example"), mayBePrivate: true)
        return explanations + ["\(String(describing: judged))"] + loaded.lists.map { "\($0.findings) \($0.addresses)" }
            + loaded.managedLists.map { "\($0)" } + loaded.policy.names.rules.map { "\($0)" }
    }

    @Test func `restored lists are what was read, in verdicts, reasons and reports`() throws {
        let policy = try plain([try files.list("block.txt", Self.adblock), try zone()])
        let read = try load(policy)
        try saved.save(try #require(read.unsaved))
        let restored = try load(policy)
        #expect(restored.unsaved == nil && restored.savedListsFinding == nil)
        #expect(try seen(restored) == seen(read))
        // The line is looked for in the file that is there.
        #expect(try restored.judgement(of: "c.b.a.example").line == 4)
    }

    @Test func `whatever changes has the lists read again`() throws {
        let list = try files.list("block.txt", Self.adblock)
        let policy = try plain([list, try zone()])
        try saved.save(try #require(try load(policy).unsaved))

        func isRestored(_ policy: PlainPolicy, _ managed: [ManagedList]? = nil) throws -> Bool {
            let loaded = try PolicyLoader.load(policy, managed: managed ?? self.managed(), saved: saved)
            #expect(loaded.savedListsFinding == nil)
            return loaded.unsaved == nil
        }
        #expect(try isRestored(policy))
        var other = policy
        other.rules.reverse()
        #expect(try !isRestored(other))
        other = policy
        other.rules[1].action = .alert
        #expect(try !isRestored(other))
        other = policy
        other.rules.removeLast()
        #expect(try !isRestored(other))
        other = policy
        other.responseAddresses = nil
        #expect(try !isRestored(other))
        #expect(try !isRestored(policy, []))
        #expect(try !isRestored(policy, [ManagedList(name: .botnet, files: managed()[0].files)]))
        _ = try files.list("allow.txt", "goof.example\n")
        #expect(try !isRestored(policy))
        _ = try files.list("allow.txt", "good.example\n")
        #expect(try isRestored(policy))
    }

    @Test(arguments: [0, 300, 1_000, -1]) func `a damaged file is told of and lists are read again`(place: Int) throws {
        let policy = try plain([try files.list("block.txt", Self.adblock)])
        let read = try load(policy)
        try saved.save(try #require(read.unsaved))
        var octets = try Data(contentsOf: URL(filePath: saved.path))
        octets[place < 0 ? octets.count + place : place] ^= 0x55
        try octets.write(to: URL(filePath: saved.path))
        let again = try load(policy)
        #expect(try #require(again.savedListsFinding).hasPrefix(saved.path))
        #expect(try seen(again) == seen(read))
        try saved.save(try #require(again.unsaved))
        #expect(try load(policy).unsaved == nil)
    }

    @Test func `notes that fit other files are damage`() throws {
        let policy = try plain([try files.list("block.txt", Self.adblock)])
        let lists = try #require(try load(policy).unsaved)
        var (huge, unusual, negative) = (lists.readings, lists.readings, lists.readings)
        huge[0].report.entryCount = .max
        unusual[1].variants = Array(repeating: .usual, count: 70_000)
        negative[2].unusedCount = .min
        let forged = [Array(lists.readings.dropLast()), lists.readings + [ListReading()], huge, unusual, negative]
        for readings in forged {
            let notes = try JSONEncoder().encode(readings)
            try FileManager.default.createDirectory(
                atPath: files.path + "/state", withIntermediateDirectories: true)
            try lists.trie.save(to: saved.path, inputs: lists.inputs, notes: Array(notes))
            let again = try load(policy)
            #expect(again.savedListsFinding?.contains("damaged") == true && again.unsaved != nil)
        }
    }

    @Test func `small lists, and lists from a pipe, are not worth saving`() throws {
        #expect(try load(plain([try files.list("small.txt", "a.example\n")])).unsaved == nil)
        let path = files.path + "/pipe"
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let writer = Thread { try? Data(Self.adblock.utf8).write(to: URL(filePath: path)) }
        writer.start()
        let loaded = try load(plain([.file(path: path)]))
        #expect(loaded.unsaved == nil && loaded.lists[1].report.entryCount == 4)
    }

    @Test func `a policy that is loaded without a place for saved lists has none to save`() throws {
        let list = try files.list("block.txt", Self.adblock)
        #expect(try PolicyLoader.load(plain([list])).unsaved == nil)
    }
}
