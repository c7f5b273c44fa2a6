import DNSWire
import DomainFeeds
import DomainTrie

/// An entry as text: what it covers (`name`: and below, `*.name`: below, `=name`: alone, `*name`: what ends so), and in
/// words what else it wants.
struct ReadEntry: Equatable {
    var text: String
    var line: Int

    init(_ text: String, _ line: Int) {
        self.text = text
        self.line = line
    }

    init(_ entry: borrowing ListEntry) {
        let name = String(entry.name.description.dropLast())
        text =
            switch entry.scope {
            case .subtree: name
            case .below: "*.\(name)"
            case .exact: "=\(name)"
            case .textSuffix: "*\(name)"
            }
        if entry.precedence != .usual { text += " \(entry.precedence)" }
        if entry.answer != .usual { text += " \(entry.answer)" }
        if entry.answer == .override { text += " \(entry.target)" }
        for qtype in entry.qtypes { text += " \(qtype.mnemonic)" }
        line = entry.line
    }
}

/// What came of reading a list.
struct ReadList {
    var entries: [ReadEntry] = []
    var addresses: [String] = []
    var report: ListReport

    /// The entries' texts.
    var texts: [String] { entries.map(\.text) }
}

func read(_ octets: [UInt8], fileName: String? = nil) -> ReadList {
    var entries: [ReadEntry] = []
    var addresses: [String] = []
    let report = ListReader.read(
        octets.span, fileName: fileName, onAddress: { addresses.append("\($0.block)") },
        onEntry: { entries.append(ReadEntry($0)) })
    return ReadList(entries: entries, addresses: addresses, report: report)
}

func read(_ text: String, fileName: String? = nil) -> ReadList { read(Array(text.utf8), fileName: fileName) }
