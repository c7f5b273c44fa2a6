import DNSWire
package import FirewallPolicy
package import QueryLog
import Synchronization

/// # RecentDecisions
/// What has lately been decided, for people who look on: the newest decisions, what came most often in the last hour,
/// queries in each second of it.
/// - Touches: memory of its own.
/// - Threads: the query log's queue writes, a timer gives counters, anybody reads: one lock, held for a moment.
/// - Costs: about 2,000 records a second are looked at (`RecordBudget`), whatever is asked; rates come from counters, which
///   miss nothing. About 2 MiB, unless names are very long.

/// One for a server.
package final class RecentDecisions: QueryLogObserver {
    /// Decisions that one who comes new is shown.
    package static let keptDecisions = 500
    /// Those who watch at the same time.
    package static let streamLimit = 16
    /// Keys that are counted in five minutes.
    private static let countedKeys = 200

    /// Whether records are to say how long an answer took and which name of a chain matched: not where others, who are
    /// to be fast, have no need of it.
    package let wantsExtension: Bool

    fileprivate struct State {
        var budget = RecordBudget()
        /// The newest last.
        var decisions: [Decision] = []
        var lastNumber = 0
        var names = RecentHitters<String>(capacity: RecentDecisions.countedKeys)
        var clients = RecentHitters<IPAddress>(capacity: RecentDecisions.countedKeys)
        var rules = RecentHitters<Decision.Rule>(capacity: RecentDecisions.countedKeys)
        var history = RateHistory()
        var totals = DecisionTotals()
        var streams: [DecisionStream] = []
        var streamCounts = StreamCounts()
    }

    private let state = Mutex(State())

    package init(wantsExtension: Bool) { self.wantsExtension = wantsExtension }
}

// MARK: - What the resolver tells

extension RecentDecisions {
    package func observe(
        _ event: QueryLogEvent, names: PolicyNames, matchedName: Span<UInt8>, message: Span<UInt8>
    ) {
        guard state.withLock({ $0.budget.take(at: event.unixNanoseconds) }),
            let decision = Decision(event, names: names, matchedName: matchedName, message: message)
        else { return }
        state.withLock { $0.note(decision) }
    }

    /// Takes down what has been counted up to now; to be called once a second.
    package func note(_ totals: DecisionTotals, at second: Int) {
        state.withLock { state in
            state.history.note(totals, at: second)
            state.totals = totals
        }
    }
}

extension RecentDecisions.State {
    fileprivate mutating func note(_ decision: Decision) {
        var decision = decision
        lastNumber += 1
        decision.number = lastNumber
        let second = Int(decision.unixNanoseconds / 1_000_000_000)
        clients.add(decision.client, isBlocked: decision.action == .block, at: second)
        if decision.action == .block { names.add(decision.name, isBlocked: true, at: second) }
        if let rule = decision.rule { rules.add(rule, isBlocked: decision.action == .block, at: second) }
        // Let go of by halves: one by one would move all others each time.
        if decisions.count >= 2 * RecentDecisions.keptDecisions {
            decisions.removeFirst(RecentDecisions.keptDecisions)
        }
        decisions.append(decision)
        for stream in streams where stream.filter.admits(decision) && !stream.offer(decision) {
            streamCounts.missedDecisions += 1
        }
    }
}

// MARK: - What people ask

extension RecentDecisions {
    /// How it goes with those who watch.
    package struct StreamCounts: Sendable, Equatable, Encodable {
        package var open = 0
        /// Ended because somebody did not take what was sent to him.
        package var dropped = 0
        /// Not sent, because they came too fast for a stream.
        package var missedDecisions = 0

        package init() {}
    }

    /// The newest decisions that fit, the oldest of them first.
    package func newest(_ count: Int, _ filter: DecisionFilter = DecisionFilter()) -> [Decision] {
        state.withLock { $0.newest(count, filter) }
    }

    /// Begins a stream with up to `recent` decisions of before; nil when there are too many streams. To be ended.
    package func open(_ filter: DecisionFilter, recent: Int) -> DecisionStream? {
        state.withLock { state -> DecisionStream? in
            guard state.streams.count < RecentDecisions.streamLimit else { return nil }
            let stream = DecisionStream(filter, recent: state.newest(recent, filter))
            state.streams.append(stream)
            return stream
        }
    }

    /// - Parameter isDropped: who watched did not keep up with the connection.
    package func end(_ stream: DecisionStream, isDropped: Bool) {
        state.withLock { state in
            state.streams.removeAll { $0 === stream }
            if isDropped { state.streamCounts.dropped += 1 }
        }
    }

    /// - Parameters:
    ///   - seconds: of the rates.
    ///   - minutes: of what came most often.
    ///   - now: seconds since 1970.
    package func overview(seconds: Int, minutes: Int, limit: Int, at now: Int) -> DecisionOverview {
        state.withLock { state in
            var overview = DecisionOverview(totals: state.totals, rates: state.history.rates(seconds: seconds))
            let seconds = minutes * 60
            overview.topNames = state.names.top(limit, seconds: seconds, at: now).map {
                DecisionOverview.Name(name: $0.key, count: $0.count)
            }
            overview.topClients = state.clients.top(limit, seconds: seconds, at: now).map {
                DecisionOverview.Client(client: $0.key.description, count: $0.count, blocked: $0.blocked)
            }
            overview.topRules = state.rules.top(limit, seconds: seconds, at: now).map {
                DecisionOverview.Rule(rule: $0.key, count: $0.count)
            }
            overview.seenCount = state.lastNumber
            overview.streams = state.streamCounts
            overview.streams.open = state.streams.count
            return overview
        }
    }
}

extension RecentDecisions.State {
    fileprivate func newest(_ count: Int, _ filter: DecisionFilter) -> [Decision] {
        let kept = decisions.suffix(RecentDecisions.keptDecisions)
        return kept.reversed().lazy.filter { filter.admits($0) }.prefix(max(0, count)).reversed()
    }
}

/// How it goes: rates, and what came most often.
package struct DecisionOverview: Sendable, Encodable {
    package struct Name: Sendable, Equatable, Encodable {
        package var name: String
        package var count: Int
    }

    package struct Client: Sendable, Equatable, Encodable {
        package var client: String
        package var count: Int
        package var blocked: Int
    }

    package struct Rule: Sendable, Equatable, Encodable {
        package var rule: Decision.Rule
        package var count: Int
    }

    package var totals: DecisionTotals
    package var rates: DecisionRates
    /// Names that were blocked.
    package var topNames: [Name] = []
    package var topClients: [Client] = []
    /// Rules that blocked or alerted.
    package var topRules: [Rule] = []
    /// Decisions that were looked at since the start; less than all queries where there were too many.
    package var seenCount = 0
    package var streams = RecentDecisions.StreamCounts()

    init(totals: DecisionTotals, rates: DecisionRates) {
        self.totals = totals
        self.rates = rates
    }
}
