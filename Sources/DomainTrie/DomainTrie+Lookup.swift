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
