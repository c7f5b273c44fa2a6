package import DNSWire
package import Sockets

/// Sends queries to upstreams and reports each one's response or failure exactly once.
///
/// A query goes to the upstream that answers fastest; without an answer in time it goes to another one too, at most six
/// times and five seconds in all. Answers to earlier attempts count for as long as it lasts. A truncated answer is asked for
/// again over TCP, a SERVFAIL or REFUSED from the next upstream as long as there is one that has not been tried.
///
/// Which upstream is asked, and how, is in `Forwarder+Attempts.swift`; what is believed, in `Forwarder+Answers.swift`.
/// Everything runs on the queue of the worker's loop.
@safe package final class Forwarder: @unchecked Sendable {
    // @unchecked: all mutable state is touched on the loop's queue only; the handlers of watches run there.
    package enum Submission: Equatable {
        /// A query was sent.
        case started(PendingID)
        /// The same question is under way already.
        case joined(PendingID)
        /// Too many queries are under way.
        case full
    }

    package enum Failure: Error, Equatable {
        /// No upstream answered in time.
        case timedOut
        /// No query reached an upstream: the network, or this host, reported an error each time.
        case unreachable
        /// An upstream said so, and no other one answered in time.
        case failed(RCODE)
    }

    /// The response's octets are valid during the call.
    package typealias ResponseHandler = (PendingID, UnsafeMutableBufferPointer<UInt8>) -> Void
    package typealias FailureHandler = (PendingID, Failure) -> Void

    static let totalPatience: UInt64 = 5_000_000_000
    /// Before the next attempt, when the last one failed at once.
    static let failurePause: UInt64 = 100_000_000
    /// How long clients wait before an old answer serves them better than none (RFC 8767 §5).
    private static let clientPatience: UInt64 = 1_800_000_000

    package let settings: ForwardingSettings
    private let loop: ReadinessLoop
    let now: () -> UInt64
    let pending: PendingQueries
    /// Upstreams in the order in which they were first asked.
    var states: [UpstreamState] = []
    /// In the same order; apart from them, because a state is looked at for each choice.
    var upstreamCounters: [UpstreamCounters] = []
    /// Indices into `states`, by a route's number; empty until it is first taken.
    private var groups: [[Int]] = []
    /// Counts choices of an upstream.
    var turn: UInt64 = 0
    var random = RandomPool()
    lazy var channels = unsafe UpstreamChannels(
        loop: loop, now: now,
        onMessage: { [unowned self] channel, message in unsafe receive(message, on: channel) },
        onFailure: { [unowned self] channel in channelFailed(channel) },
        onLost: { [unowned self] id in noteLost(id) },
        onTrouble: { [unowned self] in onTrouble($0, $1) })
    var onResponse: ResponseHandler = { _, _ in }
    private var onFailure: FailureHandler = { _, _ in }
    private var onSlow: (PendingID) -> Void = { _ in }
    /// Told why a TCP or TLS connection to an upstream has failed; and, with no reason, that one works again.
    package var onTrouble: (Upstream, _ reason: String?) -> Void = { _, _ in }
    package internal(set) var counters = ForwardingCounters()

    package init(
        capacity: Int, settings: ForwardingSettings = ForwardingSettings(), loop: ReadinessLoop,
        now: @escaping () -> UInt64
    ) {
        pending = PendingQueries(capacity: capacity)
        self.settings = settings
        self.loop = loop
        self.now = now
    }

    /// Says who is told. To be called once, before the first query.
    /// - Parameter onSlow: clients have waited for the query for as long as they should; called again and again until it
    ///   is over.
    package func setHandlers(
        onResponse: @escaping ResponseHandler, onFailure: @escaping FailureHandler,
        onSlow: @escaping (PendingID) -> Void = { _ in }
    ) {
        unsafe self.onResponse = onResponse
        self.onFailure = onFailure
        self.onSlow = onSlow
    }

    package var pendingCount: Int { pending.count }

    /// Every upstream that has been asked, in the order in which they first were.
    package var reports: [UpstreamReport] { zip(states, upstreamCounters).map { UpstreamReport($0, $1) } }

    /// What a pending query asks.
    package struct Question {
        package var name: DomainName
        package var qtype: RRType
        package var variant: QueryVariant
    }

    /// The question of a query; still there when its response or failure is reported.
    package func question(of id: PendingID) -> Question {
        Question(name: pending[id].name, qtype: pending[id].qtype, variant: pending[id].variant)
    }

    /// Asks for a name and type, or joins the query that does.
    /// - Parameters:
    ///   - variant: its `route` is the number of `route`.
    ///   - path: of the client's query; neither full nor through us.
    package func submit(
        _ name: borrowing DomainName, qtype: RRType, variant: QueryVariant, path: ForwarderPath = ForwarderPath(),
        by route: Route
    ) -> Submission {
        loop.checkIsCurrent()
        if let id = pending.find(name, qtype: qtype, variant: variant) { return .joined(id) }
        guard let id = pending.begin(name, qtype: qtype, variant: variant, path: path, now: now()) else {
            return .full
        }
        counters[.queries] += 1
        prepareGroup(of: route)
        attempt(id)
        return .started(id)
    }

    /// Retries and gives up where the time has come. The owner calls it every few hundredths of a second.
    package func tick() {
        let now = now()
        for id in pending.due(at: now) { retryOrFail(id, at: now) }
        for id in pending.all where isSlow(id, at: now) { onSlow(id) }
        probe(at: now)
        channels.closeIdle(at: now)
    }

    private func retryOrFail(_ id: PendingID, at now: UInt64) {
        if pending[id].attemptCount > 0 {
            let upstream = pending[id].attempts[pending[id].attemptCount - 1].upstream
            states[upstream].noteTimeout(at: now)
            upstreamCounters[upstream].timeouts += 1
        }
        if now - pending[id].startedAt >= Forwarder.totalPatience || !pending[id].hasAttemptsLeft {
            counters[.timeouts] += 1
            fail(id)
        } else {
            counters[.retries] += 1
            attempt(id)
        }
    }

    /// Where nobody answers at all, there is no reason to wait before an old answer is given.
    private func isSlow(_ id: PendingID, at now: UInt64) -> Bool {
        now - pending[id].startedAt >= Forwarder.clientPatience || !group(of: id).contains { states[$0].isUp }
    }

    /// Sends the queries that wait for it. The owner calls it when it has submitted what there was to submit.
    package func flush() { channels.flush() }

    /// Closes every socket. Nothing is reported any more.
    package func close() { channels.closeAll() }

    private func index(of upstream: Upstream) -> Int {
        if let known = states.firstIndex(where: { $0.upstream == upstream }) { return known }
        states.append(UpstreamState(upstream))
        upstreamCounters.append(UpstreamCounters())
        channels.add(upstream)
        return states.count - 1
    }

    private func prepareGroup(of route: Route) {
        let number = Int(route.number)
        if number >= groups.count { groups += repeatElement([], count: number + 1 - groups.count) }
        if groups[number].isEmpty { groups[number] = route.upstreams.map(index) }
    }

    /// Indices of the upstreams that may be asked for a pending query.
    func group(of id: PendingID) -> [Int] { groups[Int(pending[id].variant.route)] }

    private func fail(_ id: PendingID) {
        let failure: Failure
        if let code = pending[id].failureCode {
            failure = .failed(code)
        } else {
            failure = pending[id].hasReachedNobody ? .unreachable : .timedOut
        }
        pending.end(id)
        onFailure(id, failure)
    }
}

/// How upstreams are asked.
package struct ForwardingSettings: Sendable, Equatable {
    /// Each letter of a question in random case, for upstreams over UDP that repeat it. Default true.
    package var randomizesCase = true
    /// A cookie in each query over UDP (RFC 7873). Default true.
    package var usesCookies = true
    /// What this process marks its queries with.
    package var token = ForwardingSettings.processToken

    private static let processToken = UInt32.random(in: .min ... .max)

    package init() {}

    /// Whether the query has come through this process before, or through more of its kind than any sane set-up has.
    package func isLoop(_ path: ForwarderPath) -> Bool { path.contains(token) || path.isFull }
}
