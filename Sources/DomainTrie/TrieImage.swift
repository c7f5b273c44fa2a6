import CMemoryShims
import DNSWire
import Glibc

/// The octets of a trie: a header of section offsets, then the sections drawn at `DomainTrie`.
///
/// Everything in it is in the machine's byte order and 8-octet aligned, so it can be used where it lies.
@safe final class TrieImage: Sendable {
    /// The storage: allocated by `init(sizes:)` or mapped, given back in `deinit`, never written after the builder has
    /// handed it on. That is also why sharing it between threads is safe.
    nonisolated(unsafe) private let base: UnsafeMutableRawPointer
    /// What `base` lies in, if it has been mapped.
    private let file: MappedFile?
    let octetCount: Int
    let seed: UInt64
    let hasOctetEntries: Bool
    /// The place of the root of octet-wise entries; that of the other root is 0.
    let octetRoot: Int
    private let sections: Sections

    struct Sections: Sendable {
        var slots = 0
        var coverages = 0
        var labels = 0
        var end = 0
    }

    struct Sizes: Equatable, Sendable {
        /// Those of nodes with children included, one each.
        var slots: Int
        var coverages: Int
        var labelOctets: Int

        var sections: Sections {
            func aligned(_ octets: Int) -> Int { (octets + 7) & ~7 }
            var sections = Sections()
            sections.coverages = sections.slots + slots * MemoryLayout<Slot>.stride
            sections.labels = sections.coverages + aligned(coverages * MemoryLayout<Coverage>.stride)
            // Eight octets of slack: labels are compared in words of eight.
            sections.end = sections.labels + aligned(labelOctets + 8)
            return sections
        }
    }

    let sizes: Sizes

    init(sizes: Sizes, seed: UInt64, hasOctetEntries: Bool, octetRoot: Int) {
        let sections = sizes.sections
        octetCount = sections.end
        self.sizes = sizes
        self.sections = sections
        self.seed = seed
        self.hasOctetEntries = hasOctetEntries
        self.octetRoot = octetRoot
        file = nil
        // All zeros, and a page of it takes no memory before something is written there.
        guard let zeros = unsafe calloc(1, sections.end) else { fatalError("no memory for a trie") }
        unsafe base = zeros
        unsafe TrieImage.preferHugePages(zeros, octets: sections.end)
    }

    /// The image at `offset` of a mapped file, which is at least that long. Nothing may be looked up in it before
    /// `isSound` has said that it can be.
    init(sizes: Sizes, seed: UInt64, hasOctetEntries: Bool, octetRoot: Int, in file: MappedFile, at offset: Int) {
        let sections = sizes.sections
        octetCount = sections.end
        self.sizes = sizes
        self.sections = sections
        self.seed = seed
        self.hasOctetEntries = hasOctetEntries
        self.octetRoot = octetRoot
        self.file = file
        unsafe base = file.base + offset
    }

    /// Look-ups go all over it: with pages of 2 MiB where the system has them (madvise(2)), addresses are found sooner.
    private static func preferHugePages(_ base: UnsafeMutableRawPointer, octets: Int) {
        let pageOctets = Int(getpagesize())
        let skipped = -Int(bitPattern: base) & (pageOctets - 1)
        guard octets - skipped >= 4 << 20 else { return }
        // Advice that is not taken does no harm.
        unsafe madvise(base + skipped, (octets - skipped) & ~(pageOctets - 1), MADV_HUGEPAGE)
    }

    deinit { if file == nil { unsafe free(base) } }

    /// All of it, for writing it out.
    func withOctets<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: base, count: octetCount))
    }
}

extension TrieImage {
    /// Whether every number that a look-up follows leads to something within its section: then no look-up leaves the
    /// image, whatever the octets say. O(nodes).
    /// - Parameter setCount: list sets that coverages may name.
    func isSound(setCount: Int) -> Bool {
        guard sizes.labelOctets >= 1, let isNode = nodePlaces(), isNode[0], octetRoot < sizes.slots, isNode[octetRoot]
        else { return false }
        for index in 0..<sizes.coverages {
            let coverage = coverage(index)
            guard coverage.exact < setCount, coverage.below < setCount else { return false }
        }
        let labels = unsafe base + sections.labels
        for place in 0..<sizes.slots where !isNode[place] {
            let slot = slot(place)
            guard slot.isInner ? slot.index < sizes.slots && isNode[slot.index] : slot.index < sizes.coverages,
                slot.labelOffset < sizes.labelOctets
            else { return false }
            let length = unsafe Int(labels.load(fromByteOffset: slot.labelOffset, as: UInt8.self))
            guard slot.labelOffset + 1 + length <= sizes.labelOctets else { return false }
        }
        return true
    }

