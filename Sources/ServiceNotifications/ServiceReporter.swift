import Dispatch
package import Sockets
import Synchronization

/// Says what becomes of a service, and at intervals how it is and that it lives.
///
/// That it lives is said by those who do the work: `status` asks each of them and waits for its answer. When one hangs,
/// nothing is said any more, and the manager's watchdog ends the service.
package final class ServiceReporter: Sendable {
    private let manager: ServiceManager
    private let status: @Sendable () -> String
    private let queue = DispatchQueue(label: "sekisho.service")
    private enum Stage { case starting, serving, stopping }
    private let stage = Mutex(Stage.starting)

    /// - Parameter status: a line for people; returns only if everybody whose life counts has answered. Called on the
    ///   reporter's queue.
    package init(_ manager: ServiceManager, status: @escaping @Sendable () -> String) {
        self.manager = manager
        self.status = status
    }

    /// It serves, for the first time or after a reload.
    package func ready() throws(UnixSocketError) {
        try manager.tell([.ready])
        let isFirst = stage.withLock { stage in
            defer { if stage == .starting { stage = .serving } }
            return stage == .starting
        }
        queue.async { [self] in if isFirst { beat() } else { report() } }
    }

    /// A reload begins, which ends with `ready`, also when the old policy stays.
    package func reloading() { try? manager.tell([.reloading]) }

    /// The end begins. Nothing is said after it.
    package func stopping() {
        stage.withLock { $0 = .stopping }
        try? manager.tell([.stopping])
    }

    /// Twice as often as the watchdog asks for, and often enough for who looks at the status.
    private var interval: Duration { min((manager.watchdog ?? .seconds(30)) / 2, .seconds(15)) }

    private func beat() {
        guard report() else { return }
        let nanoseconds = Int(interval / .nanoseconds(1))
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [self] in beat() }
    }

    /// Whether there is anything to be said, still.
    @discardableResult private func report() -> Bool {
        let status = ServiceManager.Notice.status(status())
        guard stage.withLock({ $0 == .serving }) else { return false }
        // A manager that is away for a moment is told the next time.
        try? manager.tell(manager.watchdog == nil ? [status] : [.isAlive, status])
        return true
    }
}
