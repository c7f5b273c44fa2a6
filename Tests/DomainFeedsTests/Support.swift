import DNSWire
import DomainFeeds
import DomainTrie

/// An entry as `name`, or `*.name` where it covers what is below the name only.
struct ReadEntry: Equatable {
    var text: String
    var line: Int

    init(_ text: String, _ line: Int) {
        self.text = text
        self.line = line
    }
}

func read(_ octets: [UInt8]) -> (entries: [ReadEntry], report: ListReport) {
    var entries: [ReadEntry] = []
    let report = ListReader.read(octets.span) { entry in
        let name = String(entry.name.description.dropLast())
        entries.append(ReadEntry(entry.scope == .below ? "*.\(name)" : name, entry.line))
    }
    return (entries, report)
}

func read(_ text: String) -> (entries: [ReadEntry], report: ListReport) { read(Array(text.utf8)) }

/// The words of a list that stand where a name should, found the plain way: without comments, and without the address
/// in front of a hosts line.
func words(of octets: [UInt8], format: ListFormat) -> [[UInt8]] {
    let isMarked = octets.starts(with: [0xEF, 0xBB, 0xBF])
    let lines = octets.dropFirst(isMarked ? 3 : 0).split(separator: 0x0A, omittingEmptySubsequences: true)
    return lines.flatMap { line -> [[UInt8]] in
        var words = line.split(whereSeparator: { [0x20, 0x09, 0x0D].contains($0) }).map(Array.init)
        if let first = words.first?.first, [0x21, 0x3B].contains(first) { return [] }
        if let comment = words.firstIndex(where: { $0.first == 0x23 }) { words.removeSubrange(comment...) }
        let types = ["IN", "CNAME", "A", "AAAA", "NS", "SOA", "TXT"].map { Array($0.utf8) }
        if words.count > 1, types.contains(words[1]) || words[1].allSatisfy({ (0x30...0x39).contains($0) }) {
            return [words[0]]  // one skip for the whole line
        }
        guard words.count > 1 else { return words }
        return isAddress(words[0]) || words[0] == [0x30] ? Array(words.dropFirst()) : [words[0]]
    }
}

private func isAddress(_ word: [UInt8]) -> Bool {
    let text = String(decoding: word, as: UTF8.self).prefix { $0 != "%" }
    return word.count <= 45 && IPAddress(text) != nil
}
