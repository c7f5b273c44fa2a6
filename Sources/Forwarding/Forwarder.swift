package import DNSWire
package import Sockets

/// Sends queries to upstreams and reports each one's response or failure exactly once.
///
/// A query goes to one upstream; without an answer in time it goes to the next one too, at most six times and five seconds
/// in all. Answers to earlier attempts count for as long as it lasts. A truncated answer is asked for again over TCP, a
/// SERVFAIL or REFUSED from the next upstream as long as there is one that has not been tried.
///
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
    }

    /// The response's octets are valid during the call.
    package typealias ResponseHandler = (PendingID, UnsafeMutableBufferPointer<UInt8>) -> Void
    package typealias FailureHandler = (PendingID, Failure) -> Void

    static let totalPatience: UInt64 = 5_000_000_000
    /// Before the next attempt, when the last one failed at once.
    private static let failurePause: UInt64 = 100_000_000

    private let loop: ReadinessLoop
    private let now: () -> UInt64
    let pending: PendingQueries
    /// Upstreams in the order in which they were first asked.
    private(set) var states: [UpstreamState] = []
    /// Indices into `states`, by a route's number; empty until it is first taken.
    private var groups: [[Int]] = []
    private var turn = 0
    private var random = RandomPool()
    private lazy var channels = unsafe UpstreamChannels(
        loop: loop, now: now,
        onMessage: { [unowned self] serial, message in unsafe receive(message, onChannel: serial) },
        onFailure: { [unowned self] serial in channelFailed(serial) },
        onLost: { [unowned self] id in pending[id].deadline = now() + Forwarder.failurePause })
    private var scratch = DomainName()
    private var onResponse: ResponseHandler = { _, _ in }
    private var onFailure: FailureHandler = { _, _ in }
    package private(set) var counters = Counters()

    package struct Counters: Sendable {
        package var queries: UInt64 = 0
        package var retries: UInt64 = 0
        package var timeouts: UInt64 = 0
        package var truncated: UInt64 = 0
        /// Arrived on one of our sockets and answers nothing that we asked there.
        package var unexpected: UInt64 = 0
    }

    package init(capacity: Int, loop: ReadinessLoop, now: @escaping () -> UInt64) {
        pending = PendingQueries(capacity: capacity)
        self.loop = loop
        self.now = now
    }

    /// Says who is told. To be called once, before the first query.
    package func setHandlers(onResponse: @escaping ResponseHandler, onFailure: @escaping FailureHandler) {
        unsafe self.onResponse = onResponse
        self.onFailure = onFailure
    }

    package var pendingCount: Int { pending.count }

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
    /// - Parameter variant: its `route` is the number of `route`.
    package func submit(
        _ name: borrowing DomainName, qtype: RRType, variant: QueryVariant, by route: Route
    ) -> Submission {
        loop.checkIsCurrent()
        if let id = pending.find(name, qtype: qtype, variant: variant) { return .joined(id) }
        guard let id = pending.begin(name, qtype: qtype, variant: variant, now: now()) else {
            return .full
        }
        counters.queries += 1
        prepareGroup(of: route)
        attempt(id)
        return .started(id)
    }

    /// Retries and gives up where the time has come. The owner calls it every few hundredths of a second.
    package func tick() {
        let now = now()
        for id in pending.due(at: now) {
            if pending[id].attemptCount > 0 {
                states[pending[id].attempts[pending[id].attemptCount - 1].upstream].noteTimeout(at: now)
            }
            let isOver = now - pending[id].startedAt >= Forwarder.totalPatience
            if isOver || !pending[id].hasAttemptsLeft {
                counters.timeouts += 1
                fail(id)
            } else {
                counters.retries += 1
                attempt(id)
            }
        }
        channels.closeIdle(at: now)
    }

    /// Sends the queries that wait for it. The owner calls it when it has submitted what there was to submit.
    package func flush() { channels.flush() }

    /// Closes every socket. Nothing is reported any more.
    package func close() { channels.closeAll() }

    private func index(of upstream: Upstream) -> Int {
        if let known = states.firstIndex(where: { $0.upstream == upstream }) { return known }
        states.append(UpstreamState(upstream))
        channels.add(upstream)
        return states.count - 1
    }

    private func prepareGroup(of route: Route) {
        let number = Int(route.number)
        if number >= groups.count { groups += repeatElement([], count: number + 1 - groups.count) }
        if groups[number].isEmpty { groups[number] = route.upstreams.map(index) }
    }

    /// Indices of the upstreams that may be asked for a pending query.
    private func group(of id: PendingID) -> [Int] { groups[Int(pending[id].variant.route)] }

    private func fail(_ id: PendingID) {
        pending.end(id)
        onFailure(id, .timedOut)
    }
}

// MARK: - Attempts

