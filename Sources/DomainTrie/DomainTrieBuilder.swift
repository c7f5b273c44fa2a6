package import DNSWire

/// Collects entries of many lists and makes a trie of them.
///
/// ```text
/// nodes    parent │ where its label is │ what it says     (parent, label) → node, by an open-addressed table
/// labels   length │ octets …                              each node's, in the order of the nodes
/// ```
/// A parent's number is always lower than its children's, so one pass upwards or downwards visits them in order.
///
/// A policy is made beside the one that it replaces, so the builder keeps as little as it can: one copy of each name's
/// own labels, 16 octets a node with its place in the table, and nothing of what a later step no longer needs.
package struct DomainTrieBuilder {
    private var nodes: [Node]
    /// Node numbers, where the hash of parent and label puts them; 0 is free (node 0 is nobody's child).
    private var nodeTable: [UInt32]
    private var labels = LabelPool()
    private var sets = ListSetTable()
    private var coverages = CoverageTable()
    private let seed: UInt64

    struct Node {
        var parent: UInt32
        var label: UInt32
        /// Number of the sets of the lists that name this very node, and of those that name everything below it.
        var coverage: UInt32 = 0
        /// Its parent implies all that it says.
        var isDropped: Bool { coverage == .max }
    }

    private static let labelRoot: UInt32 = 0
    private static let octetRoot: UInt32 = 1

    /// - Parameter seed: keys the hash of labels; random unless two builds are to be the same.
    package init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
        nodes = [Node(parent: 0, label: 0), Node(parent: 0, label: 0)]
        nodeTable = [UInt32](repeating: 0, count: 1 << 10)
    }

    /// Makes room for a list of so many octets, so that growing does not take twice the memory for a moment. Room that is
    /// not needed is never touched.
    package mutating func reserve(listOctets: Int) {
        labels.reserve(listOctets)
        // Real lists have a node for each 15 to 20 octets.
        nodes.reserveForGrowth(listOctets / 12)
    }

    /// Adds an entry. The same entry twice is one. Amortised O(octets of the name).
    package mutating func insert(_ name: borrowing DomainName, scope: EntryScope, list: ListIndex) {
        var node = scope == .textSuffix ? DomainTrieBuilder.octetRoot : DomainTrieBuilder.labelRoot
        if scope == .textSuffix {
            descendOctets(of: name, &node)
        } else {
            let (wire, starts) = (name.octets, name.labelStarts)
            for label in stride(from: name.labelCount - 1, through: 0, by: -1) {
                node = unsafe child(of: node, wire.span.bytes, labelAt: Int(starts[label]))
            }
        }
        let isRoot = name.labelCount == 0
        var coverage = coverages[nodes[Int(node)].coverage]
        if scope != .below || isRoot { coverage.exact = sets.adding(list, to: coverage.exact) }
        if scope != .exact { coverage.below = sets.adding(list, to: coverage.below) }
        nodes[Int(node)].coverage = coverages.number(of: coverage)
    }

    private mutating func descendOctets(of name: borrowing DomainName, _ node: inout UInt32) {
        let (wire, starts) = (name.octets, name.labelStarts)
        var label = name.labelCount - 1
        for offset in stride(from: name.octetCount - 2, to: 0, by: -1) {
            let isBorder = offset == Int(starts[label])
            if isBorder { label -= 1 }
            node = child(of: node, octet: isBorder ? nil : wire[offset])
        }
    }

    /// The child whose label is this one octet, or, for nil, the empty label.
    private mutating func child(of parent: UInt32, octet: UInt8?) -> UInt32 {
        var label = InlineArray<16, UInt8>(repeating: 0)
        if let octet { (label[0], label[1]) = (1, octet) }
        return unsafe child(of: parent, label.span.bytes, labelAt: 0)
    }

    private mutating func child(of parent: UInt32, _ wire: RawSpan, labelAt start: Int) -> UInt32 {
        if nodes.count * 4 > nodeTable.count * 3 { growNodeTable() }
        let label = wire.extracting(start...)
        let octetCount = Int(label.octet(at: 0)) + 1
        var position = home(of: OctetHash.of(labelAt: 0, in: label, seed: seed), below: parent)
        while nodeTable[position] != 0 {
            let candidate = nodes[Int(nodeTable[position])]
            if candidate.parent == parent, labels.matches(candidate.label, label, octetCount: octetCount) {
                return nodeTable[position]
            }
            position = (position + 1) & (nodeTable.count - 1)
        }
        nodeTable[position] = UInt32(nodes.count)
        nodes.append(Node(parent: parent, label: labels.append(label, octetCount: octetCount)))
        return nodeTable[position]
    }

    /// Where the search for a node begins.
    private func home(of hash: UInt64, below parent: UInt32) -> Int {
        let product = (hash ^ UInt64(parent)) &* 0x9E37_79B9_7F4A_7C15
        return Int((product ^ product >> 32) & UInt64(nodeTable.count - 1))
    }

    private mutating func growNodeTable() {
        let count = nodeTable.count * 2
        nodeTable = []
        nodeTable = [UInt32](repeating: 0, count: count)
        for number in 2..<nodes.count {
            var position = home(of: labels.hash(at: nodes[number].label, seed: seed), below: nodes[number].parent)
            while nodeTable[position] != 0 { position = (position + 1) & (nodeTable.count - 1) }
            nodeTable[position] = UInt32(number)
        }
    }
}

