import DNSWire

/// Labels one behind the other, each with its length before it. The first octet is nobody's, so that no label is at 0.
struct LabelPool {
    /// Ends with eight octets of slack, so that labels can be read in words of eight.
    private var octets = [UInt8](repeating: 0, count: LabelPool.firstLabel + LabelPool.slack)

    static let firstLabel = 1
    private static let slack = 8

    /// Octets in use, the first one among them.
    var end: Int { octets.count - LabelPool.slack }

    /// Room for so many octets more; what is not used of it is never touched.
    mutating func reserve(_ count: Int) { octets.reserveForGrowth(count) }

    /// Adds a label, `octetCount` octets long with its length, and says where it is.
    mutating func append(_ label: RawSpan, octetCount: Int) -> UInt32 {
        let start = end
        octets.removeLast(LabelPool.slack)
        for offset in 0..<octetCount { octets.append(label.octet(at: offset)) }
        octets.append(contentsOf: repeatElement(0, count: LabelPool.slack))
        return UInt32(start)
    }

    /// Whether the label at `start` is the one that `label` begins with, `octetCount` octets long.
    func matches(_ start: UInt32, _ label: RawSpan, octetCount: Int) -> Bool {
        unsafe octets.span.bytes.extracting(Int(start)...).matches(label, octets: octetCount)
    }

    func areEqual(_ first: UInt32, _ second: UInt32) -> Bool {
        let label = unsafe octets.span.bytes.extracting(Int(second)...)
        return matches(first, label, octetCount: Int(octets[Int(second)]) + 1)
    }

    func hash(at start: UInt32, seed: UInt64) -> UInt64 {
        unsafe OctetHash.of(labelAt: Int(start), in: octets.span.bytes, seed: seed)
    }

    /// Moves a label down to `target`, which lies not behind it, and moves `target` past it.
    /// - Returns: where the label is now.
    mutating func move(_ start: UInt32, to target: inout Int) -> UInt32 {
        let (from, to) = (Int(start), target)
        for index in 0...Int(octets[from]) { octets[to + index] = octets[from + index] }
        target += Int(octets[to]) + 1
        return UInt32(to)
    }

    /// Forgets what lies behind `end`.
    mutating func end(at end: Int) {
        octets.removeLast(self.end - end)
        for index in end..<octets.count { octets[index] = 0 }
    }

    func copy(to target: UnsafeMutableBufferPointer<UInt8>, count: Int) {
        for index in 0..<count { unsafe target[index] = octets[index] }
    }
}

extension Array {
    /// Room for so many elements more, at least twice what there is now: asking again and again costs no more than adding.
    mutating func reserveForGrowth(_ additional: Int) {
        if count + additional > capacity { reserveCapacity(Swift.max(count + additional, 2 * count)) }
    }
}
