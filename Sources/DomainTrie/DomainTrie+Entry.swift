package import DNSWire

extension DomainTrie {
    /// The entry of one list that covers a name.
    package struct Entry: Equatable, Sendable {
        /// How many of the name's labels, counted from the right, the entry names.
        package var labelCount: Int
        /// It covers names below it only (`*.example.com`), not the one that it names.
        package var isWildcard: Bool
    }

    /// The first entry of `list`, seen from the root, that covers `name` label by label; nil when none does (or only one
    /// like `*example.com`). One walk; does not allocate.
    package func entry(of list: ListIndex, covering name: borrowing DomainName) -> Entry? {
        let wire = name.octets
        let octets = unsafe wire.span.bytes
        var node = image.innerNode(0)
        var coverage = image.coverage(node.coverage)
        var depth = 0
        while true {
            let isName = depth == name.labelCount
            let namesIt = listSets[coverage.exact].contains(list)
            if isName { return namesIt ? Entry(labelCount: depth, isWildcard: false) : nil }
            if listSets[coverage.below].contains(list) { return Entry(labelCount: depth, isWildcard: !namesIt) }
            guard let slot = image.child(of: node, octets, labelAt: name.labelStart(name.labelCount - depth - 1)) else {
                return nil
            }
            depth += 1
            guard slot.isInner else { return leafEntry(slot, of: list, depth: depth, name) }
            node = image.innerNode(slot.index)
            coverage = image.coverage(node.coverage)
        }
    }

    private func leafEntry(
        _ slot: TrieImage.Slot, of list: ListIndex, depth: Int, _ name: borrowing DomainName
    ) -> Entry? {
        let coverage = image.coverage(slot.index)
        let namesIt = listSets[coverage.exact].contains(list)
        if depth == name.labelCount { return namesIt ? Entry(labelCount: depth, isWildcard: false) : nil }
        return listSets[coverage.below].contains(list) ? Entry(labelCount: depth, isWildcard: !namesIt) : nil
    }
}