// MARK: - Building

extension DomainTrieBuilder {
    /// Makes the trie. O(nodes).
    /// - Throws: `.tooLarge` beyond 2^25 slots, which is some 25 million names, or 2^30 octets of distinct labels.
    package consuming func build() throws(DomainTrieError) -> DomainTrie {
        inheritCoverages()
        let childCounts = dropImpliedNodes()
        numberCoverages()
        shareLabels()
        let layout = try NodeLayout(nodes: nodes, childCounts: childCounts)
        guard labels.end <= TrieImage.Slot.maximumLabelOffset,
            coverages.distinct.count <= TrieImage.Slot.maximumIndex
        else { throw .tooLarge }
        let image = TrieImage(
            sizes: TrieImage.Sizes(
                slots: layout.slotCount, coverages: coverages.distinct.count, labelOctets: labels.end),
            seed: seed, hasOctetEntries: layout.regions[1].count > 0, octetRoot: Int(layout.regions[1].place))
        unsafe labels.copy(to: image.labels, count: labels.end)
        labels = LabelPool()
        fill(image, layout)
        let keptCount = nodes.reduce(0) { $1.isDropped ? $0 : $0 + 1 } - 2
        return DomainTrie(image: image, listSets: sets.flattened(), nodeCount: keptCount)
    }

    /// Gives each node, together with its own sets, what its ancestors' wildcards add.
    private mutating func inheritCoverages() {
        var cumulative = CoverageTable()
        for number in nodes.indices {
            let own = coverages[nodes[number].coverage]
            let inherited = number < 2 ? 0 : cumulative[nodes[Int(nodes[number].parent)].coverage].below
            nodes[number].coverage = cumulative.number(
                of: TrieImage.Coverage(
                    exact: sets.union(inherited, own.exact), below: sets.union(inherited, own.below)))
        }
        coverages = cumulative
    }

    /// Drops the nodes that say nothing which their parent does not imply, unless they are above others that do.
    /// - Returns: how many children each node has left.
    private mutating func dropImpliedNodes() -> [UInt32] {
        var childCounts = [UInt32](repeating: 0, count: nodes.count)
        for number in stride(from: nodes.count - 1, through: 2, by: -1) {
            let parent = Int(nodes[number].parent)
            let implied = coverages[nodes[parent].coverage].below
            let coverage = coverages[nodes[number].coverage]
            if childCounts[number] == 0, coverage.exact == implied, coverage.below == implied {
                nodes[number].coverage = .max
            } else {
                childCounts[parent] += 1
            }
        }
        return childCounts
    }

