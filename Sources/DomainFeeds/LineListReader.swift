import DNSWire
import DomainTrie

/// Reads lists of one entry a line and hosts files. Names, addresses and URLs may stand side by side: what a word is, it
/// says itself.
///
/// Comments (`#`, `!`, `;`, and `#` behind a blank), blank lines, CRLF, a byte order mark, upper case and final dots are
/// taken as they are meant.
enum LineListReader {
    /// Reads whole lines.
    /// - Parameter lineCount: of lines that have been read before.
    /// - Returns: of lines that have been read now.
    @discardableResult static func read(
        _ octets: Span<UInt8>, behind lineCount: Int = 0, into collector: inout EntryCollector
    ) -> Int {
        var lines = LineCursor(octets, behind: lineCount)
        while let range = lines.line(of: octets) {
            let whole = octets.extracting(range)
            collector.begin(line: lines.number)
            let line = whole.extracting(0..<endOfContent(whole))
            guard let first = line.word(from: 0) else { continue }
            read(line, first, into: &collector)
        }
        return lines.number
    }

    /// Where a line's comment begins: `#` at its start or behind a blank, `!` and `;` only at its start, since other
    /// formats use them within: `example.com##.banner` is about a part of a page, not about the name.
    private static func endOfContent(_ line: Span<UInt8>) -> Int {
        var index = 0
        while index < line.count, isBlank(line[index]) { index &+= 1 }
        if index < line.count, line[index] == 0x21 || line[index] == 0x3B { return index }
        return line.endBeforeComment
    }

    /// Takes each word of a line that stands where a name should: the first one, or, where that is an address with more
    /// behind it, all the others. What else there is was written for people.
    private static func read(_ line: Span<UInt8>, _ first: Range<Int>, into collector: inout EntryCollector) {
        guard var next = line.word(from: first.upperBound) else {
            return take(line.extracting(first), isHosts: collector.report.format == .hosts, into: &collector)
        }
        if RecordLine.isRecord(line) { return collector.skip(.otherSyntax, line) }
        guard AddressText.stands(line.extracting(first)) else {
            return take(line.extracting(first), isHosts: collector.report.format == .hosts, into: &collector)
        }
        while true {
            take(line.extracting(next), isHosts: true, into: &collector)
            guard let following = line.word(from: next.upperBound) else { return }
            next = following
        }
    }

    /// - Parameter isHosts: a wildcard has no meaning in a hosts file.
    private static func take(_ word: Span<UInt8>, isHosts: Bool, into collector: inout EntryCollector) {
        if isHosts, word[0] == 0x2A { return collector.skip(.otherSyntax, word) }
        WordReader.take(word, into: &collector)
    }
}

/// Tells a line of a zone file, whose name may well be meant to pass.
enum RecordLine {
    /// Behind the name stands a TTL, a class or a type; or the line begins with one of these.
    static func isRecord(_ line: Span<UInt8>) -> Bool {
        guard let first = line.word(from: 0), let second = line.word(from: first.upperBound) else { return false }
        let word = line.extracting(second)
        return isType(word) || isNumber(word)
    }

    /// A class or one of the usual types.
    static func isType(_ word: Span<UInt8>) -> Bool {
        for known in words where word.isEqual(to: known) { return true }
        return false
    }

    private static let words = ["IN", "CNAME", "A", "AAAA", "NS", "SOA", "TXT"]

    private static func isNumber(_ word: Span<UInt8>) -> Bool {
        for index in word.indices where !isDigit(word[index]) { return false }
        return word.count < 10
    }
}
