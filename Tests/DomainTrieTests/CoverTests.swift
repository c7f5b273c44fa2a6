import DNSWire
import DomainTrie
import TestSupport
import Testing

/// Who covers all that an entry covers, by the trie and by comparing entries one by one.
@Suite struct CoverTests {
    @Test(arguments: 0..<300) func `the lists that cover an entry are those with a wider entry`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(7000 + seed))
        let naive = randomLists(entries: 20, lists: 4, using: &generator)
        let trie = try naive.trie(using: &generator)
        let others = randomLists(entries: 20, lists: 1, using: &generator).entries
        for entry in naive.entries + others {
            let name = try domainName(entry.labels, using: &generator)
            let cover = trie.cover(of: name, scope: entry.scope)
            let found = trie.lists(covering: cover, scope: entry.scope)
            let expected = (ListIndex(0)..<4).filter { naive.covers(entry, by: $0) }
            #expect(found == Set(expected), "\(entry)")
        }
    }

    @Test(arguments: 0..<100) func `an entry has a cover from above if another one of its list implies it`(
        seed: Int
    ) throws {
        var generator = SeededGenerator(seed: UInt64(9000 + seed))
        let naive = randomLists(entries: 20, lists: 2, using: &generator)
        let trie = try naive.trie(using: &generator)
        for entry in naive.entries where !entry.labels.isEmpty && entry.scope != .textSuffix {
            let name = try domainName(entry.labels, using: &generator)
            let cover = trie.cover(of: name, scope: entry.scope)
            let isImplied = naive.entries.contains {
                $0.list == entry.list && ($0.scope == .below || $0.scope == .subtree)
                    && $0.labels.count < entry.labels.count
                    && entry.labels.suffix($0.labels.count).elementsEqual($0.labels)
            }
            #expect(trie.listSets[cover.above].contains(entry.list) == isImplied, "\(entry)")
        }
    }
}

extension NaiveLists {
    /// Whether one list covers everything that `entry` covers: its name, and what is below it.
    fileprivate func covers(_ entry: Entry, by list: ListIndex) -> Bool {
        let own = entries.filter { $0.list == list }
        if entry.scope == .textSuffix {
            return own.contains { $0.labels.isEmpty && $0.scope != .exact || $0.isEnding(of: entry) }
        }
        let coversBelow = own.contains { $0.scope != .exact && $0.covers(entry.labels) || $0.isWildcard(at: entry) }
        let coversName = own.contains { $0.covers(entry.labels) }
        return switch entry.scope {
        case .exact: coversName
        case .below: coversBelow
        default: coversBelow && coversName
        }
    }
}

extension NaiveLists.Entry {
    fileprivate func isEnding(of other: NaiveLists.Entry) -> Bool {
        scope == .textSuffix && other.labels.joined(separator: ".").hasSuffix(labels.joined(separator: "."))
    }

    fileprivate func isWildcard(at other: NaiveLists.Entry) -> Bool {
        labels == other.labels && (scope == .below || scope == .subtree)
    }
}