    /// By place of the section of slots, whether a node is there; nil where their regions do not fill it.
    private func nodePlaces() -> [Bool]? {
        var isNode = [Bool](repeating: false, count: sizes.slots)
        var place = 0
        while place < sizes.slots {
            let node = innerNode(place)
            guard node.coverage < sizes.coverages else { return nil }
            isNode[place] = true
            place += 1 + Int(node.slotCount)
        }
        return place == sizes.slots && sizes.slots > 0 ? isNode : nil
    }
}

extension TrieImage {
    /// A node with children. It stands in the slot before its region, so that one wait for memory is for both.
    struct InnerNode {
        var coverage: UInt32
        var firstSlot: Int
        var slotCount: UInt32

        init(coverage: UInt32, firstSlot: Int, slotCount: UInt32) {
            self.coverage = coverage
            self.firstSlot = firstSlot
            self.slotCount = slotCount
        }

        init(_ slot: Slot, at place: Int) {
            coverage = UInt32(truncatingIfNeeded: slot.bits)
            firstSlot = place &+ 1
            slotCount = UInt32(truncatingIfNeeded: slot.bits >> 32)
        }

        var slot: Slot { Slot(bits: UInt64(slotCount) << 32 | UInt64(coverage)) }
    }

    /// Sets of the name itself and of the names below it.
    struct Coverage: Hashable {
        var exact: ListSetID
        var below: ListSetID
    }

    /// A child: where its label is, eight bits of its hash to tell most others apart without looking there, and itself.
    struct Slot {
        var bits: UInt64

        static let maximumIndex = 1 << 25 - 1
        static let maximumLabelOffset = 1 << 30 - 1

        init(bits: UInt64) { self.bits = bits }

        /// - Parameter index: a place of this section, or a coverage.
        init(labelOffset: Int, tag: UInt64, isInner: Bool, index: Int) {
            bits = UInt64(labelOffset) << 34 | tag << 26 | (isInner ? 1 << 25 : 0) | UInt64(index)
        }

        /// The label pool's first octet is not used, so that no child is all zeros.
        var isEmpty: Bool { bits == 0 }
        var labelOffset: Int { Int(bits >> 34) }
        var tag: UInt64 { bits >> 26 & 0xFF }
        var isInner: Bool { bits >> 25 & 1 != 0 }
        var index: Int { Int(bits & 0x1FF_FFFF) }
    }

