import DNSWire
import DomainTrie
import TestSupport
import Testing

@Suite(.enabled(if: SharedData.isPresent, "needs ../shared/data"))
struct RealListTests {
    @Test func `a real hosts list covers its names and what is below them, and not names spelled otherwise`() throws {
        let names = try SharedData.lines(of: "blocklists/hosts/adaway.hosts.zst").compactMap { line -> DomainName? in
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count > 1, words[0] == "127.0.0.1", words[1] != "localhost" else { return nil }
            return try DomainName(words[1])
        }
        #expect(names.count > 6000)
        let listed = Set(names)
        var builder = DomainTrieBuilder()
        for name in names { builder.insert(name, scope: .subtree, list: 0) }
        let trie = try builder.build()
        for name in names {
            #expect(trie.lists(covering: name) == [0])
            #expect(trie.lists(covering: try DomainName("below.\(name)")) == [0])
            let other = try DomainName("x\(name)")
            let isListed = (0..<other.labelCount).contains { listed.contains(other.suffix(fromLabel: $0)) }
            #expect(trie.lists(covering: other) == (isListed ? [0] : []))
        }
    }

    @Test func `the merged names are covered, in few octets each`() throws {
        #if DEBUG
            let limit = 50_000
        #else
            let limit = 1_000_000
        #endif
        let lines = try SharedData.lines(of: "merged/blocklist-1m.txt.zst").prefix(limit)
        var builder = DomainTrieBuilder()
        var name = DomainName()
        for line in lines {
            try name.read(text: Array(line.utf8).span)
            builder.insert(name, scope: .subtree, list: 0)
        }
        let trie = try builder.build()
        print(
            "\(lines.count) names: \(Double(trie.octetCount) / Double(lines.count)) octets each, \(trie.nodeCount) nodes"
        )
        #expect(trie.octetCount < lines.count * 24)
        var missing = 0
        var others = 0
        for line in lines {
            try name.read(text: Array(line.utf8).span)
            if trie.listSets[trie.lookup(name).labels].isEmpty { missing += 1 }
            try name.read(text: Array("\(line).invalid".utf8).span)
            if !trie.listSets[trie.lookup(name).labels].isEmpty { others += 1 }
        }
        #expect(missing == 0)
        #expect(others == 0)
    }
}
