package import DNSWire
import DomainFeeds
import DomainTrie
import FirewallPolicy

/// Finds the line of a list that covers a name or an address, by reading the list again: nothing needs to be kept in
/// memory for it, and of a list that goes by lines no more is read than up to the line.
package enum ListLookup {
    package struct Line: Sendable, Equatable {
        package var number: Int
        /// `name`, `*.name` for an entry that covers names below it only, or `*name` for one that covers what ends so; an
        /// address or a block of them.
        package var entry: String
    }

    /// The first entry of the list that covers `name`; nil when none does any more.
    package static func firstEntry(covering name: DomainName, in origin: ListOrigin) throws(PolicyLoadError) -> Line? {
        try firstEntry(covering: name, in: ListSource(origin: origin, part: nil))
    }

    static func firstEntry(covering name: DomainName, in source: ListSource) throws(PolicyLoadError) -> Line? {
        var found: Line?
        let pieces = try ListPieces(of: source.origin)
        _ = try ListReader.read(
            fileName: source.origin.fileName,
            next: { () throws(PolicyLoadError) in found == nil ? try pieces.next() : [] },
            onEntry: { entry in
                guard found == nil, covers(entry, name), source.contains(entry) else { return }
                found = Line(number: entry.line, entry: text(of: entry))
            })
        return found
    }

    /// The narrowest block of the list that contains `address`, the first one of several.
    static func narrowestBlock(containing address: IPAddress, in origin: ListOrigin) throws(PolicyLoadError) -> Line? {
        var found: (line: Int, block: CIDR)?
        let pieces = try ListPieces(of: origin)
        _ = try ListReader.read(
            fileName: origin.fileName, next: { () throws(PolicyLoadError) in try pieces.next() },
            onAddress: { entry in
                guard entry.block.contains(address), entry.block.prefixBits > found?.block.prefixBits ?? -1 else {
                    return
                }
                found = (entry.line, entry.block)
            }, onEntry: { _ in })
        return found.map { Line(number: $0.line, entry: "\($0.block)") }
    }

    private static func text(of entry: borrowing ListEntry) -> String {
        let name = String(entry.name.description.dropLast())
        return switch entry.scope {
        case .exact, .subtree: name
        case .below: "*.\(name)"
        case .textSuffix: "*\(name)"
        }
    }

    private static func covers(_ entry: borrowing ListEntry, _ name: DomainName) -> Bool {
        guard entry.scope == .textSuffix || name.isAtOrBelow(entry.name) else { return false }
        return entry.scope.covers(name, entry: entry.name)
    }
}
