import DNSWire
import DomainTrie
import StarterLists

/// Names that no feed may block unasked: the most used ones, those that the user allows, and the hosts of feeds.
package struct ProtectedNames: Sendable {
    /// Text, since as names they would take ten times the memory. `*.name` stands for any name below it.
    private(set) var names: Set<String>

    /// The names of `Blocklists/protected.list`.
    package init() {
        names = []
        add(entriesOf: FeedFiles.protectedNames)
    }

    package mutating func insert(_ host: String) { names.insert(host) }

    /// Adds what a list names.
    package mutating func add(entriesOf list: [UInt8], fileName: String? = nil) {
        var names = names
        _ = ListReader.read(list.span, fileName: fileName) { entry in
            guard entry.precedence.acts else { return }
            let name = String(entry.name.description.dropLast())
            names.insert(entry.scope == .below ? "*.\(name)" : name)
        }
        self.names = names
    }

    /// Those that a list covers, in the order of the alphabet.
    func covered(by list: DomainTrie) -> [String] {
        names.filter { name in
            guard let name = try? DomainName(name) else { return false }
            return list.entry(of: 0, covering: name) != nil
        }.sorted()
    }
}

extension EntryPrecedence {
    /// Whether an entry does what its list is there for: exceptions do the opposite.
    var acts: Bool {
        switch self {
        case .usual, .important, .guarded: true
        case .exception, .exempt: false
        }
    }
}
