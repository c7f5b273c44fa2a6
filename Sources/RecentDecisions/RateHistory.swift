/// What the resolver has done since its start.
package struct DecisionTotals: Sendable, Equatable, Encodable {
    package var queries: UInt64 = 0
    package var blocked: UInt64 = 0
    package var alerted: UInt64 = 0
    package var cacheHits: UInt64 = 0
    package var forwarded: UInt64 = 0
    package var servFail: UInt64 = 0
    package var refused: UInt64 = 0
    package var rateLimited: UInt64 = 0

    package init() {}
}

/// How many queries there were in each of the last 3,600 seconds: what counters said at the end of each of them.
struct RateHistory: Sendable {
    static let seconds = 3600

    private struct Sample {
        var second: Int
        var queries: UInt64
        var blocked: UInt64
        var alerted: UInt64
        var cacheHits: UInt64
    }

    /// By second modulo its size; one more than there are differences.
    private var samples: [Sample?] = Array(repeating: nil, count: RateHistory.seconds + 1)
    private var last: Sample?

    /// Takes down what the counters say. Seconds for which nobody has asked share what was counted meanwhile.
    mutating func note(_ totals: DecisionTotals, at second: Int) {
        let sample = Sample(
            second: second, queries: totals.queries, blocked: totals.blocked, alerted: totals.alerted,
            cacheHits: totals.cacheHits)
        if let last, second > last.second + 1, second - last.second < RateHistory.seconds {
            for missed in last.second + 1..<second { put(between(last, sample, at: missed)) }
        }
        put(sample)
        last = sample
    }

    private mutating func put(_ sample: Sample) { samples[sample.second % samples.count] = sample }

    private func between(_ start: Sample, _ end: Sample, at second: Int) -> Sample {
        let (passed, all) = (UInt64(second - start.second), UInt64(end.second - start.second))
        func value(_ low: UInt64, _ high: UInt64) -> UInt64 { low + (high - low) * passed / all }
        return Sample(
            second: second, queries: value(start.queries, end.queries), blocked: value(start.blocked, end.blocked),
            alerted: value(start.alerted, end.alerted), cacheHits: value(start.cacheHits, end.cacheHits))
    }

    /// The rates of so many seconds, or of as many as are known; the oldest first.
    func rates(seconds: Int) -> DecisionRates {
        var rates = DecisionRates(lastSecond: last?.second ?? 0)
        guard let last else { return rates }
        let count = max(0, min(seconds, RateHistory.seconds, last.second))
        for second in (last.second - count + 1)..<(last.second + 1) {
            guard let from = sample(second - 1), let to = sample(second) else { continue }
            rates.queries.append(Int(to.queries) - Int(from.queries))
            rates.blocked.append(Int(to.blocked) - Int(from.blocked))
            rates.alerted.append(Int(to.alerted) - Int(from.alerted))
            rates.cacheHits.append(Int(to.cacheHits) - Int(from.cacheHits))
        }
        return rates
    }

    private func sample(_ second: Int) -> Sample? {
        let sample = samples[second % samples.count]
        return sample?.second == second ? sample : nil
    }
}

/// Queries in each second, the oldest first; what is neither blocked nor alerted was let through or had no verdict.
package struct DecisionRates: Sendable, Equatable, Encodable {
    /// Which second the last value is of, counted from 1970.
    package var lastSecond: Int
    package var queries: [Int] = []
    package var blocked: [Int] = []
    package var alerted: [Int] = []
    package var cacheHits: [Int] = []

    package init(lastSecond: Int) { self.lastSecond = lastSecond }
}
