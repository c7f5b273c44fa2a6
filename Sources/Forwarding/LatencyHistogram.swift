/// How long something took, counted by bounds that grow by 2 or 2.5, from 10 µs to 5 s.
package struct LatencyHistogram: Sendable {
    /// Nanoseconds; a count is of what took so long at most, and longer than the bound before.
    package static let bounds: [UInt64] = [
        10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
        50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000,
    ]
    private static let bucketCount = 19

    /// One for each bound, and one for what took longer.
    private var buckets = InlineArray<19, UInt64>(repeating: 0)
    package private(set) var sumNanoseconds: UInt64 = 0

    package init() {}

    /// Counts `times` that took as long. Does not allocate.
    package mutating func note(_ nanoseconds: UInt64, times: UInt64 = 1) {
        var bucket = 0
        while bucket < LatencyHistogram.bounds.count, nanoseconds > LatencyHistogram.bounds[bucket] { bucket += 1 }
        buckets[bucket] += times
        sumNanoseconds += nanoseconds * times
    }

    /// How many there are.
    package var count: UInt64 { cumulativeCounts.last ?? 0 }

    /// For each bound how many took so long at most; the last one is the count of all.
    package var cumulativeCounts: [UInt64] {
        var total: UInt64 = 0
        return (0..<LatencyHistogram.bucketCount).map { bucket in
            total += buckets[bucket]
            return total
        }
    }

    package static func += (left: inout LatencyHistogram, right: LatencyHistogram) {
        for bucket in 0..<bucketCount { left.buckets[bucket] += right.buckets[bucket] }
        left.sumNanoseconds += right.sumNanoseconds
    }
}
