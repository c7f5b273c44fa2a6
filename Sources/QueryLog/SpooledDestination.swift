import Dispatch
import FirewallPolicy
import Synchronization

/// A destination that may be slow or away: it has a queue of its own, which hands records on in batches. What is not taken
/// waits on disk, and survives the process; so a record may arrive twice, and is not lost.
final class SpooledDestination: LogDestination, @unchecked Sendable {
    // @unchecked: `batch` and `header` are touched on the writer's queue only, `retry` and `receiver` on `queue`; everything
    // else is an immutable Sendable.
    let report: DestinationReport
    private let queue: DispatchQueue
    private let backlog: RecordBacklog
    private let receiver: any LogReceiver
    /// How long records may wait for others. Nil: not at all.
    private let patience: DispatchTimeInterval?
    private let isScheduled = Atomic(false)
    private let isUrgent = Atomic(false)
    private let isFinished = Atomic(false)
    private var header: SyslogHeader?
    private var batch = RecordBatch()
    private var retry = DeliveryRetry()

    private static let handOverOctets = 256 << 10

    init(
        to receiver: any LogReceiver, by backlog: RecordBacklog, header: SyslogHeader? = nil,
        patience: DispatchTimeInterval? = nil, report: DestinationReport
    ) {
        self.receiver = receiver
        self.backlog = backlog
        self.header = header
        self.patience = patience
        self.report = report
        queue = DispatchQueue(label: "sekisho.querylog.\(report.name)", qos: .utility)
        schedule()
    }

    // MARK: The writer's queue

    func take(_ record: Span<UInt8>, of event: QueryLogEvent, names: PolicyNames) {
        if header == nil {
            batch.append(record)
        } else {
            // A record of syslog is no line: its end is not part of it.
            batch.append(head: header!.text(for: event), record.extracting(droppingLast: 1))
        }
        if batch.octets.count > SpooledDestination.handOverOctets { handOver() }
    }

    func flush() {
        handOver()
        report.spooled(octets: backlog.spooledOctets)
    }

    private func handOver() {
        guard !batch.isEmpty else { return }
        do {
            try backlog.append(batch)
        } catch {
            report.failed("\(error)", losing: batch.count)
        }
        batch.removeAll()
        schedule()
    }

    /// Lets the other queue work: at once, or when others have had time to come.
    private func schedule() {
        if let patience, !backlog.hasWholeBatch {
            guard !isScheduled.exchange(true, ordering: .acquiringAndReleasing) else { return }
            queue.asyncAfter(deadline: .now() + patience) {
                self.isScheduled.store(false, ordering: .releasing)
                self.deliver()
            }
        } else if !isUrgent.exchange(true, ordering: .acquiringAndReleasing) {
            queue.async {
                self.isUrgent.store(false, ordering: .releasing)
                self.deliver(onlyWhole: self.patience != nil)
                self.scheduleRest()
            }
        }
    }

    /// What is less than a batch has its time from now on.
    private func scheduleRest() {
        guard patience != nil, !backlog.isEmpty, !backlog.hasWholeBatch else { return }
        schedule()
    }

    func beginToFinish() {
        flush()
        queue.async { self.deliver() }
    }

    func finish(by deadline: DispatchTime) {
        let group = DispatchGroup()
        queue.async(group: group) { self.receiver.finish() }
        _ = group.wait(timeout: deadline)
        isFinished.store(true, ordering: .relaxed)
        spill()
        report.spooled(octets: backlog.spooledOctets)
        report.tellRest()
    }

    // MARK: The queue of its own

    /// - Parameter onlyWhole: what is less than a batch waits for more.
    private func deliver(onlyWhole: Bool = false) {
        guard retry.isDue else { return }
        defer { report.spooled(octets: backlog.spooledOctets) }
        do {
            while !onlyWhole || backlog.hasWholeBatch, !isFinished.load(ordering: .relaxed),
                let batch = try backlog.first()
            {
                try deliver(batch)
                backlog.removeFirst()
            }
            report.tellRest()
        } catch {
            if !retry.isFailing { report.failed("query log: \(report.name): \(error); records wait on disk") }
            spill()
            queue.asyncAfter(deadline: retry.noteFailure()) { self.deliver() }
        }
    }

    private func deliver(_ batch: RecordBatch) throws(LogDeliveryError) {
        let refused = try receiver.send(batch)
        report.delivered(batch.count - (refused?.count ?? 0))
        if let refused {
            report.failed("query log: \(report.name): \(refused.reason)", losing: refused.count)
        }
        if retry.isFailing { report.resumed() }
        retry.noteSuccess()
    }

    private func spill() {
        if let loss = backlog.spill() { report.failed("\(loss.reason)", losing: loss.lostRecords) }
    }
}
