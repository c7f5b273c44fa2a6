import TestSupport
import Testing

@testable import RecentDecisions

@Suite struct HeavyHittersTests {
    /// Keys as they come in life: few come often, many once. Zipf's law, with the ranks as keys.
    private func keys(_ count: Int, seed: UInt64) -> [Int] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Int(1 / Double.random(in: 0.0001..<1, using: &generator)) }
    }

    @Test func `what fits is counted exactly`() {
        var hitters = HeavyHitters<Int>(capacity: 5)
        for key in [1, 2, 1, 3, 1, 2] { hitters.add(key, isBlocked: key == 2) }
        #expect(
            Set(hitters.counts.map { [$0.key, $0.count, $0.inherited, $0.blocked] }) == [
                [1, 3, 0, 0], [2, 2, 0, 2], [3, 1, 0, 0],
            ])
    }

    @Test(arguments: [1, 2, 7, 50, 200], [3, 11])
    func `no count is too low, none too high by more than it inherited, and no frequent key is missing`(
        capacity: Int, seed: UInt64
    ) {
        let keys = keys(20_000, seed: seed)
        var exact: [Int: Int] = [:]
        var hitters = HeavyHitters<Int>(capacity: capacity)
        for key in keys {
            exact[key, default: 0] += 1
            hitters.add(key)
        }
        #expect(hitters.counts.count == min(capacity, exact.count))
        #expect(hitters.counts.reduce(0) { $0 + $1.count } == keys.count)
        for count in hitters.counts {
            let real = exact[count.key] ?? 0
            #expect(count.count >= real && count.count - count.inherited <= real, "\(count)")
            #expect(count.inherited <= keys.count / capacity)
        }
        let there = Set(hitters.counts.map(\.key))
        for (key, count) in exact where count > keys.count / capacity {
            #expect(there.contains(key), "\(key): \(count)")
        }
    }

    @Test func `the last hour is shown, largest first, and what is older is let go`() {
        var hitters = RecentHitters<String>(capacity: 10)
        for _ in 0..<5 { hitters.add("old", at: 1000) }
        for second in stride(from: 1000, to: 4000, by: 100) { hitters.add("often", isBlocked: true, at: second) }
        hitters.add("new", at: 4000)
        #expect(hitters.top(2, seconds: 3600, at: 4000).map(\.key) == ["often", "old"])
        #expect(hitters.top(9, seconds: 3600, at: 4000).map(\.count) == [30, 5, 1])
        #expect(hitters.top(9, seconds: 3600, at: 4000).first?.blocked == 30)
        #expect(hitters.top(9, seconds: 60, at: 4000).map(\.key).contains("old") == false)
        hitters.add("new", at: 1000 + 3900)
        #expect(hitters.top(9, seconds: 3600, at: 4900).map(\.key) == ["often", "new"])
        #expect(RecentHitters<String>(capacity: 1).top(9, seconds: 60, at: 0).isEmpty)
    }

    @Test func `a clock that goes back adds to the newest part`() {
        var hitters = RecentHitters<Int>(capacity: 3)
        hitters.add(1, at: 10_000)
        hitters.add(1, at: 20)
        #expect(hitters.top(1, seconds: 60, at: 10_000).map(\.count) == [2])
    }
}
