import DNSWire
import DomainTrie
import TestSupport
import Testing

@Suite struct BuildingTests {
    @Test func `an entry twice, in any case, is one`() throws {
        var builder = DomainTrieBuilder()
        for text in ["a.example.com", "A.Example.COM.", "a.example.com"] {
            builder.insert(try DomainName(text), scope: .subtree, list: 0)
        }
        let trie = try builder.build()
        #expect(trie.nodeCount == 3)
        #expect(Array(trie.listSets[trie.lookup(try DomainName("a.example.com")).labels]) == [0])
    }

    @Test func `entries that another of the same list implies take no room`() throws {
        var lean = DomainTrieBuilder(seed: 1)
        var full = DomainTrieBuilder(seed: 1)
        let parent = try DomainName("example.com")
        lean.insert(parent, scope: .subtree, list: 0)
        for number in 0..<100 {
            full.insert(try DomainName("n\(number).deep.example.com"), scope: .subtree, list: 0)
            full.insert(try DomainName("n\(number).example.com"), scope: .exact, list: 0)
        }
        full.insert(parent, scope: .subtree, list: 0)
        let tries = (lean: try lean.build(), full: try full.build())
        #expect(tries.full.nodeCount == tries.lean.nodeCount)
        #expect(tries.full.octetCount == tries.lean.octetCount)
    }

    @Test func `entries that another list's entry covers are kept`() throws {
        var builder = DomainTrieBuilder()
        builder.insert(try DomainName("example.com"), scope: .subtree, list: 0)
        builder.insert(try DomainName("a.example.com"), scope: .exact, list: 1)
        let trie = try builder.build()
        #expect(trie.nodeCount == 3)
        #expect(trie.lists(covering: try DomainName("a.example.com")) == [0, 1])
        #expect(trie.lists(covering: try DomainName("b.a.example.com")) == [0])
    }

    @Test(arguments: 0..<100) func `entries implied by others change no answer`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(1000 + seed))
        let naive = randomLists(entries: 20, lists: 3, using: &generator)
        var padded = naive
        for entry in naive.entries where entry.scope == .subtree || entry.scope == .below {
            for scope in [EntryScope.exact, .below, .subtree] {
                let labels = randomLabels(atMost: 2, using: &generator) + ["x"] + entry.labels
                padded.entries.append(NaiveLists.Entry(labels: labels, scope: scope, list: entry.list))
            }
        }
        padded.entries.shuffle(using: &generator)
        let tries = (naive: try naive.trie(using: &generator), padded: try padded.trie(using: &generator))
        #expect(tries.padded.nodeCount == tries.naive.nodeCount)
        for _ in 0..<40 {
            let entry = naive.entries.randomElement(using: &generator)
            let labels = randomLabels(atMost: 3, using: &generator) + (entry?.labels ?? [])
            let name = try domainName(labels, using: &generator)
            #expect(tries.padded.lists(covering: name) == tries.naive.lists(covering: name))
        }
    }

    @Test(arguments: 0..<50) func `equal list sets have equal numbers and their members ascend`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(2000 + seed))
        let trie = try randomLists(entries: 60, lists: 6, using: &generator).trie(using: &generator)
        let sets = (0..<trie.listSets.count).map { Array(trie.listSets[ListSetID($0)]) }
        #expect(sets[0] == [])
        #expect(Set(sets).count == sets.count)
        for set in sets { #expect(set == Set(set).sorted()) }
    }

    @Test func `the order of insertion and the seed change no answer`() throws {
        var generator = SeededGenerator(seed: 3)
        var naive = randomLists(entries: 60, lists: 4, using: &generator)
        let names = try (0..<300).map { _ in
            try domainName(randomLabels(atMost: 5, using: &generator), using: &generator)
        }
        let first = try naive.trie(using: &generator)
        naive.entries.shuffle(using: &generator)
        let second = try naive.trie(using: &generator)
        #expect(first.nodeCount == second.nodeCount)
        for name in names { #expect(first.lists(covering: name) == second.lists(covering: name)) }
    }

    @Test func `a trie's octets grow with its names and stay few`() throws {
        var counts: [Int] = []
        for names in [0, 1000, 10_000] {
            var builder = DomainTrieBuilder()
            for number in 0..<names {
                builder.insert(try DomainName("name-\(number).example"), scope: .subtree, list: 0)
            }
            counts.append(try builder.build().octetCount)
        }
        #expect(counts[0] < 200)
        // 10 octets of label, one of length, eight of slot and a quarter of that in reserve.
        for (count, names) in zip(counts.dropFirst(), [1000, 10_000]) {
            #expect((names * 15..<names * 25).contains(count))
        }
    }
}
