import DNSWire
import Foundation
import Glibc
import TestSupport
import Testing

@testable import DomainTrie

@Suite final class TrieFileTests {
    private let directory = URL(filePath: NSTemporaryDirectory()).appending(path: "trie-\(UUID().uuidString)")
    private let inputs = TrieInputs("inputs".utf8)

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private var path: String { directory.appending(path: "lists.trie").path }

    private func mapped(lists: Int = 8) throws(TrieFileError) -> DomainTrie {
        try DomainTrie.mapped(from: path, inputs: inputs) { ($0, lists) }.trie
    }

    private func randomTrie(_ generator: inout SeededGenerator) throws -> (NaiveLists, DomainTrie) {
        let naive = randomLists(entries: 60, lists: 8, using: &generator)
        return (naive, try naive.trie(using: &generator))
    }

    /// What there is to see of a trie.
    private func answers(_ trie: DomainTrie, _ generator: inout SeededGenerator) throws -> [Set<ListIndex>] {
        try (0..<200).map { _ in
            let labels = randomLabels(atMost: 6, using: &generator)
            let name = try domainName(labels, using: &generator)
            _ = (0..<8).map { trie.entry(of: $0, covering: name) }
            return trie.lists(covering: name)
        }
    }

    @Test func `a mapped trie answers as the lists do that it was made of`() throws {
        var generator = SeededGenerator(seed: 3)
        for round in 0..<40 {
            let (naive, trie) = try randomTrie(&generator)
            let notes = Array("round \(round)".utf8)
            try trie.save(to: path, inputs: inputs, notes: notes)
            let (again, found) = try DomainTrie.mapped(from: path, inputs: inputs) { ($0, 8) }
            #expect(found == notes && again.nodeCount == trie.nodeCount)
            for _ in 0..<200 {
                let labels = randomLabels(atMost: 6, using: &generator)
                let name = try domainName(labels, using: &generator)
                #expect(again.lists(covering: name) == naive.lists(covering: labels))
                for list in 0..<8 as Range<ListIndex> {
                    #expect(again.entry(of: list, covering: name) == trie.entry(of: list, covering: name))
                }
            }
        }
    }

    @Test func `an empty trie is one too`() throws {
        try DomainTrieBuilder().build().save(to: path, inputs: inputs)
        #expect(try mapped(lists: 0).lists(covering: DomainName("a.example")).isEmpty)
    }

    @Test func `a mapped trie outlives its file's name, and a new file takes its place`() throws {
        var generator = SeededGenerator(seed: 5)
        let (naive, trie) = try randomTrie(&generator)
        try trie.save(to: path, inputs: inputs)
        let first = try mapped()
        try DomainTrieBuilder().build().save(to: path, inputs: inputs)
        #expect(try mapped().nodeCount == 0)
        try FileManager.default.removeItem(atPath: path)
        for _ in 0..<100 {
            let labels = randomLabels(atMost: 6, using: &generator)
            #expect(first.lists(covering: try domainName(labels, using: &generator)) == naive.lists(covering: labels))
        }
    }

