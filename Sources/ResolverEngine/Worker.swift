import AnswerCache
import DNSWire
import Dispatch
import Forwarding
import QueryLog
import Sockets

/// # ResolverEngine
/// Joins sockets, policy, cache, forwarding and log into a resolver: the path of a query, its workers, their life.
/// - Touches: everything through the targets that it joins; nothing by itself.
/// - Threads: a worker is one serial queue and everything it owns. Workers share the published state and nothing else.
/// - Costs: a blocked or cached answer allocates nothing and makes no system call of its own.

/// One serial queue with its UDP and TCP listeners, upstream sockets, waiting clients, cache and log ring.
///
/// The path of a query is in `Worker+Query.swift`; what an upstream's response leads to in `Worker+Response.swift`.
final class Worker: @unchecked Sendable {
    // @unchecked: every mutable property is touched on `queue` only; start and stop hand over through it.
    let queue: DispatchQueue
    let publisher: StatePublisher
    let cache: AnswerCache
    let cacheLimits: AnswerCache.Limits
    let forwarder: Forwarder
    let waiting = WaitingClients(
        capacity: WorkerLimits.waitingClients, pendingCapacity: WorkerLimits.pendingQueries)
    let localNames = LocalNames()
    let log: (writer: QueryLogWriter, ring: LogRing)?
    var listeners: [DatagramListener] = []
    var acceptors: [ReadSource] = []
    var connections: [ObjectIdentifier: FramedConnection] = [:]
    /// The buffer in which answers for TCP are made; also the connections' own, so a query is answered in place.
    let streamBuffer = MessageBuffer()
    /// Where a cached or local message is put together whole, to be copied from.
    let composeBuffer = MessageBuffer()
    var counters = WorkerCounters()
    /// Scratch values, read into again and again.
    var qname = DomainName()
    var target = DomainName()
    var response = Response()
    private var ticker: (any DispatchSourceTimer)?
    private var isTicking = false
    private var lastSweep: UInt64 = 0

    /// A UDP socket with the batches of its datagrams: one to receive and answer in place, one to collect late answers.
    struct DatagramListener {
        let source: ReadSource
        let incoming = DatagramBatch()
        let late = DatagramBatch()
    }

    init(
        number: Int, publisher: StatePublisher, cache: AnswerCache, cacheLimits: AnswerCache.Limits,
        log: (writer: QueryLogWriter, ring: LogRing)?
    ) {
        queue = DispatchQueue(label: "sekisho.worker.\(number)", qos: .userInteractive)
        self.publisher = publisher
        self.cache = cache
        self.cacheLimits = cacheLimits
        self.log = log
        forwarder = Forwarder(
            capacity: WorkerLimits.pendingQueries, queue: queue, now: Clock.monotonicNanoseconds)
    }

    /// Begins to serve on sockets that are bound and owned by this worker from now on.
    func start(datagramSockets: [CInt], streamSockets: [CInt]) {
        queue.sync {
            unsafe forwarder.setHandlers(
                onResponse: { [unowned self] id, message in unsafe respond(to: id, message) },
                onFailure: { [unowned self] id, _ in giveUp(id) },
                onBatchEnd: { [unowned self] in endOfTurn() })
            startTicker()
            for (index, descriptor) in datagramSockets.enumerated() {
                let source = ReadSource(descriptor: descriptor, queue: queue) { @Sendable [self] descriptor in
                    drain(descriptor, listener: index)
                }
                listeners.append(DatagramListener(source: source))
            }
            for descriptor in streamSockets {
                acceptors.append(
                    ReadSource(descriptor: descriptor, queue: queue) { @Sendable [self] in acceptAll(from: $0) })
            }
        }
    }

    /// Takes what has arrived and nothing after it, and calls `done` on the queue when the last waiting client is answered or given up.
    func drain(done: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            for acceptor in acceptors { acceptor.cancel() }
            for index in listeners.indices {
                drain(listeners[index].source.descriptor, listener: index)
                listeners[index].source.suspend()
            }
            for connection in Array(connections.values) { connection.finish() }
            finishWhenIdle(done)
        }
    }

    private func finishWhenIdle(_ done: @escaping @Sendable () -> Void) {
        guard forwarder.pendingCount == 0 else {
            queue.asyncAfter(deadline: .now() + .milliseconds(20)) { [self] in finishWhenIdle(done) }
            return
        }
        endOfTurn()
        for connection in Array(connections.values) { connection.close() }
        for listener in listeners { listener.source.cancel() }
        forwarder.close()
        if !isTicking { ticker?.resume() }
        ticker?.cancel()
        done()
    }
}

// MARK: - Turns

extension Worker {
    /// What has to be done after a run of packets: late answers go out, the writer hears of records, time is watched.
    func endOfTurn() {
        for listener in listeners where listener.late.outgoingCount > 0 {
            counters.unsent += UInt64(listener.late.flush(to: listener.source.descriptor))
        }
        if let log, !log.ring.isEmpty { log.writer.wake(log.ring) }
        setTicking(forwarder.needsTicks || !connections.isEmpty)
    }

    private func startTicker() {
        let ticker = DispatchSource.makeTimerSource(queue: queue)
        ticker.schedule(deadline: .now(), repeating: .milliseconds(50), leeway: .milliseconds(5))
        ticker.setEventHandler { @Sendable [self] in tick() }
        self.ticker = ticker
    }

    /// An idle worker does not wake up.
    private func setTicking(_ wanted: Bool) {
        guard wanted != isTicking else { return }
        isTicking = wanted
        if wanted { ticker?.resume() } else { ticker?.suspend() }
    }

    private func tick() {
        forwarder.tick()
        let now = Clock.monotonicNanoseconds()
        if now - lastSweep > 1_000_000_000 {
            lastSweep = now
            closeIdleConnections(now: now)
        }
        endOfTurn()
    }
}
