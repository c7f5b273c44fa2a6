package import DNSWire
import DomainFeeds
import DomainTrie
import FirewallPolicy

/// Where entries of a list come from: a file, or some of its entries.
struct ListSource: Sendable {
    var origin: ListOrigin
    /// Which entries of the file; nil for those of any kind.
    var part: Part?

    struct Part: Sendable {
        var variant: ListVariant
        var action: FirewallRuleAction
    }

    func contains(_ entry: borrowing ListEntry) -> Bool {
        guard let part else { return true }
        for variant in ListVariant.all(of: entry, under: part.action) where variant == part.variant { return true }
        return false
    }
}

/// Finds the lines of a list that cover a name, by reading it again: nothing needs to be kept in memory for it.
package enum ListLookup {
    package struct Line: Sendable, Equatable {
        package var number: Int
        /// `name`, `*.name` for an entry that covers names below it only, or `*name` for one that covers what ends so.
        package var entry: String
    }

    /// The first entry of the list that covers `name`; nil when none does any more.
    package static func firstEntry(covering name: DomainName, in origin: ListOrigin) throws(PolicyLoadError) -> Line? {
        try firstEntry(covering: name, in: ListSource(origin: origin, part: nil))
    }

    static func firstEntry(covering name: DomainName, in source: ListSource) throws(PolicyLoadError) -> Line? {
        var found: Line?
        let octets = try ListFile.octets(of: source.origin)
        _ = ListReader.read(octets.span, fileName: source.origin.fileName) { entry in
            guard found == nil, covers(entry, name), source.contains(entry) else { return }
            let text = String(entry.name.description.dropLast())
            let prefix: String =
                switch entry.scope {
                case .exact, .subtree: ""
                case .below: "*."
                case .textSuffix: "*"
                }
            found = Line(number: entry.line, entry: prefix + text)
        }
        return found
    }

    private static func covers(_ entry: borrowing ListEntry, _ name: DomainName) -> Bool {
        guard entry.scope == .textSuffix || name.isAtOrBelow(entry.name) else { return false }
        return entry.scope.covers(name, entry: entry.name)
    }
}
