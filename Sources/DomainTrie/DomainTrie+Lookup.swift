package import DNSWire

extension DomainTrie {
    /// The list sets that cover `name`. Does not allocate. O(octets of the name).
    package func lookup(_ name: borrowing DomainName) -> TrieMatch {
        var match = TrieMatch(labels: lookupLabels(name), octets: 0)
        if image.hasOctetEntries { match.octets = lookupOctets(name) }
        return match
    }

    private func lookupLabels(_ name: borrowing DomainName) -> ListSetID {
        let (wire, starts) = (name.octets, name.labelStarts)
        let octets = unsafe wire.span.bytes
        var node = image.innerNode(0)
        var label = name.labelCount
        while label > 0 {
            label &-= 1
            guard let slot = image.child(of: node, octets, labelAt: Int(starts[label])) else {
                return image.coverage(node.coverage).below
            }
            guard slot.isInner else {
                let coverage = image.coverage(slot.index)
                return label == 0 ? coverage.exact : coverage.below
            }
            node = image.innerNode(slot.index)
        }
        return image.coverage(node.coverage).exact
    }

    /// The same walk with single octets for labels, for the few lists that have entries such as `*example.com`.
    private func lookupOctets(_ name: borrowing DomainName) -> ListSetID {
        let (wire, starts) = (name.octets, name.labelStarts)
        var node = image.innerNode(image.octetRoot)
        var offset = name.octetCount - 1
        var label = name.labelCount - 1
        while offset > 1 {
            offset -= 1
            let isBorder = offset == Int(starts[label])
            if isBorder { label -= 1 }
            let octet = isBorder ? nil : Optional(wire[offset])
            guard let slot = image.child(of: node, octet: octet) else { return image.coverage(node.coverage).below }
            guard slot.isInner else {
                let coverage = image.coverage(slot.index)
                return offset == 1 ? coverage.exact : coverage.below
            }
            node = image.innerNode(slot.index)
        }
        return image.coverage(node.coverage).exact
    }
}

// MARK: - Looking ahead

extension DomainTrie {
    /// A look-up that has been begun.
    package struct Search {
        /// 0: there is nothing to fetch.
        fileprivate var place = 0
        fileprivate var tag: UInt64 = 0
    }

    /// Has memory fetched where the look-up of a name will wait for it first, and does not wait: that is the label below
    /// the top-level domain, since most names are below a few of those.
    package func prefetch(_ name: borrowing DomainName) -> Search {
        let (wire, starts) = (name.octets, name.labelStarts)
        let octets = unsafe wire.span.bytes
        let last = name.labelCount - 1
        guard last > 0, let slot = image.child(of: image.innerNode(0), octets, labelAt: Int(starts[last])), slot.isInner
        else { return Search() }
        let hash = OctetHash.of(labelAt: Int(starts[last - 1]), in: octets, seed: image.seed)
        let place = image.prefetchChild(of: image.innerNode(slot.index), hash: hash)
        return Search(place: place, tag: TrieImage.tag(of: hash))
    }

    /// Has fetched what comes next; the first part has arrived meanwhile.
    package func prefetchMore(_ search: Search) {
        if search.place != 0 { image.prefetchLabel(of: search.place, tag: search.tag) }
    }
}
