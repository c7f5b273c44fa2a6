import DNSWire
import Dispatch
package import RecordedQueries
import Synchronization

/// Recorded queries, and the two ways of deciding them that are compared.
package struct Replay: Sendable {
    private let log: RecordedLog
    private let comparer: Comparer

    /// - Parameter before: nil compares with what the log says that happened.
    package init(_ log: RecordedLog, before: PolicySide?, after: PolicySide) {
        self.log = log
        comparer = Comparer(before: before, after: after)
    }

    package struct Result: Sendable {
        package var tally = ReplayTally()
        /// Files that could not be read to their end.
        package var failures: [RecordedLogError] = []
        /// By piece.
        var lineCounts: [Int] = []
    }

    /// Reads the whole log.
    /// - Parameters:
    ///   - jobs: so many threads read pieces of it at the same time.
    ///   - onProgress: so many octets of the files more have been read. Called by all threads.
    package func run(jobs: Int, onProgress: @escaping @Sendable (Int) -> Void) -> Result {
        let next = Atomic(0)
        let shared = Mutex(Result(lineCounts: Array(repeating: 0, count: log.pieces.count)))
        DispatchQueue.concurrentPerform(iterations: max(1, min(jobs, log.pieces.count))) { _ in
            let own = run(next: { next.wrappingAdd(1, ordering: .relaxed).oldValue }, onProgress)
            shared.withLock { result in
                result.tally.add(own.tally)
                result.failures += own.failures
                for piece in own.lineCounts.indices { result.lineCounts[piece] += own.lineCounts[piece] }
            }
        }
        return shared.withLock { $0 }
    }

    /// What one thread does.
    private func run(next: () -> Int, _ onProgress: (Int) -> Void) -> Result {
        var result = Result(lineCounts: Array(repeating: 0, count: log.pieces.count))
        var worker = ReplayWorker(comparer)
        var reader = LogReader()
        while true {
            let piece = next()
            guard piece < log.pieces.count else { break }
            do throws(RecordedLogError) {
                result.lineCounts[piece] = try reader.read(
                    log.pieces[piece], onProgress: onProgress,
                    onRecord: { (qname, record, text, line) throws(RecordError) in
                        try worker.take(qname, record, text, at: (piece, line))
                    },
                    onBadLine: { worker.tally.note($0, at: (piece, $1)) })
            } catch {
                result.failures.append(error)
            }
        }
        result.tally = worker.tally
        return result
    }
}

/// Compares and counts one record after the other.
private struct ReplayWorker {
    private var comparer: Comparer
    var tally = ReplayTally()
    private var labels: [UInt8] = []

    init(_ comparer: Comparer) { self.comparer = comparer }

    mutating func take(
        _ qname: borrowing DomainName, _ record: borrowing RecordedQuery, _ text: Span<UInt8>, at place: RecordPlace
    ) throws(RecordError) {
        let outcome = try comparer.compare(qname, record, text)
        tally.count(outcome, record, text)
        guard let difference = outcome.difference else { return }
        labels.removeAll(keepingCapacity: true)
        comparer.appendLabels(of: outcome, record, text, to: &labels)
        guard tally.count(difference, qname, record, text, labels: labels) else { return }
        tally.add(
            ReplayExample(
                place: place, name: qname.description, type: record.qtype.mnemonic,
                client: text.string(record.clientAddress), vpc: comparer.vpcID(outcome),
                labels: RuleLabels(labels), through: outcome.after.matchedText.map { text.string($0) }),
            of: difference)
    }
}

extension Ruling {
    /// What it matched, if not the name.
    fileprivate var matchedText: TextRange? {
        switch cause {
        case .name: nil
        case .target(let place), .address(let place): place
        }
    }
}
