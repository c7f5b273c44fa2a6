import Foundation

/// How often answers took how long: 32 steps for each doubling, so within some three hundredths of the truth.
struct LatencyHistogram: CustomStringConvertible {
    private static let steps = 32
    private var counts = [UInt32](repeating: 0, count: 64 * steps)

    private static func bucket(_ nanoseconds: UInt64) -> Int {
        guard nanoseconds >= UInt64(steps) else { return Int(nanoseconds) }
        let doubling = 63 - nanoseconds.leadingZeroBitCount
        // The five bits below the highest one.
        return (doubling - 4) * steps + Int(nanoseconds >> UInt64(doubling - 5)) - steps
    }

    /// The least value of a bucket, in microseconds.
    private static func microseconds(_ bucket: Int) -> Double {
        guard bucket >= steps else { return Double(bucket) / 1000 }
        let (doubling, step) = (bucket / steps + 4, bucket % steps)
        return Double(UInt64(steps + step) << UInt64(doubling - 5)) / 1000
    }

    mutating func add(nanoseconds: UInt64) { counts[LatencyHistogram.bucket(nanoseconds)] += 1 }

    mutating func add(_ other: LatencyHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    static func sum(_ histograms: some Sequence<LatencyHistogram>) -> LatencyHistogram {
        histograms.reduce(into: LatencyHistogram()) { $0.add($1) }
    }

    /// Microseconds that this part of all answers took at most.
    func percentile(_ part: Double) -> Double {
        let total = counts.reduce(UInt64(0)) { $0 + UInt64($1) }
        var left = UInt64(Double(total) * part)
        for (bucket, count) in counts.enumerated() where count > 0 {
            if left < UInt64(count) { return LatencyHistogram.microseconds(bucket) }
            left -= UInt64(count)
        }
        return LatencyHistogram.microseconds(counts.lastIndex { $0 > 0 } ?? 0)
    }

    var description: String {
        String(
            format: "p50 %.0f µs, p99 %.0f µs, p99.9 %.0f µs", percentile(0.5), percentile(0.99), percentile(0.999))
    }
}
