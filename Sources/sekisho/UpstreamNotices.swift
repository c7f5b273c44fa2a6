import Forwarding
import Logging
import Synchronization

/// Says once why connections to an upstream fail, and once that they work again, however many workers meet it.
final class UpstreamNotices: Sendable {
    private struct Notice {
        var reason: String
        var saidAt: ContinuousClock.Instant
    }

    private let logger: Logger
    /// By upstream; those that work have none.
    private let notices = Mutex<[Upstream: Notice]>([:])
    /// An upstream that fails for one reason and then for another has a line no more often than this.
    private static let pause = Duration.seconds(30)

    init(_ logger: Logger) { self.logger = logger }

    /// - Parameter reason: nil when it works again.
    func note(_ upstream: Upstream, _ reason: String?) {
        guard let reason else {
            let wasKnown = notices.withLock { $0.removeValue(forKey: upstream) != nil }
            if wasKnown { logger.info("upstream \(upstream): answers again") }
            return
        }
        let isNew = notices.withLock { notices in
            let old = notices[upstream]
            guard old?.reason != reason, old.map({ ContinuousClock.now - $0.saidAt > UpstreamNotices.pause }) ?? true
            else { return false }
            notices[upstream] = Notice(reason: reason, saidAt: .now)
            return true
        }
        if isNew { logger.warning("upstream \(upstream): no connection: \(reason)") }
    }
}
