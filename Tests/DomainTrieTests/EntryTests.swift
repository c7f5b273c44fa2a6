import DNSWire
import DomainTrie
import TestSupport
import Testing

@Suite struct EntryTests {
    @Test(
        arguments: [
            ("a.example.com", 2, false), ("example.com", 2, false), ("b.example.net", 2, true),
            ("x.y.example.org", 3, false), ("example.net", nil, false), ("example.org", nil, false),
        ] as [(String, Int?, Bool)])
    func `the entry that covers a name is told by its labels`(text: String, labels: Int?, isWildcard: Bool) throws {
        var builder = DomainTrieBuilder()
        builder.insert(try DomainName("example.com"), scope: .subtree, list: 1)
        builder.insert(try DomainName("example.net"), scope: .below, list: 1)
        builder.insert(try DomainName("y.example.org"), scope: .subtree, list: 1)
        builder.insert(try DomainName("example.org"), scope: .subtree, list: 0)
        let entry = try builder.build().entry(of: 1, covering: try DomainName(text))
        #expect(entry?.labelCount == labels)
        #expect(entry?.isWildcard == labels.map { _ in isWildcard })
    }

    @Test(arguments: 0..<200) func `of several entries the one next to the root is told`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(3000 + seed))
        let naive = randomLists(entries: 25, lists: 3, using: &generator)
        let trie = try naive.trie(using: &generator)
        for _ in 0..<60 {
            let labels = randomLabels(atMost: 5, using: &generator)
            let name = try domainName(labels, using: &generator)
            for list in ListIndex(0)..<3 {
                let found = trie.entry(of: list, covering: name)
                #expect(found?.labelCount == shallowest(naive, list, labels), "\(name) in list \(list)")
                guard let found else { continue }
                let told = Array(labels.suffix(found.labelCount))
                let scopes: Set<EntryScope> = found.isWildcard ? [.below] : [.exact, .subtree, .below]
                let isOne = naive.entries.contains {
                    $0.labels == told && $0.list == list && scopes.contains($0.scope) && $0.covers(labels)
                }
                #expect(isOne, "\(name) in list \(list)")
            }
        }
    }

    private func shallowest(_ naive: NaiveLists, _ list: ListIndex, _ name: [String]) -> Int? {
        naive.entries.filter { $0.list == list && $0.scope != .textSuffix && $0.covers(name) }.map(\.labels.count).min()
    }

    @Test func `a name that only an octet-wise entry covers has none`() throws {
        var builder = DomainTrieBuilder()
        builder.insert(try DomainName("example.com"), scope: .textSuffix, list: 0)
        #expect(try builder.build().entry(of: 0, covering: try DomainName("badexample.com")) == nil)
    }

    /// AWS lists name both; together they are what a plain list calls `example.com`.
    @Test func `a name listed together with the wildcard below it is told as the name`() throws {
        var builder = DomainTrieBuilder()
        builder.insert(try DomainName("example.com"), scope: .exact, list: 0)
        builder.insert(try DomainName("example.com"), scope: .below, list: 0)
        let entry = try builder.build().entry(of: 0, covering: try DomainName("a.example.com"))
        #expect(entry?.labelCount == 2)
        #expect(entry?.isWildcard == false)
    }
}
