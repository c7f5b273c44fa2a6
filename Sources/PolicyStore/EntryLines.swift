package import DNSWire
import DomainFeeds
import DomainTrie
import FirewallPolicy

/// Where the entries of the lists of files stand: what the extended log says of each match without reading a list again.
///
/// ```text
/// table   upper half of the entry's hash │ line counted over all files     8 octets, open-addressed, four fifths full
/// ```
/// An entry takes 10 octets, so it is made only where somebody wants to know.
package struct EntryLines: Sendable {
    package struct Place: Sendable, Equatable {
        package var origin: ListOrigin
        package var line: Int
    }

    /// By the list's ID.
    private let lists: [String: Int]
    private var files: [File] = []
    private var table: [UInt64]
    private let seed = UInt64.random(in: .min ... .max)

    private struct File {
        var origin: ListOrigin
        /// Lines of the files before it.
        var firstLine: Int
    }

    /// Reads the lists of a loaded policy once more. A list that can't be read any more has no places.
    package init(of loaded: PolicyLoader.Loaded) {
        let part = loaded.source.parts[PlainPolicy.part]
        lists = Dictionary(part.lists.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let counts = Dictionary(loaded.lists.map { ($0.origin, $0.report.entryCount) }) { first, _ in first }
        let listed = loaded.listedFiles
        let entryCount = listed.reduce(0) { $0 + $1.wanting.count * (counts[$1.origin] ?? EntryLines.starterEntries) }
        table = [UInt64](repeating: 0, count: entryCount + entryCount / 4 + 1)
        var lineCount = 0
        var room = entryCount
        for file in listed {
            files.append(File(origin: file.origin, firstLine: lineCount))
            lineCount += read(file, behind: lineCount, &room)
        }
    }

    /// Of a list that comes with the program, at most.
    private static let starterEntries = 10_000

    /// - Returns: how many lines the file has.
    private mutating func read(_ file: ListedFile, behind lineCount: Int, _ room: inout Int) -> Int {
        guard let pieces = try? ListPieces(of: file.origin) else { return 0 }
        let report = try? ListReader.read(fileName: file.origin.fileName, next: pieces.next) { entry in
            guard entry.scope != .textSuffix else { return }
            for list in file.wanting where room > 0 && list.source.contains(entry) {
                room -= 1
                insert(hash(list.list, entry.name, isWildcard: entry.scope == .below), line: lineCount + entry.line)
            }
        }
        return report?.lineCount ?? 0
    }

    private mutating func insert(_ hash: UInt64, line: Int) {
        let tag = hash & 0xFFFF_FFFF
        guard let line = UInt32(exactly: line) else { return }
        var position = self.position(of: hash)
        while table[position] != 0 {
            // The first line of several that say the same.
            if table[position] >> 32 == tag { return }
            position = position + 1 == table.count ? 0 : position + 1
        }
        table[position] = tag << 32 | UInt64(line)
    }

    private func position(of hash: UInt64) -> Int {
        Int(hash.multipliedFullWidth(by: UInt64(table.count)).high)
    }

    private func hash(_ list: Int, _ name: borrowing DomainName, isWildcard: Bool) -> UInt64 {
        OctetHash.of(name, seed: seed ^ UInt64(list * 2 + (isWildcard ? 1 : 0)))
    }
}

extension EntryLines {
    /// Where an entry of a list stands first; nil for lists that are no files.
    package func place(ofList id: String, entry: borrowing DomainName, isWildcard: Bool) -> Place? {
        guard let list = lists[id] else { return nil }
        let hash = hash(list, entry, isWildcard: isWildcard)
        var position = position(of: hash)
        while table[position] != 0 {
            if table[position] >> 32 == hash & 0xFFFF_FFFF { return place(Int(table[position] & 0xFFFF_FFFF)) }
            position = position + 1 == table.count ? 0 : position + 1
        }
        return nil
    }

    private func place(_ line: Int) -> Place? {
        guard let file = files.last(where: { $0.firstLine < line }) else { return nil }
        return Place(origin: file.origin, line: line - file.firstLine)
    }
}
