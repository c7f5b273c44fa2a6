import DNSWire
import Foundation
import QueryLog
import Testing

@testable import RecentDecisions

@Suite struct RecentDecisionsTests {
    @Test func `a decision says who asked what, and which rule acted`() throws {
        let decisions = RecentDecisions(wantsExtension: true)
        try decisions.note("Ads.EXAMPLE.", .block, client: "10.1.2.3:4444", matched: "x.cdn.example", rcode: .nxDomain)
        let decision = try #require(decisions.newest(1).first)
        let json = try JSONEncoder().encode(decision)
        let members = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect(members["name"] as? String == "ads.example." && members["type"] as? String == "A")
        #expect(members["client"] as? String == "10.1.2.3" && members["vpc"] as? String == "vpc-01e31a7c")
        #expect(members["action"] as? String == "BLOCK" && members["rcode"] as? String == "NXDOMAIN")
        #expect(members["time"] as? String == "2021-12-11T22:48:33.250Z" && members["milliseconds"] as? Double == 1.234)
        #expect(members["matchedName"] as? String == "x.cdn.example." && members["number"] as? Int == 1)
        let rule = try #require(members["rule"] as? [String: String])
        #expect(rule == ["group": "group", "name": "Rule 1", "list": "list 1", "action": "BLOCK"])
    }

