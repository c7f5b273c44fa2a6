package import DomainFeeds
import Foundation

extension [MetricFamily] {
    /// Feeds in use: their copies, and how asking for them goes.
    package static func feeds(_ feeds: [(feed: Feed, state: FeedState)]) -> [MetricFamily] {
        let feeds = feeds.sorted { $0.feed.name < $1.feed.name }
        func gauge(_ name: String, _ help: String, _ value: (Feed, FeedState) -> MetricValue?) -> MetricFamily {
            let rows = feeds.compactMap { feed, state in value(feed, state).map { (values: [feed.name], $0) } }
            return MetricFamily(.gauge, "sekisho_feed_\(name)", help, by: ["feed"], rows)
        }
        return [
            gauge("entries", "Names and addresses of the copy in force.") { MetricValue($1.current?.entryCount ?? 0) },
            gauge("skipped_lines", "Lines and words of the copy in force that gave no entry.") {
                MetricValue($1.current?.skippedCount ?? 0)
            },
            gauge("size_bytes", "Octets of the copy in force.") { MetricValue($1.current?.octetCount ?? 0) },
            gauge("copy_timestamp_seconds", "When the copy in force was fetched.") { seconds($1.current?.fetched) },
            gauge(
                "last_success_timestamp_seconds", "When the source last had a copy, or said that nothing has changed."
            ) {
                seconds($1.lastSuccess)
            },
            gauge("last_attempt_timestamp_seconds", "When the source was last asked.") { seconds($1.lastAttempt) },
            gauge("failures", "Attempts that have failed since the last one that did not.") {
                MetricValue($1.failureCount)
            },
            gauge("held", "Whether a copy is in quarantine.") { MetricValue($1.held != nil) },
            gauge("refresh_interval_seconds", "How often the source is to be asked.") { feed, _ in
                MetricValue(feed.refreshSeconds)
            },
        ]
    }

    private static func seconds(_ date: Date?) -> MetricValue? { date.map { .real($0.timeIntervalSince1970) } }
}