    @Test func `other inputs, and lists that there are not, are told`() throws {
        var generator = SeededGenerator(seed: 7)
        try randomTrie(&generator).1.save(to: path, inputs: inputs)
        #expect(throws: TrieFileError.otherInputs) {
            try DomainTrie.mapped(from: path, inputs: TrieInputs("others".utf8)) { ($0, 8) }
        }
        #expect(throws: TrieFileError.damaged) { try mapped(lists: 1) }
        #expect(throws: TrieFileError.damaged) {
            try DomainTrie.mapped(from: path, inputs: inputs) { _ -> (notes: Never, listCount: Int)? in nil }
        }
    }

    @Test func `what is no file of ours is told`() throws {
        #expect(throws: TrieFileError.missing) { try mapped() }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(throws: TrieFileError.foreign) { try mapped() }
        try FileManager.default.removeItem(atPath: path)
        for size in [0, 1, 255, 256, 5_000] {
            try Data(repeating: 0x61, count: size).write(to: URL(filePath: path))
            #expect(throws: TrieFileError.foreign) { try mapped() }
        }
        try FileManager.default.removeItem(atPath: path)
        #expect(unsafe mkfifo(path, 0o600) == 0)
        #expect(throws: TrieFileError.foreign) { try mapped() }
    }

    @Test func `a file cut short anywhere is damaged`() throws {
        var generator = SeededGenerator(seed: 9)
        try randomTrie(&generator).1.save(to: path, inputs: inputs, notes: [1, 2, 3])
        let whole = try Data(contentsOf: URL(filePath: path))
        for size in TrieFileHeader.octets..<whole.count {
            try whole.prefix(size).write(to: URL(filePath: path))
            #expect(throws: TrieFileError.damaged) { try mapped() }
        }
        try (whole + [0]).write(to: URL(filePath: path))
        #expect(throws: TrieFileError.damaged) { try mapped() }
    }

    private func copied(_ file: [UInt8]) throws(TrieFileError) -> DomainTrie {
        try DomainTrie.mapped(copying: file, inputs: inputs) { ($0, 8) }.trie
    }

    @Test func `every changed bit is noticed`() throws {
        var generator = SeededGenerator(seed: 11)
        try randomTrie(&generator).1.save(to: path, inputs: inputs)
        let whole = [UInt8](try Data(contentsOf: URL(filePath: path)))
        #expect(try copied(whole).nodeCount == mapped().nodeCount)
        for bit in 0..<whole.count * 8 {
            var file = whole
            file[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: TrieFileError.self) { try copied(file) }
        }
    }

    /// Somebody who writes a checksum that fits: look-ups in what is taken all the same stay within the file.
    @Test func `damage with a checksum that fits is refused or harmless`() throws {
        var generator = SeededGenerator(seed: 13)
        let (_, trie) = try randomTrie(&generator)
        try trie.save(to: path, inputs: inputs)
        let whole = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var taken = 0
        for _ in 0..<4_000 {
            var file = whole
            for _ in 0...Int.random(in: 0..<3, using: &generator) {
                let place = Int.random(in: 24..<file.count, using: &generator)
                file[place] = UInt8.random(in: .min ... .max, using: &generator)
            }
            guard let damaged = try? copied(DomainTrie.sealed(file, inputs: inputs)) else { continue }
            taken += 1
            _ = try answers(damaged, &generator)
        }
        // Labels and seeds may be anything, so some are taken.
        #expect(taken > 200)
    }

    @Test func `sealing changes nothing in a file of ours, and mends length, marks and inputs of others`() throws {
        var generator = SeededGenerator(seed: 17)
        try randomTrie(&generator).1.save(to: path, inputs: inputs, notes: [1, 2, 3])
        let whole = [UInt8](try Data(contentsOf: URL(filePath: path)))
        #expect(DomainTrie.sealed(whole, inputs: inputs) == whole)
        let others = TrieInputs("others".utf8)
        let file = DomainTrie.sealed([UInt8](repeating: 0, count: 24) + whole.dropFirst(24), inputs: others)
        #expect(try DomainTrie.mapped(copying: file, inputs: others) { ($0, 8) }.notes == [1, 2, 3])
        // Three notes are in the last eight octets.
        #expect(DomainTrie.sealed(whole.dropLast(4), inputs: inputs) == whole)
        #expect(DomainTrie.sealed(whole + [0], inputs: inputs) == whole)
        #expect(DomainTrie.sealed([1, 2, 3], inputs: inputs) == [1, 2, 3])
    }

    @Test func `where there is no room the old file stays`() throws {
        var generator = SeededGenerator(seed: 15)
        let (naive, trie) = try randomTrie(&generator)
        try trie.save(to: path, inputs: inputs)
        // The new file's name leads to a device that is always full.
        try FileManager.default.createSymbolicLink(atPath: "\(path).new", withDestinationPath: "/dev/full")
        #expect(throws: TrieFileError.self) { try DomainTrieBuilder().build().save(to: path, inputs: inputs) }
        try? FileManager.default.removeItem(atPath: "\(path).new")
        #expect(throws: TrieFileError.self) {
            try DomainTrieBuilder().build().save(to: "\(path)/below", inputs: inputs)
        }
        let labels = randomLabels(atMost: 3, using: &generator)
        #expect(try mapped().lists(covering: domainName(labels, using: &generator)) == naive.lists(covering: labels))
    }
}
