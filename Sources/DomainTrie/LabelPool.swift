import DNSWire

/// Distinct labels, numbered in the order in which they came.
struct LabelPool {
    private let seed: UInt64
    /// Each label with its length before it; then eight octets of slack, so that it can be read in words of eight.
    private var octets = [UInt8](repeating: 0, count: LabelPool.slack)
    private var starts: [UInt32] = []
    /// Open-addressed table of label numbers plus one; 0 is free.
    private var table = [UInt32](repeating: 0, count: 1 << 10)

    private static let slack = 8

    init(seed: UInt64) { self.seed = seed }

    /// The number of the label of a name's wire form whose length octet is at `start`.
    mutating func number(of wire: RawSpan, at start: Int) -> UInt32 {
        let count = Int(wire.octet(at: start)) + 1
        let label = wire.extracting(start...)
        var position = firstPosition(OctetHash.of(labelAt: 0, in: label, seed: seed))
        while table[position] != 0 {
            let number = table[position] - 1
            if unsafe octets.span.bytes.extracting(Int(starts[Int(number)])...).matches(label, octets: count) {
                return number
            }
            position = (position + 1) & (table.count - 1)
        }
        return append(label, count, at: position)
    }

    /// The number of the label of one octet, or, for nil, of the empty label.
    mutating func number(of octet: UInt8?) -> UInt32 {
        var label = InlineArray<16, UInt8>(repeating: 0)
        if let octet { (label[0], label[1]) = (1, octet) }
        return unsafe number(of: label.span.bytes, at: 0)
    }

    private mutating func append(_ label: RawSpan, _ count: Int, at position: Int) -> UInt32 {
        starts.append(UInt32(octets.count - LabelPool.slack))
        table[position] = UInt32(starts.count)
        octets.removeLast(LabelPool.slack)
        for offset in 0..<count { octets.append(label.octet(at: offset)) }
        octets.append(contentsOf: repeatElement(0, count: LabelPool.slack))
        return UInt32(starts.count - 1)
    }

    /// Grows the table before it is three quarters full, so that a free place exists and is near.
    private mutating func firstPosition(_ hash: UInt64) -> Int {
        if (starts.count + 1) * 4 > table.count * 3 { grow() }
        return Int(hash & UInt64(table.count - 1))
    }

    private mutating func grow() {
        table = [UInt32](repeating: 0, count: table.count * 2)
        for number in starts.indices {
            var position = Int(hash(of: UInt32(number)) & UInt64(table.count - 1))
            while table[position] != 0 { position = (position + 1) & (table.count - 1) }
            table[position] = UInt32(number + 1)
        }
    }

    func hash(of number: UInt32) -> UInt64 {
        unsafe OctetHash.of(labelAt: Int(starts[Int(number)]), in: octets.span.bytes, seed: seed)
    }

    /// New offsets for the labels in use, from 1 on, and where the last one ends; unused labels get 0.
    func offsets(used: some Sequence<UInt32>) -> (byLabel: [UInt32], end: Int) {
        var byLabel = [UInt32](repeating: 0, count: starts.count)
        var end = 1
        for label in used where !starts.isEmpty && byLabel[Int(label)] == 0 {
            byLabel[Int(label)] = UInt32(truncatingIfNeeded: end)
            end += Int(octets[Int(starts[Int(label)])]) + 1
        }
        return (byLabel, end)
    }

    func copy(to target: UnsafeMutableBufferPointer<UInt8>, offsets: [UInt32]) {
        for (number, offset) in offsets.enumerated() where offset != 0 {
            let start = Int(starts[number])
            for index in 0...Int(octets[start]) { unsafe target[Int(offset) + index] = octets[start + index] }
        }
    }
}
