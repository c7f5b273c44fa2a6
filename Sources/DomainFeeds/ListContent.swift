package import DNSWire
import DomainTrie

/// What lists say, without repetitions and without their lines: for comparing lists and for writing them in another
/// format. Everything is kept in memory.
package struct ListContent: Sendable {
    /// What an entry says of the names that it covers.
    package struct Meaning: Hashable, Sendable {
        package var precedence: EntryPrecedence
        package var answer: EntryAnswer
        /// Of `.override`; presentation text with a final dot.
        package var target: String?
        package var qtypes: [RRType]
    }

    /// Of a name, which names it speaks of.
    package struct Coverage: Hashable, Sendable {
        package var itself = false
        package var below = false
        /// All names whose text ends so.
        package var ending = false
    }

    package struct Entry: Hashable, Sendable {
        /// Presentation text without a final dot: a `DomainName` is ten times as large.
        package var name: String
        package var meaning: Meaning
    }

    package private(set) var coverages: [Entry: Coverage] = [:]
    /// In the order in which they came.
    package private(set) var entries: [Entry] = []
    package private(set) var addresses: [CIDR] = []
    private var knownAddresses: Set<CIDR> = []

    package init() {}

    /// Adds what a list says.
    package mutating func read(_ octets: Span<UInt8>, fileName: String?) -> ListReport {
        ListReader.read(octets, fileName: fileName, onAddress: { add($0.block) }, onEntry: { add($0) })
    }

    private mutating func add(_ block: CIDR) {
        if knownAddresses.insert(block).inserted { addresses.append(block) }
    }

    private mutating func add(_ entry: borrowing ListEntry) {
        let key = Entry(
            name: String(entry.name.description.dropLast()),
            meaning: Meaning(
                precedence: entry.precedence, answer: entry.answer,
                target: entry.answer == .override ? entry.target.description : nil,
                qtypes: entry.qtypes.sorted { $0.rawValue < $1.rawValue }))
        if coverages[key] == nil { entries.append(key) }
        coverages[key, default: Coverage()].add(entry.scope)
    }

    /// Each entry as a line: `name` (and below), `*.name` (below), `=name` (alone), `*name` (what ends so), and in words
    /// what else it says.
    package var lines: [String] {
        entries.flatMap { entry in
            (coverages[entry] ?? Coverage()).prefixes.map { "\($0)\(entry.name)\(entry.meaning.suffix)" }
        } + addresses.map(\.description)
    }
}

extension ListContent.Coverage {
    mutating func add(_ scope: EntryScope) {
        switch scope {
        case .exact: itself = true
        case .below: below = true
        case .subtree: (itself, below) = (true, true)
        case .textSuffix: ending = true
        }
    }

    fileprivate var prefixes: [String] {
        let labels = itself ? [below ? "" : "="] : below ? ["*."] : []
        return ending ? labels + ["*"] : labels
    }
}

extension ListContent.Meaning {
    fileprivate var suffix: String {
        var words: [String] = []
        if precedence != .usual { words.append("\(precedence)") }
        switch answer {
        case .usual: break
        case .nxDomain: words.append("NXDOMAIN")
        case .noData: words.append("NODATA")
        case .override: words.append("CNAME \(target ?? "")")
        }
        words += qtypes.map(\.mnemonic)
        return words.isEmpty ? "" : " (\(words.joined(separator: ", ")))"
    }
}
