package import DNSWire

/// Finds the value of the longest prefix that contains an address.
///
/// The prefixes are cut into disjoint ranges when the map is made, so a look-up is a binary search over their starts:
/// O(log prefixes), no allocation, IPv4 and IPv6 alike.
package struct AddressMap<Value: Sendable>: Sendable {
    /// Range `i` runs from `starts[i]` to just before `starts[i + 1]`.
    private var starts: [UInt128] = [0]
    private var values: [Value?] = [nil]

    /// - Parameter prefixes: where two are the same, the first one counts.
    package init(_ prefixes: [(cidr: CIDR, value: Value)]) {
        // Shorter prefixes first: longer ones are cut out of what is there.
        let ordered = prefixes.enumerated().sorted {
            ($0.element.cidr.prefixBits, -$0.offset) < ($1.element.cidr.prefixBits, -$1.offset)
        }
        var cuts: Set<UInt128> = [0]
        for (_, prefix) in ordered {
            cuts.insert(prefix.cidr.first.bits)
            if prefix.cidr.last.bits < .max { cuts.insert(prefix.cidr.last.bits + 1) }
        }
        starts = cuts.sorted()
        values = Array(repeating: nil, count: starts.count)
        for (_, prefix) in ordered {
            for index in index(of: prefix.cidr.first)...index(of: prefix.cidr.last) { values[index] = prefix.value }
        }
    }

    package subscript(address: IPAddress) -> Value? { values[index(of: address)] }

    /// The last range that starts at or before `address`; the first range starts at 0, so there is one.
    private func index(of address: IPAddress) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= address.bits { low = middle } else { high = middle }
        }
        return low
    }
}
