package import DNSWire
package import DomainTrie

/// # DomainFeeds
/// Reads lists of domain names in the formats that people publish them in.
/// - Touches: the octets it is given. (Fetching and refreshing feeds will live here too.)
/// - Threads: a reader belongs to one caller.
/// - Costs: one pass; nothing is allocated for an entry. 1,000,000 names take a fraction of a second.

/// How a list is written.
package enum ListFormat: String, Sendable, CaseIterable {
    /// One name a line; `*.name` means what is below it only.
    case domains
    /// `/etc/hosts`: an address, then names.
    case hosts
}

/// One entry of a list.
package struct ListEntry: Sendable {
    package var name: DomainName
    package var scope: EntryScope
    /// Counted from 1.
    package var line: Int

    package init() {
        name = DomainName()
        scope = .subtree
        line = 0
    }
}

/// Why a line, or a word of it, gives no entry.
package enum SkipReason: String, Sendable, CaseIterable {
    case addressLiteral = "an address, not a name"
    case localName = "a name of the host itself"
    case singleLabel = "a single label"
    case badCharacter = "a character that no host name has"
    case notASCII = "not ASCII; write the xn-- form"
    case badLabel = "an empty label, or one of more than 63 characters"
    case tooLong = "a name of more than 253 characters"
    case hyphenEdge = "a label that begins or ends with a hyphen"
    case otherSyntax = "another list format's syntax"
}

/// What came of reading a list.
package struct ListReport: Sendable {
    package struct Skipped: Sendable, Equatable {
        package var count: Int
        package var firstLine: Int
        /// The first such word, cut to 80 octets.
        package var example: String
    }

    package var format: ListFormat
    package var lineCount = 0
    package var entryCount = 0
    package var skipped: [SkipReason: Skipped] = [:]

    package init(format: ListFormat) { self.format = format }

    package var skippedCount: Int { skipped.values.reduce(0) { $0 + $1.count } }

    mutating func skip(_ reason: SkipReason, line: Int, word: Span<UInt8>) {
        guard skipped[reason] == nil else {
            skipped[reason]?.count += 1
            return
        }
        let shown = word.extracting(0..<min(80, word.count))
        // Control characters of a list have no business on anybody's terminal.
        let octets = (0..<shown.count).map { shown[$0] < 0x20 || shown[$0] == 0x7F ? 0x3F : shown[$0] }
        let example = String(decoding: octets, as: UTF8.self)
        skipped[reason] = Skipped(count: 1, firstLine: line, example: example)
    }
}
