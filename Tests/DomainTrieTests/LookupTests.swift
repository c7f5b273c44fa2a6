import DNSWire
import DomainTrie
import TestSupport
import Testing

@Suite struct LookupTests {
    @Test(
        arguments: [
            ("example.com", .exact, ["example.com", "EXAMPLE.Com."], ["www.example.com", "com", "example.org", "."]),
            (
                "*.example.com", .below, ["a.example.com", "a.b.example.com"],
                ["example.com", "badexample.com", "com", "a.example.net"]
            ),
            ("example.com", .subtree, ["example.com", "a.b.example.com"], ["badexample.com", "com", "example.org"]),
            (
                "*example.com", .textSuffix, ["example.com", "badexample.com", "a.example.com", "a.badexample.com"],
                ["xample.com", "com", "example.com.net", "exam.ple.com"]
            ),
            ("*", .below, [".", "com", "10.in-addr.arpa", "a.b.c.d.e"], []),
            ("com", .below, ["a.com"], ["com", "."]),
            ("com", .textSuffix, ["com", "telecom", "a.com"], ["com.net", "co.m", "m"]),
        ] as [(String, EntryScope, [String], [String])])
    func `each scope covers the names it is meant for and no others`(
        entry: String, scope: EntryScope, covered: [String], others: [String]
    ) throws {
        let text = entry.drop { $0 == "*" || $0 == "." }
        var builder = DomainTrieBuilder()
        builder.insert(try DomainName(text.isEmpty ? "." : text), scope: scope, list: 3)
        let trie = try builder.build()
        for name in covered { #expect(try trie.lists(covering: DomainName(name)) == [3], "\(name)") }
        for name in others { #expect(try trie.lists(covering: DomainName(name)) == [], "\(name)") }
    }

    @Test(arguments: 0..<300) func `random lists cover what a plain search finds`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let entries = Int.random(in: 0...40, using: &generator)
        let naive = randomLists(entries: entries, lists: 1 + seed % 7, using: &generator)
        let trie = try naive.trie(using: &generator)
        for _ in 0..<60 {
            let labels = randomLabels(atMost: 5, using: &generator)
            let name = try domainName(labels, using: &generator)
            #expect(trie.lists(covering: name) == naive.lists(covering: labels), "\(name)")
        }
    }

    @Test(arguments: 0..<50) func `a look-up can be begun ahead for any name and finds the same`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let naive = randomLists(entries: seed, lists: 3, using: &generator)
        let trie = try naive.trie(using: &generator)
        let names = try (0..<60).map { _ in
            let labels = randomLabels(atMost: 5, using: &generator)
            return (labels, try domainName(labels, using: &generator))
        }
        let searches = names.map { trie.prefetch($0.1) }
        for search in searches { trie.prefetchMore(search) }
        for (labels, name) in names { #expect(trie.lists(covering: name) == naive.lists(covering: labels), "\(name)") }
    }

    @Test func `thousands of names below one parent are told apart`() throws {
        var generator = SeededGenerator(seed: 1)
        var naive = NaiveLists()
        for number in 0..<3000 {
            let labels = [String(Int.random(in: 0..<6000, using: &generator), radix: 36), "example"]
            naive.entries.append(NaiveLists.Entry(labels: labels, scope: .subtree, list: ListIndex(number % 5)))
        }
        let trie = try naive.trie(using: &generator)
        let expected = Dictionary(grouping: naive.entries, by: \.labels).mapValues { Set($0.map(\.list)) }
        for number in 0..<6000 {
            let labels = [String(number, radix: 36), "example"]
            let name = try domainName(labels, using: &generator)
            #expect(trie.lists(covering: name) == expected[labels] ?? [])
        }
    }

    @Test func `65,536 lists are told apart`() throws {
        var builder = DomainTrieBuilder()
        for list in [0, 1, 255, 256, ListIndex.max] {
            builder.insert(try DomainName("n\(list).example"), scope: .exact, list: list)
            builder.insert(try DomainName("all.example"), scope: .exact, list: list)
        }
        let trie = try builder.build()
        #expect(trie.lists(covering: try DomainName("n65535.example")) == [ListIndex.max])
        #expect(trie.lists(covering: try DomainName("all.example")) == [0, 1, 255, 256, ListIndex.max])
    }

    @Test func `an empty trie covers nothing`() throws {
        let trie = try DomainTrieBuilder().build()
        for name in [".", "com", "a.b.c"] { #expect(try trie.lists(covering: DomainName(name)) == []) }
        #expect(trie.nodeCount == 0)
        #expect(trie.entry(of: 0, covering: try DomainName("a.b.c")) == nil)
    }

    @Test func `labels of 63 octets and names of 255 are whole names`() throws {
        let label = String(repeating: "x", count: 63)
        let longest = [label, label, label, String(repeating: "y", count: 61)].joined(separator: ".")
        let name = try DomainName(longest)
        #expect(name.octetCount == 255)
        for scope in [EntryScope.exact, .subtree, .textSuffix] {
            var builder = DomainTrieBuilder()
            builder.insert(name, scope: scope, list: 0)
            let trie = try builder.build()
            #expect(trie.lists(covering: name) == [0])
            // The first octet, the last one of a label and the last one of the name each count.
            for offset in [0, 62, 126, 252] {
                var other = Array(longest.utf8)
                other[offset] = 0x7A
                let text = String(decoding: other, as: UTF8.self)
                #expect(try trie.lists(covering: DomainName(text)) == [])
            }
        }
    }

    @Test func `127 labels of one octet are walked to the end`() throws {
        let labels = (0..<127).map { String(UnicodeScalar(UInt8(0x61 + $0 % 26))) }
        let name = try DomainName(labels.joined(separator: "."))
        let parent = name.suffix(fromLabel: 1)
        var builder = DomainTrieBuilder()
        builder.insert(name, scope: .exact, list: 0)
        builder.insert(parent, scope: .below, list: 1)
        builder.insert(parent, scope: .textSuffix, list: 2)
        let trie = try builder.build()
        #expect(trie.lists(covering: name) == [0, 1, 2])
        #expect(trie.lists(covering: parent) == [2])
    }

    @Test func `labels of any octets are compared as they are`() throws {
        let names = try ["\\000.a", "\\000\\000.a", "a\\.b.a", "a.b.a", "\\255.a", "\\128.a"].map { try DomainName($0) }
        var builder = DomainTrieBuilder()
        for (list, name) in names.enumerated() { builder.insert(name, scope: .exact, list: ListIndex(list)) }
        for (list, name) in names.enumerated() { builder.insert(name, scope: .textSuffix, list: ListIndex(list + 10)) }
        let trie = try builder.build()
        for (list, name) in names.enumerated() {
            let match = trie.lookup(name)
            #expect(Array(trie.listSets[match.labels]) == [ListIndex(list)])
            #expect(trie.listSets[match.octets].contains(ListIndex(list + 10)))
        }
        // "\000.a" ends "\000\000.a", but a dot within a label ends no label.
        #expect(Array(trie.listSets[trie.lookup(names[1]).octets]) == [10, 11])
        #expect(Array(trie.listSets[trie.lookup(names[2]).octets]) == [12])
    }
}
