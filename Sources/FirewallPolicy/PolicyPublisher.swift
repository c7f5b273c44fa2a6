import Synchronization

/// Hands the policy in force to whoever asks, and replaces it as a whole.
package final class PolicyPublisher: Sendable {
    private let current: Mutex<PolicySnapshot>

    package init(_ initial: PolicySnapshot) { current = Mutex(initial) }

    /// The policy in force. A worker takes it once per batch, so that a decision never mixes two policies.
    package func snapshot() -> PolicySnapshot { current.withLock { $0 } }

    /// Puts `next` in force for every batch that begins from now on, and returns the policy that it replaces.
    @discardableResult
    package func publish(_ next: PolicySnapshot) -> PolicySnapshot {
        current.withLock { current in
            defer { current = next }
            return current
        }
    }
}
