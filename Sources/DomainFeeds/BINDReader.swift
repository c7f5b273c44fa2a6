import DNSWire
import DomainTrie

/// Reads BIND's `zone "name" { type master; … };`: a zone that this server is to answer for itself covers its name and
/// what is below it. Comments of all three kinds (`#`, `//`, `/* */`) are left out.
enum BINDReader {
    static func read(_ octets: Span<UInt8>, into collector: inout EntryCollector) {
        var tokens = Tokens(octets)
        var depth = 0
        while let token = tokens.next(octets) {
            collector.begin(line: tokens.line)
            let word = octets.extracting(token)
            if word.isEqual(to: "{") {
                depth += 1
            } else if word.isEqual(to: "}") {
                depth = max(0, depth - 1)
            } else if depth == 0, word.isEqual(to: "zone") {
                readZone(octets, &tokens, into: &collector)
            } else if depth == 0, !word.isEqual(to: ";") {
                collector.skip(.otherStatement, word)
                skipStatement(octets, &tokens)
            }
        }
        let endsInLineEnd = octets.count > 0 && octets[octets.count - 1] == 0x0A
        collector.begin(line: endsInLineEnd ? tokens.line - 1 : tokens.line)
    }

    private static func readZone(_ octets: Span<UInt8>, _ tokens: inout Tokens, into collector: inout EntryCollector) {
        guard let name = tokens.next(octets) else { return }
        collector.begin(line: tokens.line)
        let word = octets.extracting(name)
        switch zoneType(octets, &tokens) {
        case .answered: collector.take(name: word, in: word, scope: .subtree, minimumLabels: 1)
        case .forwarded: collector.skip(.forwarded, word)
        case nil: collector.skip(.unreadable, word)
        }
    }

    private enum ZoneType { case answered, forwarded }

    /// Reads to the statement's end.
    private static func zoneType(_ octets: Span<UInt8>, _ tokens: inout Tokens) -> ZoneType? {
        var depth = 0
        var type: ZoneType?
        while let token = tokens.next(octets) {
            let word = octets.extracting(token)
            if word.isEqual(to: "{") {
                depth += 1
            } else if word.isEqual(to: "}") {
                depth -= 1
            } else if word.isEqual(to: ";"), depth <= 0 {
                return type
            } else if depth == 1, word.isEqual(to: "type"), let value = tokens.next(octets) {
                let text = octets.extracting(value).string
                type = ["master", "primary", "slave", "secondary"].contains(text) ? .answered : .forwarded
            }
        }
        return nil
    }

    private static func skipStatement(_ octets: Span<UInt8>, _ tokens: inout Tokens) {
        var depth = 0
        while let token = tokens.next(octets) {
            let word = octets.extracting(token)
            if word.isEqual(to: "{") { depth += 1 }
            if word.isEqual(to: "}") { depth -= 1 }
            if word.isEqual(to: ";"), depth <= 0 { return }
        }
    }

    /// Words, texts in quotation marks, and the signs between them.
    private struct Tokens {
        /// Where the last token stands; counted from 1.
        private(set) var line = 1
        private var offset: Int

        init(_ octets: Span<UInt8>) { offset = octets.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

        mutating func next(_ octets: Span<UInt8>) -> Range<Int>? {
            skipBlanksAndComments(octets)
            guard offset < octets.count else { return nil }
            let start = offset
            if octets[start] == 0x22 {
                // A text ends on its line, quotation mark or not.
                while offset + 1 < octets.count, octets[offset + 1] != 0x0A {
                    offset += 1
                    if octets[offset] == 0x22 { break }
                }
                let isClosed = offset > start && octets[offset] == 0x22
                let end = isClosed ? offset : offset + 1
                offset += 1
                return start + 1..<max(start + 1, end)
            }
            offset += 1
            if isSign(octets[start]) { return start..<offset }
            while offset < octets.count, !isBlank(octets[offset]), octets[offset] != 0x0A, !isSign(octets[offset]) {
                offset += 1
            }
            return start..<offset
        }

        private func isSign(_ octet: UInt8) -> Bool { octet == 0x7B || octet == 0x7D || octet == 0x3B }

        private mutating func skipBlanksAndComments(_ octets: Span<UInt8>) {
            while offset < octets.count {
                if octets[offset] == 0x0A {
                    line += 1
                    offset += 1
                } else if isBlank(octets[offset]) {
                    offset += 1
                } else if octets[offset] == 0x23 || octets.matches("//", at: offset) {
                    offset = octets.firstIndex(of: 0x0A, from: offset) ?? octets.count
                } else if octets.matches("/*", at: offset) {
                    skipLongComment(octets)
                } else {
                    return
                }
            }
        }

        private mutating func skipLongComment(_ octets: Span<UInt8>) {
            offset += 2
            while offset < octets.count, !octets.matches("*/", at: offset) {
                if octets[offset] == 0x0A { line += 1 }
                offset += 1
            }
            offset = min(offset + 2, octets.count)
        }
    }
}
