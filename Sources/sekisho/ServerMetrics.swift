import DomainFeeds
import Metrics
import QueryLog
import ResolverEngine
import Synchronization

/// What `/metrics` says: everything that somebody in the process counts.
struct ServerMetrics: Sendable {
    let server: ResolverServer
    let log: QueryLogWriter?
    let feeds: FeedUpdater
    let reloads: ReloadHistory

    /// Prometheus' text format.
    var text: String {
        let report = server.report()
        let families: [MetricFamily] =
            .queries(report) + .cache(report) + .upstreams(report)
            + .policy(report, server.state, reloads.counts) + .feeds(feeds.states)
            + .queryLog(log?.counters ?? [], droppedRecords: log?.droppedCount ?? 0)
            + .process(version: Version.current)
        return families.text
    }
}

/// How reloads have gone.
final class ReloadHistory: Sendable {
    private let state: Mutex<ReloadCounts>

    /// - Parameter listedNames: of the policy at the start.
    init(listedNames: Int) { state = Mutex(ReloadCounts(listedNames: listedNames)) }

    var counts: ReloadCounts { state.withLock { $0 } }

    func noteSuccess(listedNames: Int) {
        state.withLock { counts in
            counts.successes += 1
            counts.hasFailedLast = false
            counts.listedNames = listedNames
        }
    }

    func noteFailure() {
        state.withLock { counts in
            counts.failures += 1
            counts.hasFailedLast = true
        }
    }
}
