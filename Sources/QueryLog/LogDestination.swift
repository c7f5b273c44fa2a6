import Dispatch
package import FirewallPolicy
import Synchronization

/// One place that records go to. All of it is called on the writer's queue; whoever may wait for others has a queue of
/// its own.
protocol LogDestination: AnyObject {
    var report: DestinationReport { get }

    /// Takes one record, whole.
    func take(_ record: Span<UInt8>, of event: QueryLogEvent, names: PolicyNames)

    /// Everything that waited in the rings has been taken: time to write it.
    func flush()

    /// When `flush` is to be called though nothing has come, in seconds since 1970.
    var dueTime: Int? { get }

    /// Opens files anew, so that one that was moved away can be let go.
    func reopen()

    /// Nothing comes any more. Begins to write what is left; must not wait.
    func beginToFinish()

    /// Waits until all is written, or that time has come.
    func finish(by deadline: DispatchTime)
}

extension LogDestination {
    var dueTime: Int? { nil }
    func reopen() {}
    func beginToFinish() { flush() }
}

/// Sees each event before it is forgotten, without a format or a destination.
package protocol QueryLogObserver: AnyObject, Sendable {
    /// Whether it wants to know which entry matched, and how long the answer took.
    var wantsExtension: Bool { get }

    /// Called on the writer's queue, which must not wait.
    /// - Parameters:
    ///   - names: what rules and VPCs of the event are called.
    ///   - matchedName: the wire form of the name that the rule's list covers; empty when not known.
    ///   - message: the answer as it was sent.
    func observe(_ event: QueryLogEvent, names: PolicyNames, matchedName: Span<UInt8>, message: Span<UInt8>)
}

/// What has become of a destination's records.
package struct QueryLogCounters: Sendable, Equatable {
    /// As the configuration names it.
    package var destination: String
    package var writtenRecords = 0
    package var lostRecords = 0
    /// What waits on disk for a destination that takes nothing.
    package var spooledOctets = 0
}

/// What the writer tells its owner about.
package enum QueryLogNotice: Sendable, Equatable {
    /// So many records have been dropped because a ring was full, since the last notice.
    case dropped(Int)
    /// A destination could not be written to, and so many records are lost. Told at once, then now and then.
    case failed(String, lostRecords: Int)
    /// A destination takes records again.
    case resumed(String)
}

/// Counts what becomes of a destination's records, and tells its owner of trouble: at once, then every ten seconds at most,
/// since a full disk fails many times a second.
final class DestinationReport: Sendable {
    private struct State {
        var counters: QueryLogCounters
        /// Why records were lost, where that has not been told yet.
        var reason: String?
        var untoldLosses = 0
        var lastNotice: DispatchTime?
    }

    private static let interval = DispatchTimeInterval.seconds(10)

    let name: String
    /// What is stored is on its way, and written once it has been delivered.
    private let isDelivered: Bool
    private let state: Mutex<State>
    private let onNotice: @Sendable (QueryLogNotice) -> Void

    init(_ target: QueryLogDestination.Target, onNotice: @escaping @Sendable (QueryLogNotice) -> Void) {
        name = target.description
        isDelivered = target.isDelivered
        state = Mutex(State(counters: QueryLogCounters(destination: name)))
        self.onNotice = onNotice
    }

    var counters: QueryLogCounters { state.withLock { $0.counters } }

    /// So many records are in files.
    func stored(_ records: Int) { if !isDelivered { delivered(records) } }

    /// So many records are where they should be.
    func delivered(_ records: Int) { state.withLock { $0.counters.writtenRecords += records } }

    func spooled(octets: Int) { state.withLock { $0.counters.spooledOctets = octets } }

    /// Something went wrong, and so many records are lost.
    func failed(_ reason: String, losing records: Int = 0) {
        let notice = state.withLock { state in
            state.counters.lostRecords += records
            state.untoldLosses += records
            state.reason = reason
            let isDue = state.lastNotice.map { .now() >= $0 + DestinationReport.interval } ?? true
            return isDue ? DestinationReport.takeNotice(&state) : nil
        }
        if let notice { onNotice(notice) }
    }

    /// Tells what has not been told yet: the trouble is over, or everything is.
    func tellRest() { if let notice = state.withLock({ DestinationReport.takeNotice(&$0) }) { onNotice(notice) } }

    func resumed() { onNotice(.resumed("query log: \(name): takes records again")) }

    private static func takeNotice(_ state: inout State) -> QueryLogNotice? {
        guard let reason = state.reason else { return nil }
        let notice = QueryLogNotice.failed(reason, lostRecords: state.untoldLosses)
        (state.reason, state.untoldLosses, state.lastNotice) = (nil, 0, .now())
        return notice
    }
}
