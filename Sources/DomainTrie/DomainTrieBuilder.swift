package import DNSWire

/// Collects entries of many lists and makes a trie of them.
///
/// ```text
/// labels   pool of distinct labels, found by hash          label number → offset
/// nodes    parent, label, own list sets                    (parent, label) → node
/// ```
/// A parent's number is always lower than its children's, so one pass upwards or downwards visits them in order.
package struct DomainTrieBuilder {
    private var labels: LabelPool
    private var sets = ListSetTable()
    private var nodes: [Node]
    /// Open-addressed table of node numbers, keyed by parent and label; 0 is free (node 0 is nobody's child).
    private var nodeTable: [UInt32]
    private let seed: UInt64

    struct Node {
        var parent: UInt32
        var label: UInt32
        /// Sets of the lists that name this very node, and of those that name everything below it.
        var exact: ListSetID = 0
        var below: ListSetID = 0
    }

    private static let labelRoot: UInt32 = 0
    private static let octetRoot: UInt32 = 1

    /// - Parameter seed: keys the hash of labels; random unless two builds are to be the same.
    package init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
        labels = LabelPool(seed: seed)
        nodes = [Node(parent: 0, label: 0), Node(parent: 0, label: 0)]
        nodeTable = [UInt32](repeating: 0, count: 1 << 10)
    }

    /// Adds an entry. The same entry twice is one. Amortised O(octets of the name).
    package mutating func insert(_ name: borrowing DomainName, scope: EntryScope, list: ListIndex) {
        var node = scope == .textSuffix ? DomainTrieBuilder.octetRoot : DomainTrieBuilder.labelRoot
        if scope == .textSuffix {
            descendOctets(of: name, &node)
        } else {
            let (wire, starts) = (name.octets, name.labelStarts)
            for label in stride(from: name.labelCount - 1, through: 0, by: -1) {
                let number = unsafe labels.number(of: wire.span.bytes, at: Int(starts[label]))
                node = child(of: node, label: number)
            }
        }
        let index = Int(node)
        let isRoot = name.labelCount == 0
        if scope != .below || isRoot {
            nodes[index].exact = sets.adding(list, to: nodes[index].exact)
        }
        if scope != .exact {
            nodes[index].below = sets.adding(list, to: nodes[index].below)
        }
    }

    private mutating func descendOctets(of name: borrowing DomainName, _ node: inout UInt32) {
        let (wire, starts) = (name.octets, name.labelStarts)
        var label = name.labelCount - 1
        for offset in stride(from: name.octetCount - 2, to: 0, by: -1) {
            let isBorder = offset == Int(starts[label])
            if isBorder { label -= 1 }
            node = child(of: node, label: labels.number(of: isBorder ? nil : wire[offset]))
        }
    }

    private mutating func child(of parent: UInt32, label: UInt32) -> UInt32 {
        if nodes.count * 4 > nodeTable.count * 3 { growNodeTable() }
        var position = DomainTrieBuilder.position(parent, label, in: nodeTable.count)
        while nodeTable[position] != 0 {
            let candidate = nodes[Int(nodeTable[position])]
            if candidate.parent == parent, candidate.label == label { return nodeTable[position] }
            position = (position + 1) & (nodeTable.count - 1)
        }
        let number = UInt32(nodes.count)
        nodes.append(Node(parent: parent, label: label))
        nodeTable[position] = number
        return number
    }

    private static func position(_ parent: UInt32, _ label: UInt32, in count: Int) -> Int {
        let key = UInt64(parent) << 32 | UInt64(label)
        let product = (key ^ key >> 29) &* 0x9E37_79B9_7F4A_7C15
        return Int((product ^ product >> 32) & UInt64(count - 1))
    }

    private mutating func growNodeTable() {
        nodeTable = [UInt32](repeating: 0, count: nodeTable.count * 2)
        for number in 2..<nodes.count {
            var position = DomainTrieBuilder.position(nodes[number].parent, nodes[number].label, in: nodeTable.count)
            while nodeTable[position] != 0 { position = (position + 1) & (nodeTable.count - 1) }
            nodeTable[position] = UInt32(number)
        }
    }
}

// MARK: - Building

extension DomainTrieBuilder {
    /// Makes the trie. O(nodes).
    /// - Throws: `.tooLarge` beyond 2^25 nodes with children or 2^30 octets of distinct labels.
    package consuming func build() throws(DomainTrieError) -> DomainTrie {
        nodeTable = []
        var coverages = cumulativeCoverages()
        let kept = keptNodes(coverages)
        let layout = try NodeLayout(nodes: nodes, isKept: kept.isKept, childCounts: kept.childCounts)
        let table = CoverageTable(&coverages, isKept: kept.isKept)
        let offsets = labels.offsets(
            used: nodes.indices.lazy.filter { kept.isKept[$0] }.map { [nodes] in nodes[$0].label })
        guard offsets.end <= TrieImage.Slot.maximumLabelOffset, table.distinct.count <= TrieImage.Slot.maximumIndex
        else {
            throw .tooLarge
        }
        let sizes = TrieImage.Sizes(
            innerNodes: layout.innerCount, slots: layout.slotCount, coverages: table.distinct.count,
            labelOctets: offsets.end)
        let hasOctetEntries = kept.childCounts[Int(DomainTrieBuilder.octetRoot)] > 0
        let image = TrieImage(sizes: sizes, seed: seed, hasOctetEntries: hasOctetEntries)
        fill(image, layout, table, offsets.byLabel, kept.isKept)
        let keptCount = kept.isKept.reduce(0) { $1 ? $0 + 1 : $0 } - 2
        return DomainTrie(image: image, listSets: sets.flattened(), nodeCount: keptCount)
    }

