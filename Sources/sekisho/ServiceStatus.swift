import DomainFeeds
import Metrics
import ResolverEngine
import ServiceNotifications
import Synchronization

/// The line that `systemctl status` shows: what is in force, what is asked, what needs a look.
final class ServiceStatus: Sendable {
    private let server: ResolverServer
    private let feeds: FeedUpdater
    private let reloads: ReloadHistory
    private let last: Mutex<Reading>

    private struct Reading {
        var time = ContinuousClock.now
        var queries: UInt64
        var blocked: UInt64

        init(_ counters: WorkerCounters) {
            queries = counters.answers.total
            blocked = counters.answers.count(.block)
        }
    }

    init(_ server: ResolverServer, _ feeds: FeedUpdater, _ reloads: ReloadHistory) {
        self.server = server
        self.feeds = feeds
        self.reloads = reloads
        last = Mutex(Reading(WorkerCounters()))
    }

    /// Waits for a turn of every worker: when one hangs, for ever.
    func line() -> String {
        let counts = reloads.counts
        let held = feeds.states.count { $0.state.held != nil }
        let parts = [
            "\(counted(counts.listedNames, "name")) on lists", load(server.counters),
            held > 0 ? "\(counted(held, "feed")) held back" : nil,
            counts.hasFailedLast ? "the last reload failed, the old policy stays" : nil,
        ]
        return parts.compactMap(\.self).joined(separator: "; ")
    }

    /// Since the last time.
    private func load(_ counters: WorkerCounters) -> String {
        let now = Reading(counters)
        let before = last.withLock { last in
            defer { last = now }
            return last
        }
        let queries = now.queries - before.queries
        let seconds = max((now.time - before.time) / .seconds(1), 0.001)
        guard queries > 0 else { return "\(counted(Int(now.queries), "query", "queries")) so far, none now" }
        let percent = (now.blocked - before.blocked) * 100 / queries
        return "\(Int((Double(queries) / seconds).rounded(.up))) queries/s, \(percent) % blocked"
    }
}