    /// Numbers the coverages that are left.
    private mutating func numberCoverages() {
        var left = CoverageTable()
        for number in nodes.indices where !nodes[number].isDropped {
            nodes[number].coverage = left.number(of: coverages[nodes[number].coverage])
        }
        coverages = left
    }

    /// Lets nodes with equal labels share one, and forgets the labels of nodes that have been dropped.
    private mutating func shareLabels() {
        // No node is looked for any more, and there are no more labels than nodes.
        var table = nodeTable
        nodeTable = []
        for position in table.indices { table[position] = 0 }
        var shared = LabelPool.firstLabel
        for number in 2..<nodes.count where !nodes[number].isDropped {
            let label = nodes[number].label
            var position = Int(labels.hash(at: label, seed: seed) & UInt64(table.count - 1))
            while table[position] != 0, !labels.areEqual(table[position], label) {
                position = (position + 1) & (table.count - 1)
            }
            if table[position] == 0 { table[position] = labels.move(label, to: &shared) }
            nodes[number].label = table[position]
        }
        labels.end(at: shared)
    }

    private func fill(_ image: TrieImage, _ layout: NodeLayout) {
        for (index, coverage) in coverages.distinct.enumerated() { unsafe image.coverages[index] = coverage }
        for (number, node) in nodes.enumerated() where !node.isDropped {
            let own = layout.region(of: number)
            if let own {
                let inner = TrieImage.InnerNode(coverage: node.coverage, firstSlot: own.first, slotCount: own.count)
                unsafe image.slots[Int(own.place)] = inner.slot
            }
            guard number >= 2, let region = layout.region(of: Int(node.parent)) else { continue }
            let hash = image.hash(ofLabelAt: Int(node.label))
            let slot = TrieImage.Slot(
                labelOffset: Int(node.label), tag: TrieImage.tag(of: hash), isInner: own != nil,
                index: Int(own?.place ?? node.coverage))
            unsafe DomainTrieBuilder.place(slot, hash: hash, in: image.slots, region: region)
        }
    }

    private static func place(
        _ slot: TrieImage.Slot, hash: UInt64, in slots: UnsafeMutableBufferPointer<TrieImage.Slot>,
        region: NodeLayout.Region
    ) {
        var position = TrieImage.home(of: hash, slotCount: region.count)
        while unsafe !slots[region.first + position].isEmpty {
            position = position + 1 == Int(region.count) ? 0 : position + 1
        }
        unsafe slots[region.first + position] = slot
    }
}

/// Which node gets which region of slots.
private struct NodeLayout {
    struct Region {
        /// Where its node stands.
        var place: UInt32
        var count: UInt32
        var first: Int { Int(place) + 1 }
    }

    private static let leaf = UInt32.max
    /// Per node: its number among the nodes with children, or `leaf`.
    private let innerNumbers: [UInt32]
    private(set) var regions: [Region] = []
    private(set) var slotCount = 0

    init(nodes: [DomainTrieBuilder.Node], childCounts: consuming [UInt32]) throws(DomainTrieError) {
        // Where a node's count was, its index comes.
        var indices = childCounts
        for number in nodes.indices {
            let children = Int(indices[number])
            indices[number] = NodeLayout.leaf
            guard children > 0 || number < 2 else { continue }
            // A quarter more than needed keeps searches to a few neighbouring slots; a handful is searched whole.
            let slots = children <= 4 ? children : children + children / 4
            indices[number] = UInt32(regions.count)
            regions.append(Region(place: UInt32(truncatingIfNeeded: slotCount), count: UInt32(slots)))
            slotCount += 1 + slots
        }
        guard slotCount <= TrieImage.Slot.maximumIndex else { throw .tooLarge }
        innerNumbers = indices
    }

    /// Nil for a node without children.
    func region(of node: Int) -> Region? {
        let number = innerNumbers[node]
        return number == NodeLayout.leaf ? nil : regions[Int(number)]
    }
}

package enum DomainTrieError: Error, Equatable, Sendable {
    /// More distinct names than the layout can number.
    case tooLarge
}