    /// Each node's sets together with what its ancestors' wildcards add.
    private mutating func cumulativeCoverages() -> [TrieImage.Coverage] {
        var coverages: [TrieImage.Coverage] = []
        coverages.reserveCapacity(nodes.count)
        for (number, node) in nodes.enumerated() {
            let inherited = number < 2 ? 0 : coverages[Int(node.parent)].below
            coverages.append(
                TrieImage.Coverage(
                    exact: sets.union(inherited, node.exact), below: sets.union(inherited, node.below)))
        }
        return coverages
    }

    /// Nodes that say something which their parent does not imply, and the nodes above those.
    private func keptNodes(_ coverages: [TrieImage.Coverage]) -> (isKept: [Bool], childCounts: [UInt32]) {
        var isKept = [Bool](repeating: false, count: nodes.count)
        var childCounts = [UInt32](repeating: 0, count: nodes.count)
        for number in stride(from: nodes.count - 1, through: 2, by: -1) {
            let parent = Int(nodes[number].parent)
            let implied = coverages[parent].below
            let saysNothingNew = coverages[number].exact == implied && coverages[number].below == implied
            if childCounts[number] == 0, saysNothingNew { continue }
            isKept[number] = true
            childCounts[parent] += 1
        }
        isKept[0] = true
        isKept[1] = true
        return (isKept, childCounts)
    }

    private func fill(
        _ image: TrieImage, _ layout: NodeLayout, _ table: CoverageTable, _ labelOffsets: [UInt32], _ isKept: [Bool]
    ) {
        for (index, coverage) in table.distinct.enumerated() { unsafe image.coverages[index] = coverage }
        unsafe labels.copy(to: image.labels, offsets: labelOffsets)
        for number in nodes.indices where isKept[number] {
            let innerIndex = layout.innerIndex[number]
            if innerIndex != NodeLayout.leaf {
                let region = layout.regions[Int(innerIndex)]
                unsafe image.innerNodes[Int(innerIndex)] = TrieImage.InnerNode(
                    coverage: table.index[number], firstSlot: region.first, slotCount: region.count)
            }
            guard number >= 2 else { continue }
            let hash = labels.hash(of: nodes[number].label)
            let isInner = innerIndex != NodeLayout.leaf
            let slot = TrieImage.Slot(
                labelOffset: Int(labelOffsets[Int(nodes[number].label)]), tag: TrieImage.tag(of: hash),
                isInner: isInner, index: Int(isInner ? innerIndex : table.index[number]))
            let region = layout.regions[Int(layout.innerIndex[Int(nodes[number].parent)])]
            unsafe DomainTrieBuilder.place(slot, hash: hash, in: image.slots, region: region)
        }
    }

    private static func place(
        _ slot: TrieImage.Slot, hash: UInt64, in slots: UnsafeMutableBufferPointer<TrieImage.Slot>,
        region: NodeLayout.Region
    ) {
        var position = TrieImage.home(of: hash, slotCount: region.count)
        while unsafe !slots[Int(region.first) + position].isEmpty {
            position = position + 1 == Int(region.count) ? 0 : position + 1
        }
        unsafe slots[Int(region.first) + position] = slot
    }
}

/// Which node gets which entry in `innerNodes` and which region of slots.
private struct NodeLayout {
    struct Region {
        var first: UInt32
        var count: UInt32
    }

    static let leaf = UInt32.max
    /// Per node: its index among the nodes with children, or `leaf`.
    var innerIndex: [UInt32]
    var regions: [Region] = []
    var slotCount = 0
    var innerCount: Int { regions.count }

    init(nodes: [DomainTrieBuilder.Node], isKept: [Bool], childCounts: [UInt32]) throws(DomainTrieError) {
        innerIndex = [UInt32](repeating: NodeLayout.leaf, count: nodes.count)
        for number in nodes.indices where isKept[number] && (childCounts[number] > 0 || number < 2) {
            let children = Int(childCounts[number])
            // A quarter more than needed keeps searches to a few neighbouring slots; a handful is searched whole.
            let slots = children <= 4 ? children : children + children / 4
            innerIndex[number] = UInt32(regions.count)
            regions.append(Region(first: UInt32(truncatingIfNeeded: slotCount), count: UInt32(slots)))
            slotCount += slots
        }
        guard regions.count <= TrieImage.Slot.maximumIndex, slotCount <= Int(UInt32.max) else { throw .tooLarge }
    }
}

/// Distinct coverages, and which of them each node has.
private struct CoverageTable {
    var distinct: [TrieImage.Coverage] = []
    var index: [UInt32]

    init(_ coverages: inout [TrieImage.Coverage], isKept: [Bool]) {
        index = [UInt32](repeating: 0, count: coverages.count)
        var known: [TrieImage.Coverage: UInt32] = [:]
        // Neighbours mostly come from one list: remember the last one.
        var last = (coverage: TrieImage.Coverage(exact: .max, below: .max), number: UInt32(0))
        for number in coverages.indices where isKept[number] {
            let coverage = coverages[number]
            if coverage != last.coverage {
                if known[coverage] == nil {
                    known[coverage] = UInt32(distinct.count)
                    distinct.append(coverage)
                }
                last = (coverage, known[coverage] ?? 0)
            }
            index[number] = last.number
        }
        coverages = []
    }
}

package enum DomainTrieError: Error, Equatable, Sendable {
    /// More distinct names than the layout can number.
    case tooLarge
}
