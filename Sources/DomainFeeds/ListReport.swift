/// Why a line, or a word of it, gives no entry.
package enum SkipReason: String, Sendable, Codable, CaseIterable {
    case addressLiteral = "an address where a name is meant"
    case localName = "a name of the host itself"
    case singleLabel = "a single label"
    case badCharacter = "a character that no host name has"
    case badUnicode = "no name in Unicode either (UTS 46)"
    case badLabel = "an empty label, or one of more than 63 characters"
    case tooLong = "a name of more than 253 characters"
    case hyphenEdge = "a label that begins or ends with a hyphen"
    case otherSyntax = "another list format's syntax"

    case path = "about paths or pages, not about a name"
    case cosmetic = "about parts of a page"
    case regularExpression = "a regular expression"
    case innerWildcard = "a wildcard within a name"
    case openEnd = "the beginning of a name only"
    case browserOnly = "for browsers: what it depends on is unknown to DNS"
    case someClients = "for some clients only"
    case exceptType = "for all query types but some"
    case rewrite = "an answer of its own making"
    case addressException = "an exception for an address"
    case badFilter = "takes another rule back"
    case takenBack = "taken back by another rule"

    case unreadable = "a record or value that can't be read"
    case clientAddress = "about a client's address (RPZ-CLIENT-IP)"
    case nameServerName = "about a name server's name (NSDNAME)"
    case nameServerAddress = "about a name server's address (NSIP)"
    case tcpOnly = "asks for TCP (TCP-ONLY)"
    case outOfZone = "outside its zone"
    case otherRecord = "a record that is no policy"
    case forwarded = "a name that is forwarded, not blocked"
    case otherStatement = "a statement that is about no name"
    case noHost = "no host in it"
}

/// How an entry was taken though it could not be taken as it stands.
package enum Conversion: String, Sendable, Codable, CaseIterable {
    case unicode = "Unicode, as A-labels (UTS 46)"
    case url = "a URL, of which the host counts"
    case port = "a port, left out"
    case hostBits = "bits behind an address block's prefix, left out"
    case ownAddress = "an address as answer; blocked as usual"
    case noAnswer = "no answer at all (DROP); blocked as usual"
}

/// What came of reading a list.
package struct ListReport: Sendable, Equatable, Codable {
    /// How often something was met, and where first.
    package struct Occurrences: Sendable, Equatable, Codable {
        package var count: Int
        package var firstLine: Int
        /// The first such word, cut to 80 octets.
        package var example: String

        package init(count: Int, firstLine: Int, example: String) {
            self.count = count
            self.firstLine = firstLine
            self.example = example
        }
    }

    package var format: ListFormat
    package var lineCount = 0
    /// Names that were taken.
    package var entryCount = 0
    /// Of these, exceptions.
    package var exceptionCount = 0
    /// Addresses and blocks of them that were taken.
    package var addressCount = 0
    package var skipped: [SkipReason: Occurrences] = [:]
    /// Of what was taken.
    package var converted: [Conversion: Occurrences] = [:]

    package init(format: ListFormat) { self.format = format }

    /// Whether nothing was taken.
    package var isEmpty: Bool { entryCount == 0 && addressCount == 0 }
    package var skippedCount: Int { skipped.values.reduce(0) { $0 + $1.count } }

    mutating func skip(_ reason: SkipReason, line: Int, word: Span<UInt8>) {
        ListReport.count(&skipped[reason], line, word)
    }

    mutating func convert(_ conversion: Conversion, line: Int, word: Span<UInt8>) {
        ListReport.count(&converted[conversion], line, word)
    }

    private static func count(_ occurrences: inout Occurrences?, _ line: Int, _ word: Span<UInt8>) {
        guard occurrences == nil else {
            occurrences?.count += 1
            return
        }
        occurrences = Occurrences(count: 1, firstLine: line, example: example(word))
    }

    private static func example(_ word: Span<UInt8>) -> String {
        let shown = word.extracting(0..<min(80, word.count))
        // Control characters of a list have no business on anybody's terminal.
        return String(
            decoding: (0..<shown.count).map { shown[$0] < 0x20 || shown[$0] == 0x7F ? 0x3F : shown[$0] },
            as: UTF8.self)
    }
}
