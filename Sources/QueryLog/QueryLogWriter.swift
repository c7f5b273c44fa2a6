import Dispatch
import FirewallPolicy
import Synchronization

/// Drains the workers' rings, formats records and writes them, on a queue of its own.
package final class QueryLogWriter: @unchecked Sendable {
    // @unchecked: `state` is touched on `queue` only; everything else is an immutable Sendable.
    package struct Destination: Sendable {
        package enum Target: Sendable, Equatable {
            case stdout
            case file(path: String)
        }

        package var target: Target
        package var isExtended: Bool
        /// Only queries on which a BLOCK or ALERT rule acted.
        package var firewallOnly: Bool

        package init(target: Target, isExtended: Bool, firewallOnly: Bool) {
            self.target = target
            self.isExtended = isExtended
            self.firewallOnly = firewallOnly
        }
    }

    /// What the writer tells its owner about, on its queue.
    package enum Notice: Sendable {
        /// So many records have been dropped because a ring was full, since the last notice.
        case dropped(Int)
        /// A destination could not be written to, and so many records are lost. Told at once, then now and then.
        case failed(String, lostRecords: Int)
    }

    package let rings: [LogRing]
    /// Whether any destination wants to know which entry matched, and how long the answer took.
    package let wantsExtension: Bool
    private let queue = DispatchQueue(label: "sekisho.querylog", qos: .utility)
    private let isScheduled = Atomic(false)
    private let isUrgent = Atomic(false)
    private let onNotice: @Sendable (Notice) -> Void
    private var state: State

    /// Everything that only the queue touches.
    private struct State {
        var outputs: [LogOutput]
        /// By output.
        var losses: [LogLosses]
        var names: [PolicyNames?]
        var reportedDrops = 0
    }

    /// How long a record may wait, so that the writer wakes up a few times a second and not for every record.
    private static let delay = DispatchTimeInterval.milliseconds(50)
    private static let flushOctets = 256 << 10

    /// Opens the destinations.
    /// - Throws: `LogOutputError` when a file can't be opened.
    package init(
        destinations: [Destination], identity: LogIdentity, workers: Int, ringOctets: Int = 4 << 20,
        onNotice: @escaping @Sendable (Notice) -> Void
    ) throws(LogOutputError) {
        rings = (0..<workers).map { _ in LogRing(octets: ringOctets) }
        wantsExtension = destinations.contains(where: \.isExtended)
        self.onNotice = onNotice
        var outputs: [LogOutput] = []
        for destination in destinations { outputs.append(try LogOutput(destination, identity: identity)) }
        state = State(
            outputs: outputs, losses: outputs.map { _ in LogLosses() }, names: Array(repeating: nil, count: workers))
    }

    /// Says that there may be something in a ring. Cheap enough to be called after every batch.
    package func wake(_ ring: LogRing) {
        if ring.isFillingUp {
            // A destination that blocks must not let these pile up.
            guard !isUrgent.exchange(true, ordering: .acquiringAndReleasing) else { return }
            queue.async {
                self.isUrgent.store(false, ordering: .releasing)
                self.drain()
            }
        } else if !isScheduled.exchange(true, ordering: .acquiringAndReleasing) {
            queue.asyncAfter(deadline: .now() + QueryLogWriter.delay) {
                self.isScheduled.store(false, ordering: .releasing)
                self.drain()
            }
        }
    }

    /// Opens files anew, so that a rotated one can be let go.
    package func reopen() {
        queue.async {
            self.drain()
            for index in self.state.outputs.indices {
                if let failure = self.state.outputs[index].reopen() { self.note(failure, ofOutput: index) }
            }
        }
    }

    /// From now on the extended format says where entries stand.
    package func use(_ findPlace: @escaping EntryPlaceFinder) {
        queue.async {
            for index in self.state.outputs.indices { self.state.outputs[index].use(findPlace) }
        }
    }

    /// Writes what is left. The workers have stopped.
    package func finish() {
        queue.sync {
            drain()
            for index in state.outputs.indices {
                if let failure = state.outputs[index].giveUpBegunLine() { state.losses[index].add(failure) }
                reportLosses(ofOutput: index)
            }
        }
    }

    private func drain() {
        for (worker, ring) in rings.enumerated() {
            unsafe ring.drain(
                names: { state.names[worker] = $0 },
                record: { event, matchedName, message in
                    guard let names = state.names[worker] else { return }
                    for index in state.outputs.indices {
                        unsafe state.outputs[index].append(
                            event, names: names, matchedName: matchedName.span, message: message.span)
                        if state.outputs[index].bufferedOctets > QueryLogWriter.flushOctets { flush(index) }
                    }
                })
        }
        for index in state.outputs.indices { flush(index) }
        reportDrops()
    }

    private func flush(_ index: Int) {
        if let failure = state.outputs[index].flush() {
            note(failure, ofOutput: index)
        } else {
            reportLosses(ofOutput: index)
        }
    }

    private func note(_ failure: LogOutputError, ofOutput index: Int) {
        state.losses[index].add(failure)
        if state.losses[index].isDue(at: .now()) { reportLosses(ofOutput: index) }
    }

    private func reportLosses(ofOutput index: Int) {
        if let notice = state.losses[index].takeNotice(at: .now()) { onNotice(notice) }
    }

    private func reportDrops() {
        let drops = rings.reduce(0) { $0 + $1.droppedCount }
        guard drops > state.reportedDrops else { return }
        onNotice(.dropped(drops - state.reportedDrops))
        state.reportedDrops = drops
    }
}

/// What a destination has not taken, and whether that has been told: a full disk fails many times a second.
private struct LogLosses {
    private static let interval = DispatchTimeInterval.seconds(10)

    private var reason: String?
    private var records = 0
    private var lastNotice: DispatchTime?

    mutating func add(_ failure: LogOutputError) {
        reason = failure.description
        records += failure.lostRecords
    }

    func isDue(at now: DispatchTime) -> Bool { lastNotice.map { now >= $0 + LogLosses.interval } ?? true }

    mutating func takeNotice(at now: DispatchTime) -> QueryLogWriter.Notice? {
        guard let reason else { return nil }
        let notice = QueryLogWriter.Notice.failed(reason, lostRecords: records)
        (self.reason, records, lastNotice) = (nil, 0, now)
        return notice
    }
}
