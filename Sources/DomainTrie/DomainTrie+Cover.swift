package import DNSWire

/// Which lists cover parts of what an entry is about, each as a list set of one trie.
package struct TrieCover: Hashable, Sendable {
    /// They cover the entry's own name.
    package var itself: ListSetID
    /// They cover every name below it.
    package var below: ListSetID
    /// They cover both by wildcards of names above it.
    package var above: ListSetID
    /// They cover both by entries such as `*example.com`.
    package var endings: ListSetID
}

extension DomainTrie {
    /// Who covers what an entry covers. One walk, or two; does not allocate.
    ///
    /// Of an entry such as `*example.com` only two sorts of covering entries are found: `*`, and others of its kind.
    package func cover(of name: borrowing DomainName, scope: EntryScope) -> TrieCover {
        var cover = scope == .textSuffix ? coverOfEverything : labelCover(of: name)
        if image.hasOctetEntries { cover.endings = lookup(name).octets }
        return cover
    }

    /// Who covers every name there is.
    private var coverOfEverything: TrieCover {
        let root = image.coverage(image.innerNode(0).coverage).below
        return TrieCover(itself: root, below: root, above: root, endings: 0)
    }

    private func labelCover(of name: borrowing DomainName) -> TrieCover {
        let (wire, starts) = (name.octets, name.labelStarts)
        let octets = unsafe wire.span.bytes
        var node = image.innerNode(0)
        var coverage = image.coverage(node.coverage)
        var above = ListSetID(0)
        for label in stride(from: name.labelCount - 1, through: 0, by: -1) {
            above = coverage.below
            let everywhere = TrieCover(itself: above, below: above, above: above, endings: 0)
            guard let slot = image.child(of: node, octets, labelAt: Int(starts[label])) else { return everywhere }
            guard slot.isInner else {
                coverage = image.coverage(slot.index)
                guard label > 0 else { break }
                let below = coverage.below
                return TrieCover(itself: below, below: below, above: below, endings: 0)
            }
            node = image.innerNode(slot.index)
            coverage = image.coverage(node.coverage)
        }
        return TrieCover(itself: coverage.exact, below: coverage.below, above: above, endings: 0)
    }

    /// The lists that cover everything that an entry with this cover and scope covers.
    package func lists(covering cover: TrieCover, scope: EntryScope) -> Set<ListIndex> {
        let byLabels: Set<ListIndex> =
            switch scope {
            case .exact: Set(listSets[cover.itself])
            case .below, .textSuffix: Set(listSets[cover.below])
            case .subtree: Set(listSets[cover.itself]).intersection(listSets[cover.below])
            }
        return byLabels.union(listSets[cover.endings])
    }
}
