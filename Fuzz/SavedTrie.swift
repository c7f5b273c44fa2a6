import DNSWire
import DomainTrie
import Foundation

extension Fuzzer {
    /// The octets of a saved trie, behind the marks that keep foreign and damaged files out.
    ///
    /// They are copied instead of mapped: AddressSanitizer then knows where they end.
    static let savedTrie = Fuzzer(name: "trie", kind: "trie", seeds: TrieFuzzing.seeds, read: TrieFuzzing.read)
}

private enum TrieFuzzing {
    private static let inputs = TrieInputs("fuzz".utf8)
    private static let listCount = 8
    private static let names = [
        ".", "example", "a.example", "b.a.example", "x.b.a.example", "xb.a.example", "b-a.example", "www.other.test",
        "q",
    ]
    private static let scopes: [EntryScope] = [.exact, .below, .subtree, .textSuffix]

    static func read(_ octets: [UInt8]) {
        let file = DomainTrie.sealed(octets, inputs: inputs)
        guard let (trie, notes) = try? DomainTrie.mapped(copying: file, inputs: inputs, reading: { ($0, listCount) })
        else { return }
        precondition(notes.count <= octets.count * 2)
        for name in names { if let name = try? DomainName(name) { look(up: name, in: trie) } }
        // The labels of the file itself are the ones that lead deep into it: they stand near its end.
        var name = DomainName()
        for start in max(0, file.count - 128)..<file.count {
            guard (try? name.read(from: file.span, at: start, pointers: false)) != nil else { continue }
            look(up: name, in: trie)
        }
    }

    private static func look(up name: borrowing DomainName, in trie: DomainTrie) {
        let (match, labelCount) = (trie.lookup(name), name.labelCount)
        for set in [match.labels, match.octets] {
            precondition(trie.listSets[set].allSatisfy { $0 < listCount })
        }
        for list in 0..<ListIndex(listCount) {
            guard let entry = trie.entry(of: list, covering: name) else { continue }
            precondition(entry.labelCount <= labelCount)
        }
    }

    /// Tries from an empty one to some with every name in every scope.
    static func seeds() throws -> [[UInt8]] {
        try (0...6).map { size in
            var builder = DomainTrieBuilder(seed: UInt64(size))
            for (index, text) in names.prefix(size * 2).enumerated() {
                for (offset, scope) in scopes.prefix(size).enumerated() where text != "." || scope != .textSuffix {
                    builder.insert(try DomainName(text), scope: scope, list: ListIndex((index + offset) % listCount))
                }
            }
            let place = URL.temporaryDirectory.appending(path: UUID().uuidString)
            defer { try? FileManager.default.removeItem(at: place) }
            try builder.build().save(to: place.path, inputs: inputs, notes: Array("notes".utf8.prefix(size)))
            return [UInt8](try Data(contentsOf: place))
        }
    }
}
