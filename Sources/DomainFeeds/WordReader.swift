import DNSWire
import DomainTrie

/// Reads a word that is a name, a wildcard, an address, a block of addresses, a URL, or a host with a port: what plain
/// lists, CSV and JSON have.
///
/// `name` covers itself and what is below it, so does `.name`; `*.name` covers what is below it only; a URL's host and
/// nothing below it.
enum WordReader {
    static func take(_ word: Span<UInt8>, into collector: inout EntryCollector) {
        var start = 0
        var scope = EntryScope.subtree
        if word.count > 2, word[0] == 0x2A, word[1] == 0x2E {
            (start, scope) = (2, .below)
        } else if word.count > 1, word[0] == 0x2E, word[1] != 0x2E {
            start = 1
        } else if isOdd(word), takeOdd(word, into: &collector) {
            return
        }
        let name = word.extracting(start..<word.count)
        collector.take(name: name, in: word, scope: scope, minimumLabels: scope == .below ? 1 : 2)
    }

    /// Whether it could be something other than a name: it ends in a digit, or has a character that no name has.
    private static func isOdd(_ word: Span<UInt8>) -> Bool {
        if isDigit(word[word.count - 1]) { return true }
        for index in word.indices {
            switch word[index] {
            case 0x23, 0x24, 0x28, 0x2F, 0x3A, 0x5B, 0x5C, 0x5E, 0x7C: return true  // # $ ( / : [ \ ^ |
            default: continue
            }
        }
        return false
    }

    /// False where it may yet be a name, or where the name's reader knows best why it is none.
    private static func takeOdd(_ word: Span<UInt8>, into collector: inout EntryCollector) -> Bool {
        if isLocalAddress(word) {
            collector.skip(.localName, word)
            return true
        }
        if collector.take(address: word) { return true }
        if let host = HostOfURL(word) {
            host.take(from: word, into: &collector)
            return true
        }
        if let colon = word.firstIndex(of: 0x3A), isPort(word.extracting(colon + 1..<word.count)) {
            return take(word.extracting(0..<colon), droppingPortOf: word, into: &collector)
        }
        if isRegularExpression(word) {
            collector.skip(.regularExpression, word)
            return true
        }
        if isPath(word) {
            collector.skip(.path, word)
            return true
        }
        return false
    }

    private static func take(
        _ host: Span<UInt8>, droppingPortOf word: Span<UInt8>, into collector: inout EntryCollector
    ) -> Bool {
        if collector.take(address: host) || collector.take(name: host, in: word, scope: .subtree) {
            collector.convert(.port, word)
        }
        return true
    }

    static func isPort(_ text: Span<UInt8>) -> Bool {
        guard (1...5).contains(text.count) else { return false }
        for index in text.indices where !isDigit(text[index]) { return false }
        return true
    }

    /// The address that hosts files name themselves by: blocking answers with it would block every blocked name anew.
    private static func isLocalAddress(_ word: Span<UInt8>) -> Bool { word.isEqual(to: "0.0.0.0") }

    static func isRegularExpression(_ word: Span<UInt8>) -> Bool {
        if word[0] == 0x5E || word[0] == 0x2F && word.count > 2 && word[word.count - 1] == 0x2F { return true }
        for index in word.indices {
            switch word[index] {
            case 0x5B, 0x5C: return true  // [ \
            default: continue
            }
        }
        return false
    }

    /// A host, and behind it a path.
    private static func isPath(_ word: Span<UInt8>) -> Bool {
        guard let slash = word.firstIndex(of: 0x2F), slash > 0 else { return false }
        for index in 0..<slash {
            switch word[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x3A, 0x80...: continue
            default: return false
            }
        }
        return true
    }
}

/// The host of a URL with a scheme.
struct HostOfURL {
    /// Within the text: without user, port and brackets.
    private let range: Range<Int>

    /// Nil for a text without `://` behind a scheme or nothing.
    init?(_ text: Span<UInt8>) {
        guard let colon = text.firstIndex(of: 0x3A), text.matches("://", at: colon) else { return nil }
        for index in 0..<colon {
            switch text[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: continue
            default: return nil
            }
        }
        var start = colon + 3
        var end = start
        while end < text.count, ![0x2F, 0x3F, 0x23, 0x5C].contains(text[end]) { end += 1 }
        for index in start..<end where text[index] == 0x40 { start = index + 1 }
        if start < end, text[start] == 0x5B, let bracket = text.firstIndex(of: 0x5D, from: start), bracket < end {
            range = start + 1..<bracket
            return
        }
        if let port = text.firstIndex(of: 0x3A, from: start), port < end { end = port }
        range = start..<end
    }

    func take(from text: Span<UInt8>, into collector: inout EntryCollector) {
        guard !range.isEmpty else { return collector.skip(.noHost, text) }
        let host = text.extracting(range)
        if collector.take(address: host) || collector.take(name: host, in: text, scope: .exact) {
            collector.convert(.url, text)
        }
    }
}
