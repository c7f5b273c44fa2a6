import Dispatch
import Synchronization

/// States that have been replaced: each is kept until no worker uses it any more, and let go of on a queue of its own.
final class RetiredStates: Sendable {
    private static let interval = DispatchTimeInterval.milliseconds(20)

    private let states = Mutex<[ServingState]>([])
    private let queue = DispatchQueue(label: "sekisho.retired", qos: .utility)

    func add(_ state: ServingState) {
        let isFirst = states.withLock { states in
            states.append(state)
            return states.count == 1
        }
        if isFirst { sweepLater() }
    }

    private func sweepLater() { queue.asyncAfter(deadline: .now() + RetiredStates.interval) { self.sweep() } }

    /// A state that has been replaced is handed out no more: once nobody else refers to it, nobody ever will.
    private func sweep() {
        let (unused, isEmpty) = states.withLock { states in
            var unused: [ServingState] = []
            for index in states.indices.reversed() where isKnownUniquelyReferenced(&states[index]) {
                unused.append(states.remove(at: index))
            }
            return (unused, states.isEmpty)
        }
        if !isEmpty { sweepLater() }
        withExtendedLifetime(unused) {}
    }
}
