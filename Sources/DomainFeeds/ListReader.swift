import DNSWire
import DomainTrie

/// Reads a list line by line. Comments (`#`, `!`, `;`, and behind a blank), blank lines, CRLF, a byte order mark, upper
/// case and final dots are taken as they are meant; what gives no entry is counted by reason, with an example.
package struct ListReader {
    /// Calls `body` for each entry; the entry is reused, so copy what is to be kept.
    package static func read(
        _ octets: Span<UInt8>, _ body: (borrowing ListEntry) -> Void
    ) -> ListReport {
        var report = ListReport(format: format(of: octets))
        var entry = ListEntry()
        forEachLine(of: octets) { line, number in
            entry.line = number
            report.lineCount = number
            if isRecord(line) { return report.skip(.otherSyntax, line: number, word: line) }
            forEachName(in: line) { word in
                switch take(word, format: report.format, into: &entry) {
                case nil:
                    report.entryCount += 1
                    body(entry)
                case let reason?:
                    report.skip(reason, line: number, word: word)
                }
            }
        }
        return report
    }

    /// A file whose first line that says something begins with an address and goes on is a hosts file.
    static func format(of octets: Span<UInt8>) -> ListFormat {
        var format: ListFormat?
        forEachLine(of: octets) { line, _ in
            guard format == nil, let first = word(in: line, from: 0) else { return }
            let hasMore = word(in: line, from: first.upperBound) != nil
            format = hasMore && isAddress(line.extracting(first)) ? .hosts : .domains
        }
        return format ?? .domains
    }

    /// - Parameter body: gets each line without comment and line end, and its number.
    private static func forEachLine(of octets: Span<UInt8>, _ body: (Span<UInt8>, Int) -> Void) {
        var start = hasByteOrderMark(octets) ? 3 : 0
        var number = 0
        while start < octets.count {
            var end = start
            while end < octets.count, octets[end] != 0x0A { end &+= 1 }
            number += 1
            body(octets.extracting(start..<endOfContent(octets, start, end)), number)
            start = end + 1
        }
    }

    private static func hasByteOrderMark(_ octets: Span<UInt8>) -> Bool {
        octets.count >= 3 && octets[0] == 0xEF && octets[1] == 0xBB && octets[2] == 0xBF
    }

    /// Where a line's comment begins: `#` at its start or behind a blank, `!` and `;` only at its start, since other
    /// formats use them within: `example.com##.banner` is about a part of a page, not about the name.
    private static func endOfContent(_ octets: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var index = start
        while index < end, isBlank(octets[index]) { index &+= 1 }
        if index < end, octets[index] == 0x21 || octets[index] == 0x3B { return index }
        while index < end {
            if octets[index] == 0x23, index == start || isBlank(octets[index - 1]) { return index }
            index &+= 1
        }
        return end
    }

    private static func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 || octet == 0x0D }

    /// The next run of octets that are not blank.
    private static func word(in line: Span<UInt8>, from start: Int) -> Range<Int>? {
        var first = start
        while first < line.count, isBlank(line[first]) { first &+= 1 }
        guard first < line.count else { return nil }
        var end = first
        while end < line.count, !isBlank(line[end]) { end &+= 1 }
        return first..<end
    }

    /// A record of a zone file: behind the name stands a TTL, a class or a type. Its name may well be meant to pass.
    private static func isRecord(_ line: Span<UInt8>) -> Bool {
        guard let first = word(in: line, from: 0), let second = word(in: line, from: first.upperBound) else {
            return false
        }
        let text = String(decoding: second.map { line[$0] }, as: UTF8.self)
        return UInt32(text) != nil || ["IN", "CNAME", "A", "AAAA", "NS", "SOA", "TXT"].contains(text)
    }

    /// - Parameter body: gets each word of the line that stands where a name should: the first one, or, where that is an
    ///   address with more behind it, all the others. What else there is was written for people.
    private static func forEachName(in line: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        guard let first = word(in: line, from: 0) else { return }
        guard standsForAddress(line.extracting(first)), var next = word(in: line, from: first.upperBound) else {
            return body(line.extracting(first))
        }
        while true {
            body(line.extracting(next))
            guard let following = word(in: line, from: next.upperBound) else { return }
            next = following
        }
    }

    /// An address, or the `0` that some hosts files write for 0.0.0.0.
    private static func standsForAddress(_ word: Span<UInt8>) -> Bool {
        word.count == 1 && word[0] == 0x30 || isAddress(word)
    }

    /// Digits, dots and colons in the shape of an address; the names on the line are judged on their own.
    private static func isAddress(_ word: Span<UInt8>) -> Bool {
        guard (2...45).contains(word.count) else { return false }
        var text: [UInt8] = []
        for index in 0..<word.count {
            if word[index] == 0x25 { break }  // %eth0
            text.append(word[index])
        }
        return IPAddress(String(decoding: text, as: UTF8.self)) != nil
    }
}

// MARK: - Names

extension ListReader {
    /// Reads a word into `entry`; says why not where it is no name for a list.
    private static func take(_ word: Span<UInt8>, format: ListFormat, into entry: inout ListEntry) -> SkipReason? {
        var start = 0
        entry.scope = .subtree
        if format == .domains, word.count > 2, word[0] == 0x2A, word[1] == 0x2E {
            entry.scope = .below
            start = 2
        }
        let text = word.extracting(start..<word.count)
        if let reason = judgeCharacters(text) { return reason }
        do {
            try entry.name.read(text: text)
        } catch .nameTooLong {
            return .tooLong
        } catch {
            return .badLabel
        }
        return judgeName(entry.name, text, scope: entry.scope)
    }

    private static func judgeCharacters(_ text: Span<UInt8>) -> SkipReason? {
        var worst: SkipReason?
        for index in 0..<text.count {
            switch text[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: continue
            case 0x80...: return .notASCII
            case 0x3A where isAddress(text): return .addressLiteral  // :
            case 0x7C, 0x5E, 0x40, 0x2F, 0x24, 0x3D, 0x2C, 0x2A, 0x5C, 0x23:  // | ^ @ / $ = , * \ #
                worst = .otherSyntax
            default: worst = worst ?? .badCharacter
            }
        }
        return worst
    }

    private static func judgeName(_ name: borrowing DomainName, _ text: Span<UInt8>, scope: EntryScope) -> SkipReason? {
        guard name.labelCount > 0 else { return .badLabel }
        if isLocal(name) { return .localName }
        let endsInDigit = text[text.count - 1] &- 0x30 < 10
        if endsInDigit, isAddress(text) { return .addressLiteral }
        if name.labelCount < 2, scope != .below { return .singleLabel }
        for label in 0..<name.labelCount {
            let start = name.labelStart(label)
            if name[start + 1] == 0x2D { return .hyphenEdge }
            if name[start + Int(name[start])] == 0x2D { return .hyphenEdge }
        }
        return nil
    }

    /// Whether it is a name that a hosts file gives the host itself.
    private static func isLocal(_ name: borrowing DomainName) -> Bool {
        for local in localNames {
            if name.isEqual(to: local) { return true }
        }
        return false
    }

    private static let localNames: [DomainName] = [
        "localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet",
        "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0",
    ].compactMap { try? DomainName($0) }
}
