import Forwarding
package import ResolverEngine

extension [MetricFamily] {
    /// Upstreams with labels of their own; what is behind them is counted together.
    private static var upstreamLimit: Int { 100 }

    /// What upstreams were asked, and what came back.
    package static func upstreams(_ report: EngineReport) -> [MetricFamily] {
        let forwarding = report.counters.forwarding
        let totals = ForwardingCount.allCases.map { count in
            MetricFamily(
                .counter, "sekisho_upstream_\(count.label.name)_total", count.label.help,
                MetricValue(forwarding[count]))
        }
        return [
            MetricFamily(
                .counter, "sekisho_forwarded_total", "Queries that waited for an upstream.",
                MetricValue(report.counters.forwarded)),
            MetricFamily(
                .gauge, "sekisho_upstream_pending_queries", "Questions to upstreams that are under way.",
                MetricValue(report.pendingQueries)),
        ] + totals + each(labelled(report.upstreams))
    }

    private static func each(_ upstreams: [(name: String, report: UpstreamReport)]) -> [MetricFamily] {
        func rows(_ value: (UpstreamReport) -> MetricValue) -> [(values: [String], MetricValue)] {
            upstreams.map { ([$0.name], value($0.report)) }
        }
        return [
            MetricFamily(
                .counter, "sekisho_upstream_attempts_total", "Questions sent to an upstream, repeated ones included.",
                by: ["upstream"], rows { MetricValue($0.counters.attempts) }),
            MetricFamily(
                .counter, "sekisho_upstream_unanswered_total", "Questions that an upstream did not answer in time.",
                by: ["upstream"], rows { MetricValue($0.counters.timeouts) }),
            MetricFamily(
                .counter, "sekisho_upstream_failed_answers_total",
                "SERVFAIL, REFUSED and other answers of an upstream that could not answer.", by: ["upstream"],
                rows { MetricValue($0.counters.failures) }),
            MetricFamily(
                .gauge, "sekisho_upstream_up_ratio",
                "Share of the workers which ask an upstream that have not set it aside.", by: ["upstream"],
                rows { MetricValue(Double($0.workersUp) / Double($0.workers)) }),
            .seconds(
                "sekisho_upstream_rtt_seconds", "From a question to its answer, for each answer that was believed.",
                by: "upstream", upstreams.map { ($0.name, $0.report.counters.roundTrips) }),
        ]
    }

    private static func labelled(_ upstreams: [UpstreamReport]) -> [(name: String, report: UpstreamReport)] {
        var rows = upstreams.prefix(upstreamLimit).map { (name: $0.upstream.description, report: $0) }
        guard var others = upstreams.dropFirst(upstreamLimit).first else { return rows }
        for report in upstreams.dropFirst(upstreamLimit + 1) { others += report }
        rows.append((name: "other", report: others))
        return rows
    }
}
