import Dispatch
import Synchronization

/// The state in force, and those that it has replaced and that some worker still uses. Each is let go of, once nobody uses
/// it, on a queue of its own; what it has counted stays.
final class StatesInUse: Sendable {
    private static let interval = DispatchTimeInterval.milliseconds(20)

    private let content: Mutex<Content>
    private let queue = DispatchQueue(label: "sekisho.retired", qos: .utility)

    private struct Content {
        /// The newest one last.
        var states: [ServingState]
        /// Of states that are gone.
        var counts = PolicyCounts()
    }

    init(_ first: ServingState) { content = Mutex(Content(states: [first])) }

    /// Takes a state that is about to be published. A state that counts must be here at any moment.
    func add(_ next: ServingState) {
        let isFirst = content.withLock { content in
            content.states.append(next)
            return content.states.count == 2
        }
        if isFirst { sweepLater() }
    }

    /// What all states have counted; a count never gets smaller.
    func counts() -> PolicyCounts {
        content.withLock { content in
            for state in content.states { content.counts.reserve(state.tally) }
            var counts = content.counts
            for state in content.states { counts.add(state.tally) }
            return counts
        }
    }

    private func sweepLater() { queue.asyncAfter(deadline: .now() + StatesInUse.interval) { self.sweep() } }

    /// A state that has been replaced is handed out no more: once nobody else refers to it, nobody ever will.
    private func sweep() {
        let (unused, isDone) = content.withLock { content in
            var unused: [ServingState] = []
            for index in content.states.indices.reversed() where isKnownUniquelyReferenced(&content.states[index]) {
                let state = content.states.remove(at: index)
                content.counts.add(state.tally)
                unused.append(state)
            }
            content.counts.removeZeros()
            return (unused, content.states.count == 1)
        }
        if !isDone { sweepLater() }
        withExtendedLifetime(unused) {}
    }
}