    @Test func `a name of any octets is ASCII without control characters`() throws {
        let decisions = RecentDecisions(wantsExtension: true)
        try decisions.note(#"\000\027[31m\226\128\174<script>.example"#)
        #expect(decisions.newest(1).first?.name == #"\000\027[31m\226\128\174<script>.example."#)
    }

    @Test(arguments: [
        ([("action", "block")], ["a.example.", "c.other."]), ([("action", "alert,ALLOW")], ["b.example.", "d.other."]),
        ([("name", "EXAMPLE")], ["a.example.", "b.example."]), ([("client", "10.0.0.2")], ["b.example."]),
        ([("client", "10.0.0.0/8")], ["a.example.", "b.example.", "c.other."]),
        ([("client", "2001:db8::/32")], ["d.other."]),
        ([("rule", "rule 0")], ["b.example."]), ([("text", "LIST 1")], ["a.example.", "c.other."]),
        ([("text", "2001:db8")], ["d.other."]), ([("text", "example"), ("action", "block")], ["a.example."]),
        ([("action", ""), ("other", "x")], ["a.example.", "b.example.", "c.other.", "d.other."]),
    ])
    func `a filter lets through what fits all of it`(parameters: [(String, String)], expected: [String]) throws {
        let decisions = RecentDecisions(wantsExtension: false)
        try decisions.note("a.example", .block, client: "10.0.0.1")
        try decisions.note("b.example", .alert, client: "10.0.0.2")
        try decisions.note("c.other", .block, client: "10.0.0.3")
        try decisions.note("d.other", client: "[2001:db8::1]:5353")
        let filter = try DecisionFilter(parameters.map { (name: $0.0, value: $0.1) })
        #expect(decisions.newest(10, filter).map(\.name) == expected)
        let stream = try #require(decisions.open(filter, recent: 0))
        try decisions.note("a.example", .block, client: "10.0.0.1", tick: 1)
        #expect(stream.take().decisions.isEmpty == !expected.contains("a.example."))
    }

    @Test(arguments: [("action", "drop"), ("action", "block,"), ("client", "host"), ("client", "10.0.0.1/8")])
    func `a filter that makes no sense is refused`(name: String, value: String) {
        if value == "block," {
            #expect((try? DecisionFilter([(name, value)]))?.actions == [.block])
        } else {
            #expect(throws: DecisionFilterError.self) { try DecisionFilter([(name, value)]) }
        }
    }

    @Test func `a stream begins with the newest ones, then has each once, in order`() throws {
        let decisions = RecentDecisions(wantsExtension: false)
        for number in 0..<5 { try decisions.note("\(number).example") }
        let stream = try #require(decisions.open(DecisionFilter(), recent: 2))
        for number in 5..<8 { try decisions.note("\(number).example") }
        #expect(stream.take().decisions.map(\.name) == (3..<8).map { "\($0).example." })
        #expect(stream.take().decisions.isEmpty)
        decisions.end(stream, isDropped: false)
        try decisions.note("8.example")
        #expect(stream.take().decisions.isEmpty)
    }

    @Test func `what a stream has no room for is counted, and told to who watches`() throws {
        let decisions = RecentDecisions(wantsExtension: false)
        let stream = try #require(decisions.open(DecisionFilter(), recent: 0))
        for number in 0..<DecisionStream.bufferedDecisions + 7 { try decisions.note("x.example", tick: number / 100) }
        let batch = stream.take()
        #expect(batch.decisions.count == DecisionStream.bufferedDecisions && batch.missedCount == 7)
        #expect(stream.take().missedCount == 0)
        decisions.end(stream, isDropped: true)
        let counts = decisions.overview(seconds: 1, minutes: 1, limit: 1, at: 0).streams
        #expect(counts.open == 0 && counts.dropped == 1 && counts.missedDecisions == 7)
    }

    @Test func `there are as many streams as there may be, and one that ends makes room`() throws {
        let decisions = RecentDecisions(wantsExtension: false)
        let streams = (0..<RecentDecisions.streamLimit).map { _ in decisions.open(DecisionFilter(), recent: 1) }
        #expect(streams.allSatisfy { $0 != nil })
        #expect(decisions.open(DecisionFilter(), recent: 1) == nil)
        decisions.end(try #require(streams[3]), isDropped: false)
        #expect(decisions.open(DecisionFilter(), recent: 1) != nil)
    }

    @Test func `old decisions are let go, and what was looked at is counted`() throws {
        let decisions = RecentDecisions(wantsExtension: false)
        let count = 3 * RecentDecisions.keptDecisions
        for number in 0..<count { try decisions.note("\(number).example", tick: number) }
        let kept = decisions.newest(count)
        #expect(kept.count == RecentDecisions.keptDecisions && kept.last?.number == count)
        #expect(kept.map(\.number) == Array(count - kept.count + 1...count))
    }

    @Test func `the overview has what was blocked most, by whom and by which rules`() throws {
        let decisions = RecentDecisions(wantsExtension: false)
        for number in 0..<6 { try decisions.note("a.example", .block, client: "10.0.0.\(number % 2)") }
        for _ in 0..<2 { try decisions.note("b.example", .block, client: "10.0.0.0") }
        for _ in 0..<9 { try decisions.note("c.example", client: "10.0.0.9") }
        try decisions.note("d.example", .alert, client: "10.0.0.9")
        let overview = decisions.overview(seconds: 10, minutes: 60, limit: 2, at: 1_639_262_913)
        #expect(overview.topNames == [.init(name: "a.example.", count: 6), .init(name: "b.example.", count: 2)])
        #expect(
            overview.topClients == [
                .init(client: "10.0.0.9", count: 10, blocked: 0), .init(client: "10.0.0.0", count: 5, blocked: 5),
            ])
        #expect(overview.topRules.map(\.count) == [8, 1] && overview.topRules.first?.rule.name == "Rule 1")
        #expect(overview.seenCount == 18)
    }

    @Test func `of very many only a part is looked at`() throws {
        let decisions = RecentDecisions(wantsExtension: false)
        for _ in 0..<RecordBudget.perTick + 100 { try decisions.note("x.example") }
        #expect(decisions.newest(1000).count == RecordBudget.perTick)
        try decisions.note("y.example", tick: 1)
        #expect(decisions.newest(1).first?.name == "y.example.")
    }
}

@Suite struct RecordBudgetTests {
    private let start: UInt64 = 1_639_262_913_000_000_000

    @Test func `a second has about two thousand, spread over it`() {
        var budget = RecordBudget()
        let taken = (0..<1_000_000).map { budget.take(at: start + UInt64($0) * 1000) }
        #expect((1900...2200).contains(taken.count { $0 }))
        for tenth in 0..<10 { #expect(taken[tenth * 100_000..<(tenth + 1) * 100_000].contains(true)) }
    }

    @Test func `records a little out of order open no new budget, a clock that is set back does`() {
        var budget = RecordBudget()
        let first = (0..<RecordBudget.perTick).map { _ in budget.take(at: start) }
        #expect(!first.contains(false))
        let later = [start, start - 500_000_000, start - 3_600_000_000_000].map { budget.take(at: $0) }
        #expect(later == [false, false, true])
    }
}
