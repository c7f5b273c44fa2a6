import Testing

@testable import RecentDecisions

@Suite struct RateHistoryTests {
    private func totals(_ queries: UInt64, blocked: UInt64 = 0) -> DecisionTotals {
        var totals = DecisionTotals()
        (totals.queries, totals.blocked) = (queries, blocked)
        return totals
    }

    @Test func `each second has the difference of its counters`() {
        var history = RateHistory()
        for (second, count) in [10, 12, 12, 20].enumerated() {
            history.note(totals(UInt64(count), blocked: UInt64(count / 2)), at: 100 + second)
        }
        let rates = history.rates(seconds: 60)
        #expect(rates.queries == [2, 0, 8] && rates.blocked == [1, 0, 4] && rates.alerted == [0, 0, 0])
        #expect(rates.lastSecond == 103)
        #expect(history.rates(seconds: 1).queries == [8])
        #expect(history.rates(seconds: 0).queries.isEmpty)
    }

    @Test func `seconds for which nobody asked share what was counted meanwhile`() {
        var history = RateHistory()
        history.note(totals(0), at: 50)
        history.note(totals(10), at: 54)
        let rates = history.rates(seconds: 60).queries
        #expect(rates.count == 4 && rates.reduce(0, +) == 10 && rates.allSatisfy { (2...3).contains($0) })
    }

    @Test func `an hour is kept, whatever comes`() {
        var history = RateHistory()
        for second in 0..<9000 { history.note(totals(UInt64(second) * 3), at: second) }
        let rates = history.rates(seconds: 100_000).queries
        #expect(rates.count == RateHistory.seconds && rates.allSatisfy { $0 == 3 })
        history.note(totals(27_005), at: 20_000)
        #expect(history.rates(seconds: 3600).queries.isEmpty)
        history.note(totals(27_006), at: 20_001)
        #expect(history.rates(seconds: 3600).queries == [1])
    }

    @Test func `a clock that is set back begins anew`() {
        var history = RateHistory()
        history.note(totals(100), at: 5000)
        history.note(totals(101), at: 4000)
        history.note(totals(105), at: 4001)
        #expect(history.rates(seconds: 10).queries == [4])
        #expect(RateHistory().rates(seconds: 10).queries.isEmpty)
    }
}
