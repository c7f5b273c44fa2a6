import Synchronization

/// Decisions as they are taken, for one who watches: he takes them when he likes, and is told how many he has missed.
package final class DecisionStream: Sendable {
    /// What is kept between two takings. Who watches a faster stream sees a part of it.
    package static let bufferedDecisions = 200

    package struct Batch: Sendable {
        /// The oldest first.
        package var decisions: [Decision] = []
        /// Those that there was no room for.
        package var missedCount = 0

        package init() {}
    }

    let filter: DecisionFilter
    private let batch: Mutex<Batch>

    init(_ filter: DecisionFilter, recent: [Decision]) {
        self.filter = filter
        var batch = Batch()
        batch.decisions = recent
        self.batch = Mutex(batch)
    }

    /// Takes what has come since the last time.
    package func take() -> Batch {
        batch.withLock { batch in
            defer { batch = Batch() }
            return batch
        }
    }

    /// Returns false where there is no room for it.
    func offer(_ decision: Decision) -> Bool {
        batch.withLock { batch in
            guard batch.decisions.count < DecisionStream.bufferedDecisions else {
                batch.missedCount += 1
                return false
            }
            batch.decisions.append(decision)
            return true
        }
    }
}
