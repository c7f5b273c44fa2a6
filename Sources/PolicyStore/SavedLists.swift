import Crypto
import DNSWire
import DomainFeeds
package import DomainTrie
import Foundation

/// The trie of the lists of files as it was last compiled, in a file: mapped again as long as nothing has changed that it
/// was made from.
package struct SavedLists: Sendable {
    /// Absolute.
    package let path: String
    /// Lists of fewer octets are read again as quickly as it takes to find out that they need not be.
    var minimumOctets = 1 << 20

    package init(stateDirectory: String) { path = "\(stateDirectory)/lists.trie" }

    /// The lists of a policy, if the file was made from what is in their files now.
    /// - Throws: why not.
    func restore(
        _ plain: PlainPolicy, managed: [ManagedList]
    ) throws(TrieFileError) -> (trie: DomainTrie, files: FileLists) {
        guard FileManager.default.fileExists(atPath: path) else { throw .missing }
        var known: [ListOrigin: SHA256.Digest] = [:]
        for origin in ListInputs.origins(plain, managed) where known[origin] == nil {
            guard let digest = try? ListFile.digest(of: origin) else { throw .otherInputs }
            known[origin] = digest
        }
        guard let inputs = ListInputs.of(plain, managed, digests: known) else { throw .otherInputs }
        let found = try DomainTrie.mapped(from: path, inputs: inputs) { notes -> (notes: FileLists, listCount: Int)? in
            guard let readings = try? JSONDecoder().decode([ListReading].self, from: Data(notes)),
                readings.allSatisfy(\.isPlausible),
                let files = try? FileLists(plain, managed: managed, saved: readings), files.hasUsedAllSaved
            else { return nil }
            return (files, files.lists.count)
        }
        return (found.trie, found.notes)
    }

    /// Writes what was compiled, so that it need not be compiled again.
    package func save(_ lists: UnsavedLists) throws(TrieFileError) {
        guard let notes = try? JSONEncoder().encode(lists.readings) else { return }
        let directory = URL(filePath: path).deletingLastPathComponent()
        // If this fails, so does what follows, and says why.
        try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try lists.trie.save(to: path, inputs: lists.inputs, notes: Array(notes))
    }
}

/// Compiled lists that no file has yet.
package struct UnsavedLists: Sendable {
    let trie: DomainTrie
    let inputs: TrieInputs
    let readings: [ListReading]

    /// Nil where saving them is of no use: they are small, or their files can't be read twice.
    init?(
        _ trie: DomainTrie, _ files: FileLists, _ plain: PlainPolicy, _ managed: [ManagedList], for saved: SavedLists
    ) {
        guard files.octetCount >= saved.minimumOctets,
            ListInputs.origins(plain, managed).allSatisfy(ListFile.isRepeatable),
            let inputs = ListInputs.of(plain, managed, digests: files.digests)
        else { return nil }
        self.trie = trie
        self.inputs = inputs
        readings = files.readings
    }
}

/// What the trie of a policy's files is made from: the files, what is done with each, and the program that does it.
private enum ListInputs {
    static func origins(_ plain: PlainPolicy, _ managed: [ManagedList]) -> [ListOrigin] {
        plain.rules.map(\.origin) + managed.flatMap(\.files) + (plain.responseAddresses?.lists ?? [])
    }

    /// Nil where the digest of a file is missing.
    static func of(
        _ plain: PlainPolicy, _ managed: [ManagedList], digests: [ListOrigin: SHA256.Digest]
    ) -> TrieInputs? {
        var recipe = SHA256()
        recipe.update(data: Data(uses(plain, managed).joined(separator: "\0").utf8))
        for origin in origins(plain, managed) {
            guard let digest = digests[origin] else { return nil }
            recipe.update(data: Data(digest))
        }
        return TrieInputs(Array(recipe.finalize()))
    }

    private static func uses(_ plain: PlainPolicy, _ managed: [ManagedList]) -> [String] {
        [program]
            + plain.rules.map { "\($0.action) \($0.origin)" }
            + managed.flatMap { list in list.files.map { "\(list.name.rawValue) \($0)" } }
            + (plain.responseAddresses?.lists ?? []).map { "ADDRESSES \($0)" }
    }

    /// Another build may read the same file otherwise, whatever its version says.
    private static var program: String {
        var status = stat()
        guard unsafe stat("/proc/self/exe", &status) == 0 else { return UUID().uuidString }
        return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }
}

extension CIDR: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try String(from: decoder)
        guard let block = CIDR(text) else { throw DecodingError.unreadable(text, decoder) }
        self = block
    }

    package func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }
}

extension DomainName: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try String(from: decoder)
        guard let name = try? DomainName(text) else { throw DecodingError.unreadable(text, decoder) }
        self = name
    }

    package func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }
}

extension RRType: Codable {}

extension DecodingError {
    fileprivate static func unreadable(_ text: String, _ decoder: any Decoder) -> DecodingError {
        .dataCorrupted(Context(codingPath: decoder.codingPath, debugDescription: "unreadable: \(text)"))
    }
}
