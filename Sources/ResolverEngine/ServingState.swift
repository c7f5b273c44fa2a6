package import DNSWire
package import FirewallPolicy
import Synchronization

/// What a reload replaces as a whole: the policy and who may ask.
package final class ServingState: Sendable {
    package let policy: PolicySnapshot
    private let clients: AddressMap<Bool>

    /// - Parameter clients: prefixes that are served; everybody else is refused.
    package init(policy: PolicySnapshot, clients: [CIDR]) {
        self.policy = policy
        self.clients = AddressMap(clients.map { (cidr: $0, value: true) })
    }

    package func admits(_ client: IPAddress) -> Bool { clients[client] ?? false }
}

/// Hands the state in force to whoever asks, and replaces it as a whole.
package final class StatePublisher: Sendable {
    private let current: Mutex<ServingState>

    package init(_ initial: ServingState) { current = Mutex(initial) }

    /// The state in force. A worker takes it once per batch, so that a decision never mixes two policies.
    package func state() -> ServingState { current.withLock { $0 } }

    /// Puts `next` in force for every batch that begins from now on, and returns the state that it replaces.
    package func publish(_ next: ServingState) -> ServingState {
        current.withLock { current in
            defer { current = next }
            return current
        }
    }
}
