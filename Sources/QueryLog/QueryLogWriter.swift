import Dispatch
import FirewallPolicy
import Synchronization

/// Drains the workers' rings, formats records and hands them to their destinations, on a queue of its own.
package final class QueryLogWriter: @unchecked Sendable {
    // @unchecked: `state` is touched on `queue` only; everything else is an immutable Sendable.
    package let rings: [LogRing]
    /// Whether anybody wants to know which entry matched, and how long the answer took.
    package let wantsExtension: Bool
    /// Whether nobody writes records: a part of them is enough then.
    package let isSampled: Bool
    private let queue = DispatchQueue(label: "sekisho.querylog", qos: .utility)
    private let isScheduled = Atomic(false)
    private let isUrgent = Atomic(false)
    private let reports: [DestinationReport]
    private let onNotice: @Sendable (QueryLogNotice) -> Void
    private var state: State

    /// Everything that only the queue touches.
    private struct State {
        /// By format.
        var logs: [FormattedLog]
        var destinations: [any LogDestination]
        var observers: [any QueryLogObserver]
        /// By worker.
        var names: [PolicyNames?]
        var reportedDrops = 0
        /// When the rings are looked at next, whatever happens; in seconds since 1970.
        var dueTime: Int?
    }

    /// How long a record may wait, so that the writer wakes up a few times a second and not for every record.
    private static let delay = DispatchTimeInterval.milliseconds(50)

    /// How long the end may take, however many destinations take nothing.
    private static let patience = DispatchTimeInterval.seconds(5)

    /// Opens the destinations.
    /// - Parameter onNotice: told of trouble, on any thread.
    /// - Throws: `LogOutputError` when a file can't be opened.
    package init(
        _ settings: QueryLogSettings, observers: [any QueryLogObserver] = [], workers: Int,
        ringOctets: Int = 4 << 20, onNotice: @escaping @Sendable (QueryLogNotice) -> Void
    ) throws(LogOutputError) {
        rings = (0..<workers).map { _ in LogRing(octets: ringOctets) }
        wantsExtension =
            settings.destinations.contains { $0.format.wantsExtension } || observers.contains { $0.wantsExtension }
        isSampled = settings.destinations.isEmpty
        self.onNotice = onNotice
        let outputs = try settings.destinations.map { destination throws(LogOutputError) in
            LogOutput(
                destination: try settings.open(destination, onNotice: onNotice),
                firewallOnly: destination.selection == .firewall)
        }
        let byFormat = Dictionary(grouping: zip(settings.destinations, outputs), by: { $0.0.format })
        reports = outputs.map(\.destination.report)
        state = State(
            logs: byFormat.map { FormattedLog($0.makeFormat(settings.identity), $1.map(\.1)) },
            destinations: outputs.map(\.destination), observers: observers,
            names: Array(repeating: nil, count: workers))
    }

    /// What has become of each destination's records so far.
    package var counters: [QueryLogCounters] { reports.map(\.counters) }

    /// Records that no destination has got, since they came faster than they could be written.
    package var droppedCount: Int { rings.reduce(0) { $0 + $1.droppedCount } }

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
            for destination in self.state.destinations { destination.reopen() }
        }
    }

    /// From now on formats that have a place for it say where entries stand.
    package func use(_ findPlace: @escaping EntryPlaceFinder) {
        queue.async {
            for index in self.state.logs.indices { self.state.logs[index].use(findPlace) }
        }
    }

    /// Writes what is left. The workers have stopped.
    package func finish() {
        queue.sync {
            drain()
            for destination in state.destinations { destination.beginToFinish() }
            let deadline = DispatchTime.now() + QueryLogWriter.patience
            for destination in state.destinations { destination.finish(by: deadline) }
        }
    }

    private func drain() {
        for (worker, ring) in rings.enumerated() {
            unsafe ring.drain(
                names: { state.names[worker] = $0 },
                record: { event, matchedName, message in
                    guard let names = state.names[worker] else { return }
                    for index in state.logs.indices {
                        unsafe state.logs[index].append(
                            event, names: names, matchedName: matchedName.span, message: message.span)
                    }
                    for observer in state.observers {
                        unsafe observer.observe(
                            event, names: names, matchedName: matchedName.span, message: message.span)
                    }
                })
        }
        for destination in state.destinations { destination.flush() }
        reportDrops()
        scheduleNext()
    }

    /// So that a file whose time is over ends, though no more records come.
    private func scheduleNext() {
        guard let dueTime = state.destinations.compactMap(\.dueTime).min(), dueTime != state.dueTime else { return }
        state.dueTime = dueTime
        queue.asyncAfter(wallDeadline: .now() + .seconds(max(0, dueTime - LogTime.now()))) {
            guard self.state.dueTime == dueTime else { return }
            self.state.dueTime = nil
            self.drain()
        }
    }

    private func reportDrops() {
        let drops = droppedCount
        guard drops > state.reportedDrops else { return }
        onNotice(.dropped(drops - state.reportedDrops))
        state.reportedDrops = drops
    }
}
