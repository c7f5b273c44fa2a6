import AdminServer
import DNSWire
import Dispatch
import Foundation
import RecentDecisions
import ResolverEngine

/// What the live page, `top` and `tail` are told of a running server.
final class LiveView: Sendable {
    let decisions: RecentDecisions
    private let feeds: FeedControl
    private let started = Date.now
    private let queue = DispatchQueue(label: "sekisho.live", qos: .utility)

    init(_ decisions: RecentDecisions, _ feeds: FeedControl) {
        self.decisions = decisions
        self.feeds = feeds
    }

    var interface: LiveInterface {
        LiveInterface(decisions: decisions) { [feeds] name, change in try JSONText.of(feeds.change(name, change)) }
    }

    /// What answers under `/api/v1/`.
    var handlers: [String: ControlHandler] {
        ["overview": overview, "feeds": { [feeds] _ in try JSONText.of(feeds.reports()) }]
    }

    /// Asks for the counters once a second from now on.
    func start(counters: @escaping @Sendable () -> WorkerCounters) {
        queue.asyncAfter(deadline: .now() + .seconds(1)) { [weak self] in
            guard let self else { return }
            decisions.note(DecisionTotals(counters()), at: Int(Date.now.timeIntervalSince1970))
            start(counters: counters)
        }
    }

    private func overview(_ parameters: QueryParameters) throws -> Data {
        let now = Date.now
        let overview = decisions.overview(
            seconds: try parameters.number("seconds", in: 1...3600, default: 300),
            minutes: try parameters.number("minutes", in: 1...60, default: 60),
            limit: try parameters.number("limit", in: 1...100, default: 10), at: Int(now.timeIntervalSince1970))
        return try JSONText.of(
            Overview(version: Version.current, started: started, now: now, decisions: overview))
    }

    private struct Overview: Encodable {
        var version: String
        var started: Date
        var now: Date
        var decisions: DecisionOverview
    }
}

extension QueryParameters {
    /// A whole number within bounds; the usual one where none is given.
    fileprivate func number(_ name: String, in range: ClosedRange<Int>, default usual: Int) throws -> Int {
        guard let text = self[name] else { return usual }
        guard let number = Int(text), range.contains(number) else {
            throw ControlError("\(name) takes \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

extension DecisionTotals {
    fileprivate init(_ counters: WorkerCounters) {
        self.init()
        queries = counters.answers.total
        blocked = counters.answers.count(.block)
        alerted = counters.answers.count(.alert)
        cacheHits = counters.cacheHits
        forwarded = counters.forwarded
        servFail = counters.answers.count(.servFail)
        refused = counters.refused
        rateLimited = counters.rateLimited
    }
}

/// What the server answers under `/api/v1/`.
enum JSONText {
    static func of(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(value)
    }
}
