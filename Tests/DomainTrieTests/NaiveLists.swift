import DNSWire
import DomainTrie
import TestSupport

/// The oracle: entries kept in a plain array, each compared with the name.
struct NaiveLists {
    struct Entry: Hashable {
        /// Lower-case labels, from the left; none is the root.
        var labels: [String]
        var scope: EntryScope
        var list: ListIndex

        func covers(_ name: [String]) -> Bool {
            let endsSo = name.suffix(labels.count).elementsEqual(labels)
            return switch scope {
            case .exact: name == labels
            case .below: endsSo && (name.count > labels.count || labels.isEmpty)
            case .subtree: endsSo
            case .textSuffix: name.joined(separator: ".").hasSuffix(labels.joined(separator: "."))
            }
        }
    }

    var entries: [Entry] = []

    func lists(covering name: [String]) -> Set<ListIndex> { Set(entries.filter { $0.covers(name) }.map(\.list)) }

    /// The same entries as a trie.
    func trie(using generator: inout SeededGenerator) throws -> DomainTrie {
        var builder = DomainTrieBuilder(seed: generator.next())
        for entry in entries {
            builder.insert(
                try domainName(entry.labels, using: &generator), scope: entry.scope, list: entry.list)
        }
        return try builder.build()
    }
}

/// The name of these labels, each letter in a random case.
func domainName(_ labels: [String], using generator: inout SeededGenerator) throws -> DomainName {
    let text = labels.joined(separator: ".").map { letter in
        Bool.random(using: &generator) ? letter.uppercased() : String(letter)
    }
    return try DomainName(labels.isEmpty ? "." : text.joined())
}

/// Few and short labels, so that names meet, lie below each other and end alike.
func randomLabels(atMost count: Int, using generator: inout SeededGenerator) -> [String] {
    (0..<Int.random(in: 0...count, using: &generator)).map { _ in
        ["a", "b", "ab", "ba", "aab", "b-a"].randomElement(using: &generator) ?? "a"
    }
}

func randomLists(entries: Int, lists: Int, using generator: inout SeededGenerator) -> NaiveLists {
    var naive = NaiveLists()
    for _ in 0..<entries {
        let labels = randomLabels(atMost: 4, using: &generator)
        // "*" is the wildcard below the root; there is no text suffix without text.
        let scopes: [EntryScope] =
            labels.isEmpty ? [.exact, .below, .subtree] : [.exact, .below, .subtree, .textSuffix]
        naive.entries.append(
            NaiveLists.Entry(
                labels: labels, scope: scopes.randomElement(using: &generator) ?? .exact,
                list: ListIndex(Int.random(in: 0..<lists, using: &generator))))
    }
    return naive
}

extension DomainTrie {
    /// The lists that cover `name`, of both walks.
    func lists(covering name: DomainName) -> Set<ListIndex> {
        let match = lookup(name)
        return Set(listSets[match.labels]).union(listSets[match.octets])
    }
}
