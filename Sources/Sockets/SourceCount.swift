import Synchronization

/// Counts the Dispatch sources that still use a descriptor; the last one to let go closes it.
final class SourceCount: Sendable {
    private let remaining: Atomic<Int>

    init(_ count: Int) { remaining = Atomic(count) }

    /// True for the last call.
    func releaseLast() -> Bool { remaining.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}
