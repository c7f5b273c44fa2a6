import DNSWire

/// Distinct labels, numbered in the order in which they came.
struct LabelPool {
    private let seed: UInt64
    private var octets: [UInt8] = []
    private var starts: [UInt32] = []
    /// Open-addressed table of label numbers plus one; 0 is free.
    private var table = [UInt32](repeating: 0, count: 1 << 10)

    init(seed: UInt64) { self.seed = seed }

    /// The number of the label of `name` whose length octet is at `start`.
    mutating func number(of name: borrowing DomainName, at start: Int) -> UInt32 {
        let hash = OctetHash.of(labelAt: start, of: name, seed: seed)
        let length = Int(name[start])
        var position = firstPosition(hash)
        while table[position] != 0 {
            if equals(table[position] - 1, name, start, length) { return table[position] - 1 }
            position = (position + 1) & (table.count - 1)
        }
        let number = append(at: position)
        for offset in start...start + length { octets.append(name[offset]) }
        return number
    }

    /// The number of the label of one octet, or, for nil, of the empty label.
    mutating func number(of octet: UInt8?) -> UInt32 {
        let wanted: [UInt8] = octet.map { [1, $0] } ?? [0]
        var position = firstPosition(TrieImage.hash(of: octet, seed: seed))
        while table[position] != 0 {
            let start = Int(starts[Int(table[position] - 1)])
            if octets[start...].starts(with: wanted) { return table[position] - 1 }
            position = (position + 1) & (table.count - 1)
        }
        let number = append(at: position)
        octets.append(contentsOf: wanted)
        return number
    }

    private func equals(_ number: UInt32, _ name: borrowing DomainName, _ start: Int, _ length: Int) -> Bool {
        let own = Int(starts[Int(number)])
        for offset in 0...length where octets[own + offset] != name[start + offset] { return false }
        return true
    }

    /// Grows the table before it is three quarters full, so that a free place exists and is near.
    private mutating func firstPosition(_ hash: UInt64) -> Int {
        if (starts.count + 1) * 4 > table.count * 3 { grow() }
        return Int(hash & UInt64(table.count - 1))
    }

    private mutating func append(at position: Int) -> UInt32 {
        starts.append(UInt32(octets.count))
        table[position] = UInt32(starts.count)
        return UInt32(starts.count - 1)
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
        let start = Int(starts[Int(number)])
        return OctetHash.of(octets.span.extracting(start + 1..<start + 1 + Int(octets[start])), seed: seed)
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
