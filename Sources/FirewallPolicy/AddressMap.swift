package import DNSWire

/// Finds the value of the longest prefix that contains an address.
///
/// The prefixes are cut into disjoint ranges when the map is made, so a look-up is a binary search over their starts:
/// O(log prefixes), no allocation, IPv4 and IPv6 alike.
package struct AddressMap<Value: Sendable>: Sendable {
    /// Range `i` runs from `starts[i]` to just before `starts[i + 1]`.
    @usableFromInline private(set) var starts: [UInt128] = [0]
    @usableFromInline private(set) var values: [Value?] = [nil]

    /// - Parameter prefixes: where two are the same, the first one counts.
    package init(_ prefixes: [(cidr: CIDR, value: Value)]) {
        // Shorter prefixes first: longer ones are cut out of what is there.
        let ordered = prefixes.enumerated().sorted {
            ($0.element.cidr.prefixBits, -$0.offset) < ($1.element.cidr.prefixBits, -$1.offset)
        }
        let ranges = ordered.flatMap { _, prefix in AddressMap.ranges(of: prefix.cidr).map { ($0, prefix.value) } }
        var cuts: Set<UInt128> = [0]
        for (range, _) in ranges {
            cuts.insert(range.lowerBound)
            if range.upperBound < .max { cuts.insert(range.upperBound + 1) }
        }
        starts = cuts.sorted()
        values = Array(repeating: nil, count: starts.count)
        for (range, value) in ranges {
            for index in index(of: range.lowerBound)...index(of: range.upperBound) { values[index] = value }
        }
    }

    /// An IPv6 prefix leaves out the mapped IPv4 addresses (`CIDR.contains`).
    private static func ranges(of cidr: CIDR) -> [ClosedRange<UInt128>] {
        guard cidr.coversMappedForms else { return [cidr.first.bits...cidr.last.bits] }
        let mapped = (first: IPAddress(v4: 0).bits, last: IPAddress(v4: .max).bits)
        let before = cidr.first.bits...mapped.first - 1
        return cidr.last.bits == mapped.last ? [before] : [before, mapped.last + 1...cidr.last.bits]
    }

    @inlinable package subscript(address: IPAddress) -> Value? { values[index(of: address.bits)] }

    /// The last range that starts at or before `address`; the first range starts at 0, so there is one.
    @inlinable func index(of bits: UInt128) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= bits { low = middle } else { high = middle }
        }
        return low
    }
}
