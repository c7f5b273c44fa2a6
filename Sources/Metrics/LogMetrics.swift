package import QueryLog

extension [MetricFamily] {
    /// The query log.
    /// - Parameters:
    ///   - destinations: what has become of each one's records.
    ///   - droppedRecords: those that found a worker's ring full, and so are in no destination.
    package static func queryLog(_ destinations: [QueryLogCounters], droppedRecords: Int) -> [MetricFamily] {
        func rows(_ value: (QueryLogCounters) -> Int) -> [(values: [String], MetricValue)] {
            destinations.map { ([$0.destination], MetricValue(value($0))) }
        }
        return [
            MetricFamily(
                .counter, "sekisho_query_log_written_records_total", "Records that a destination has taken.",
                by: ["destination"], rows(\.writtenRecords)),
            MetricFamily(
                .counter, "sekisho_query_log_lost_records_total",
                "Records that a destination did not take, and that are not kept for it any more.", by: ["destination"],
                rows(\.lostRecords)),
            MetricFamily(
                .gauge, "sekisho_query_log_spool_bytes", "What waits on disk for a destination.", by: ["destination"],
                rows(\.spooledOctets)),
            MetricFamily(
                .counter, "sekisho_query_log_dropped_records_total",
                "Records that no destination gets, because a worker's buffer was full.", MetricValue(droppedRecords)),
        ]
    }
}