extension Forwarder {
    /// Sends the query once more, to the upstream whose turn it is.
    private func attempt(_ id: PendingID) {
        let index = nextUpstream(for: id)
        send(id, to: index, transport: states[index].upstream.transport)
    }

    /// One that is up and has not been tried for this query; else one that is up; else any.
    private func nextUpstream(for id: PendingID) -> Int {
        let group = group(of: id)
        let now = now()
        turn &+= 1
        var best = group[turn % group.count]
        var bestRank = Int.max
        for offset in group.indices {
            let index = group[(turn + offset) % group.count]
            let rank = (states[index].isUp(at: now) ? 0 : 100) + timesTried(index, by: id)
            if rank < bestRank { (best, bestRank) = (index, rank) }
        }
        return best
    }

    private func timesTried(_ upstream: Int, by id: PendingID) -> Int {
        var times = 0
        for attempt in 0..<pending[id].attemptCount where pending[id].attempts[attempt].upstream == upstream {
            times += 1
        }
        return times
    }

    private func send(_ id: PendingID, to upstream: Int, transport: Upstream.Transport) {
        let now = now()
        pending[id].deadline = now + states[upstream].patience
        guard let channel = channels.channel(to: upstream, transport: transport) else {
            // No descriptor or no route: the same as no answer, but known at once.
            pending[id].deadline = now + Forwarder.failurePause
            return noteLocalFailure(id, upstream: upstream, now: now)
        }
        var key = channel.serial << 16 | UInt64(random.next())
        for _ in 0..<8 where pending.isInUse(key: key) { key = channel.serial << 16 | UInt64(random.next()) }
        pending.add(PendingQueries.Attempt(key: key, upstream: upstream, sentAt: now), to: id)
        var storage = InlineArray<288, UInt8>(repeating: 0)
        var message = storage.mutableSpan
        let octets = MessageWriter.writeQuery(
            id: UInt16(truncatingIfNeeded: key), qname: pending[id].name, qtype: pending[id].qtype,
            variant: pending[id].variant, in: &message)
        channels.send(message.span.extracting(0..<octets), of: id, to: upstream, on: channel)
    }

    private func noteLocalFailure(_ id: PendingID, upstream: Int, now: UInt64) {
        pending.add(PendingQueries.Attempt(key: .max - UInt64(id), upstream: upstream, sentAt: now), to: id)
    }

    /// A connection is gone, or nobody listens on the other side: what was last tried there is tried elsewhere, after a
    /// moment, so that an upstream which starts again is not given up at once.
    private func channelFailed(_ serial: UInt64) {
        let soon = now() + Forwarder.failurePause
        // Never later than it was: every query to a port on which nobody listens brings another error.
        for id in pending.lastTried(onChannel: serial) { pending[id].deadline = min(pending[id].deadline, soon) }
    }
}

// MARK: - Responses

extension Forwarder {
    private func receive(_ buffer: UnsafeMutableBufferPointer<UInt8>, onChannel serial: UInt64) {
        let message = unsafe buffer.span
        guard message.count >= WireLimit.headerOctets else {
            counters.unexpected += 1
            return
        }
        let key = serial << 16 | UInt64(message.uint16(at: 0))
        guard let id = pending.find(key: key),
            Response.answers(
                message, id: message.uint16(at: 0), qname: pending[id].name, qtype: pending[id].qtype, scratch: &scratch
            )
        else {
            counters.unexpected += 1
            return
        }
        let attempt = note(answerTo: id, key: key)
        // The same answer once more is none: it must not lead to another attempt.
        pending.forget(key: key)
        let flags = message.uint16(at: 2)
        if flags & HeaderFlags.tc != 0, !channels.isStream(serial) {
            counters.truncated += 1
            // Without an attempt left the deadline decides; an earlier one may still be answered.
            if pending[id].hasAttemptsLeft { send(id, to: attempt.upstream, transport: .tcp) }
            return
        }
        let rcode = RCODE(rawValue: flags & HeaderFlags.rcode)
        if rcode == .servFail || rcode == .refused, hasUntriedUpstream(id) { return self.attempt(id) }
        pending.end(id)
        unsafe onResponse(id, buffer)
    }

    private func note(answerTo id: PendingID, key: UInt64) -> PendingQueries.Attempt {
        for index in 0..<pending[id].attemptCount where pending[id].attempts[index].key == key {
            let attempt = pending[id].attempts[index]
            let now = now()
            states[attempt.upstream].noteAnswer(roundTrip: now - min(now, attempt.sentAt))
            return attempt
        }
        return pending[id].attempts[0]
    }

    private func hasUntriedUpstream(_ id: PendingID) -> Bool {
        pending[id].hasAttemptsLeft
            && group(of: id).contains { states[$0].isUp(at: now()) && timesTried($0, by: id) == 0 }
    }
}
