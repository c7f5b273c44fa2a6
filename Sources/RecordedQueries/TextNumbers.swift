import DNSWire

/// Numbers texts in the order in which they come, from 0 on; finds the number of one that has come before.
///
/// ```text
/// hash ─▶ slots: number + 1, 0 where free ─▶ ends: where each text ends in octets, filled up with zeros to words of eight
/// ```
package struct TextNumbers: Sendable {
    private var slots: [UInt32]
    private var entries: [Entry] = []
    private var octets: [UInt8] = []
    private let limit: Int
    private let seed = UInt64.random(in: .min ... .max)

    private struct Entry {
        var hash: UInt64
        var start: Int
        var count: Int
    }

    /// - Parameter limit: so many texts are taken at most.
    package init(limit: Int = .max) {
        self.limit = limit
        slots = Array(repeating: 0, count: 16)
    }

    package var count: Int { entries.count }

    package func octets(of number: Int) -> ArraySlice<UInt8> {
        let entry = entries[number]
        return octets[entry.start..<entry.start + entry.count]
    }

    /// The number of the text at `start` of `text`, or nil if it has not come yet. Eight more octets must be there.
    package func find(_ text: RawSpan, from start: Int, octets count: Int) -> Int? {
        let hash = OctetHash.of(text, from: start, octets: count, seed: seed)
        let slot = slot(hash, text, start, count)
        return slots[slot] == 0 ? nil : Int(slots[slot]) - 1
    }

    /// The same, and takes a text that has not come yet; nil if there are as many as there may be.
    package mutating func number(of text: RawSpan, from start: Int, octets count: Int) -> Int? {
        let hash = OctetHash.of(text, from: start, octets: count, seed: seed)
        let slot = slot(hash, text, start, count)
        if slots[slot] != 0 { return Int(slots[slot]) - 1 }
        guard entries.count < limit else { return nil }
        entries.append(Entry(hash: hash, start: octets.count, count: count))
        for offset in start..<start + count { octets.append(text.octet(at: offset)) }
        octets.append(contentsOf: repeatElement(0, count: 8 - count % 8))
        slots[slot] = UInt32(entries.count)
        if entries.count * 2 > slots.count { grow() }
        return entries.count - 1
    }

    /// Where the text is, or would be.
    private func slot(_ hash: UInt64, _ text: RawSpan, _ start: Int, _ count: Int) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let entry = entries[Int(slots[slot]) - 1]
            if entry.hash == hash, entry.count == count, isSame(entry, text, start) { break }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func isSame(_ entry: Entry, _ text: RawSpan, _ start: Int) -> Bool {
        let own = octets.span
        return unsafe own.bytes.extracting(entry.start...).matches(text.extracting(start...), octets: entry.count)
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for (number, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number + 1)
        }
    }
}

extension TextNumbers {
    /// The number of `text`, which is added.
    package mutating func number(of text: some StringProtocol) -> Int? {
        let octets = Array(text.utf8) + Array(repeating: 0, count: 8)
        return unsafe number(of: octets.span.bytes, from: 0, octets: octets.count - 8)
    }

    package func string(_ number: Int) -> String { String(decoding: octets(of: number), as: UTF8.self) }
}