    /// The hash of a label of one octet, or, for nil, of the empty label.
    static func hash(of octet: UInt8?, seed: UInt64) -> UInt64 {
        let label: InlineArray<16, UInt8> = [octet ?? 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        return unsafe OctetHash.of(label.span.bytes, from: 0, octets: octet == nil ? 0 : 1, seed: seed)
    }

    /// The hash of the label at `offset`.
    func hash(ofLabelAt offset: Int) -> UInt64 {
        unsafe OctetHash.of(labelAt: offset, in: UnsafeRawBufferPointer(labels).bytes, seed: seed)
    }

    /// The bits of a label's hash that a slot keeps; the slot's place comes from the upper half.
    static func tag(of hash: UInt64) -> UInt64 { hash & 0xFF }

    /// Where the search for a label of this hash begins.
    static func home(of hash: UInt64, slotCount: UInt32) -> Int { Int(((hash >> 32) &* UInt64(slotCount)) >> 32) }

    // Every index below comes from a slot or an internal node that the builder wrote, within the sections it sized.

    func innerNode(_ place: Int) -> InnerNode { InnerNode(slot(place), at: place) }

    private func slot(_ place: Int) -> Slot {
        unsafe (base + sections.slots).assumingMemoryBound(to: Slot.self)[place]
    }

    func coverage(_ index: some BinaryInteger) -> Coverage {
        unsafe (base + sections.coverages).assumingMemoryBound(to: Coverage.self)[Int(index)]
    }

    /// The child of `node` whose label is the one of a name's wire form whose length octet is at `start`.
    @inline(__always)
    func child(of node: InnerNode, _ wire: RawSpan, labelAt start: Int) -> Slot? {
        var probe = Probe(node, hash: OctetHash.of(labelAt: start, in: wire, seed: seed))
        while let slot = next(&probe) {
            if label(at: slot.labelOffset, equals: wire, at: start) { return slot }
        }
        return nil
    }

    /// The child of `node` whose label is this one octet, or, for nil, the empty label.
    func child(of node: InnerNode, octet: UInt8?) -> Slot? {
        var probe = Probe(node, hash: TrieImage.hash(of: octet, seed: seed))
        while let slot = next(&probe) {
            if label(at: slot.labelOffset, equals: octet) { return slot }
        }
        return nil
    }

    /// A search through a node's region, from the place where the label's hash belongs to the first free slot.
    private struct Probe {
        let first: Int
        let count: Int
        let tag: UInt64
        var position: Int
        var remaining: Int

        init(_ node: InnerNode, hash: UInt64) {
            first = node.firstSlot
            count = Int(node.slotCount)
            tag = TrieImage.tag(of: hash)
            position = TrieImage.home(of: hash, slotCount: node.slotCount)
            remaining = count
        }
    }

    /// The next slot with the probe's tag.
    @inline(__always)
    private func next(_ probe: inout Probe) -> Slot? {
        let region = unsafe (base + sections.slots).assumingMemoryBound(to: Slot.self) + probe.first
        while probe.remaining > 0 {
            let slot = unsafe region[probe.position]
            if slot.isEmpty { return nil }
            probe.position = probe.position &+ 1 == probe.count ? 0 : probe.position &+ 1
            probe.remaining &-= 1
            if slot.tag == probe.tag { return slot }
        }
        return nil
    }

    /// Whether the pool's label at `offset` is the label of a name's wire form whose length octet is at `start`.
    @inline(__always)
    private func label(at offset: Int, equals wire: RawSpan, at start: Int) -> Bool {
        let label = unsafe base + sections.labels + offset
        let length = Int(wire.octet(at: start))
        guard unsafe label.load(as: UInt8.self) == UInt8(truncatingIfNeeded: length) else { return false }
        var done = 0
        while done < length {
            let mask = OctetHash.lowOctets(min(8, length &- done))
            let word = unsafe UInt64(littleEndian: (label + 1 + done).loadUnaligned(as: UInt64.self))
            if (word ^ wire.word(at: start &+ 1 &+ done)) & mask != 0 { return false }
            done &+= 8
        }
        return true
    }

    /// Whether the pool's label at `offset` is this one octet, or, for nil, empty.
    private func label(at offset: Int, equals octet: UInt8?) -> Bool {
        let label = unsafe base + sections.labels + offset
        let length = unsafe label.load(as: UInt8.self)
        guard let octet else { return length == 0 }
        return unsafe length == 1 && (label + 1).load(as: UInt8.self) == octet
    }

    // MARK: Looking ahead

    /// Has the place fetched where the search for a label of this hash begins; returns it, or 0 for a node without slots.
    func prefetchChild(of node: InnerNode, hash: UInt64) -> Int {
        guard node.slotCount > 0 else { return 0 }
        let place = node.firstSlot &+ TrieImage.home(of: hash, slotCount: node.slotCount)
        unsafe sekisho_prefetch(base + sections.slots + place * MemoryLayout<Slot>.stride)
        return place
    }

    /// Has the label and the node fetched that a slot leads to, if it is probably the one that is looked for.
    func prefetchLabel(of place: Int, tag: UInt64) {
        let slot = slot(place)
        guard !slot.isEmpty, slot.tag == tag else { return }
        unsafe sekisho_prefetch(base + sections.labels + slot.labelOffset)
        if slot.isInner { unsafe sekisho_prefetch(base + sections.slots + slot.index * MemoryLayout<Slot>.stride) }
    }

    // MARK: Filling, for the builder alone

    var slots: UnsafeMutableBufferPointer<Slot> { unsafe section(sections.slots, until: sections.coverages) }
    var coverages: UnsafeMutableBufferPointer<Coverage> { unsafe section(sections.coverages, until: sections.labels) }
    var labels: UnsafeMutableBufferPointer<UInt8> { unsafe section(sections.labels, until: sections.end) }

    private func section<Element>(_ start: Int, until end: Int) -> UnsafeMutableBufferPointer<Element> {
        let first = unsafe (base + start).assumingMemoryBound(to: Element.self)
        return unsafe UnsafeMutableBufferPointer(start: first, count: (end - start) / MemoryLayout<Element>.stride)
    }
}
