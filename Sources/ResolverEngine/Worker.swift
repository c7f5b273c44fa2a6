import AnswerCache
import DNSWire
import Forwarding
import QueryLog
import Sockets

/// # ResolverEngine
/// Joins sockets, policy, cache, forwarding and log into a resolver: the path of a query, its workers, their life.
/// - Touches: everything through the targets that it joins; nothing by itself.
/// - Threads: a worker is one loop, which is a serial queue, and everything it owns. Workers share the published state and nothing else.
/// - Costs: a blocked or cached answer allocates nothing and makes no system call of its own.

/// One loop with its UDP and TCP listeners, upstream sockets, waiting clients, cache and log ring.
///
/// The path of a query is in `Worker+Query.swift`; what an upstream's response leads to in `Worker+Response.swift`.
final class Worker: @unchecked Sendable {
    // @unchecked: every mutable property is touched on the loop's queue only; start and stop hand over through it.
    /// From 0.
    let number: Int
    let loop: ReadinessLoop
    let publisher: StatePublisher
    let cache: AnswerCache
    let cacheLimits: AnswerCache.Limits
    let forwarder: Forwarder
    let limits: WorkerLimits
    let rates: RateLimiter
    let waiting: WaitingClients
    let localNames = LocalNames()
    let log: (writer: QueryLogWriter, ring: LogRing)?
    /// Of records where nothing is logged, and somebody may look on.
    var recordBudget = RecordBudget()
    var listeners: [DatagramListener] = []
    var acceptors: [DescriptorWatch] = []
    var connections = ConnectionTable()
    let batchQueries = BatchQueries()
    /// The buffer in which answers for TCP are made; also the connections' own, so a query is answered in place.
    let streamBuffer = MessageBuffer()
    /// Where a cached or local message is put together whole, to be copied from.
    let composeBuffer = MessageBuffer()
    var counters = WorkerCounters()
    /// Answers of this turn, but for late ones.
    var turnAnswers = TurnAnswers()
    /// It answers somebody who has waited for an upstream.
    var isAnsweringLate = false
    /// Told from where a query of our own has come back.
    let onLoop: @Sendable (Endpoint) -> Void
    /// Where redirection targets are read.
    var target = DomainName()
    /// Answers not given since one was cut off.
    var slipCount = 0
    private var isTicking = false
    private var lastSweep: UInt64 = 0

    /// A UDP socket with the batches of its datagrams: one to receive and answer in place, one to collect late answers.
    struct DatagramListener {
        let watch: DescriptorWatch
        let incoming = DatagramBatch()
        let late = DatagramBatch(slotOctets: WireLimit.udpOctets)
    }

    init(
        number: Int, publisher: StatePublisher, cache: AnswerCache, cacheLimits: AnswerCache.Limits,
        limits: WorkerLimits, rates: RateLimiter, forwarding: ForwardingSettings,
        log: (writer: QueryLogWriter, ring: LogRing)?, onLoop: @escaping @Sendable (Endpoint) -> Void,
        onUpstreamTrouble: @escaping UpstreamTroubleHandler
    ) throws(SystemCallError) {
        self.number = number
        let loop = try ReadinessLoop(label: "sekisho.worker.\(number)")
        self.loop = loop
        self.publisher = publisher
        self.cache = cache
        self.cacheLimits = cacheLimits
        self.limits = limits
        self.rates = rates
        self.log = log
        self.onLoop = onLoop
        waiting = WaitingClients(capacity: limits.waitingClients, pendingCapacity: limits.pendingQueries)
        forwarder = Forwarder(capacity: limits.pendingQueries, settings: forwarding, loop: loop, now: { loop.now })
        forwarder.onTrouble = onUpstreamTrouble
    }

    /// Begins to serve on sockets that are bound and owned by this worker from now on.
    func start(datagramSockets: [CInt], streamSockets: [CInt]) {
        loop.sync {
            unsafe forwarder.setHandlers(
                onResponse: { [unowned self] id, message in unsafe respond(to: id, message) },
                onFailure: { [unowned self] id, failure in giveUp(id, because: AnswerReason(failure)) },
                onSlow: { [unowned self] id in answerStaleWhileWaiting(id) })
            for (index, descriptor) in datagramSockets.enumerated() {
                let watch = DescriptorWatch(descriptor: descriptor, loop: loop, for: .reading) { [self] _ in
                    drain(descriptor, listener: index)
                }
                listeners.append(DatagramListener(watch: watch))
            }
            for descriptor in streamSockets {
                acceptors.append(
                    DescriptorWatch(descriptor: descriptor, loop: loop, for: .reading) { [self] _ in
                        acceptAll(from: descriptor)
                    })
            }
        }
        loop.start { [self] in endTurn() }
    }

    /// Takes what has arrived and nothing after it, and calls `done` on the queue when the last waiting client is answered or given up.
    func drain(done: @escaping @Sendable () -> Void) {
        loop.async { [self] in
            for acceptor in acceptors { acceptor.cancel() }
            for (index, listener) in listeners.enumerated() {
                drain(listener.watch.descriptor, listener: index)
                listener.watch.watch(for: [])
            }
            for connection in connections.all { connection.finish() }
            finishWhenIdle(done)
        }
    }

    private func finishWhenIdle(_ done: @escaping @Sendable () -> Void) {
        guard forwarder.pendingCount == 0 else {
            return loop.after(milliseconds: 20) { [self] in finishWhenIdle(done) }
        }
        endTurn()
        for connection in connections.all { connection.close() }
        for listener in listeners { listener.watch.cancel() }
        forwarder.close()
        loop.stop()
        done()
    }
}

// MARK: - Turns

extension Worker {
    /// What has to be done after a run of packets: queries and late answers go out, the writer hears of records, time is
    /// watched.
    private func endTurn() {
        forwarder.flush()
        for listener in listeners where listener.late.outgoingCount > 0 {
            counters.unsent += UInt64(listener.late.flush(to: listener.watch.descriptor))
        }
        if let log, !log.ring.isEmpty { log.writer.wake(log.ring) }
        if !turnAnswers.isEmpty { noteTurn() }
        watchTime()
    }

    /// What was answered at once left with the last of its batch, so that one reading of the clock will do for all of it.
    private func noteTurn() {
        let duration = Clock.monotonicNanoseconds() - loop.now
        for path in [AnswerPath.blocked, .cached, .local] where turnAnswers[path] > 0 {
            counters.answers.note(path, nanoseconds: duration, times: turnAnswers[path])
        }
        turnAnswers = TurnAnswers()
    }

    /// An idle worker does not wake up.
    private func watchTime() {
        guard !isTicking, forwarder.pendingCount > 0 || !connections.isEmpty else { return }
        isTicking = true
        loop.after(milliseconds: 50) { [self] in tick() }
    }

    private func tick() {
        isTicking = false
        forwarder.tick()
        if loop.now - lastSweep > 1_000_000_000 {
            lastSweep = loop.now
            closeIdleConnections(now: loop.now)
        }
    }
}
