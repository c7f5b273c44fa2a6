import AnswerCache
import DNSWire
package import ResolverEngine

extension [MetricFamily] {
    /// What clients have asked and were answered.
    package static func queries(_ report: EngineReport) -> [MetricFamily] {
        let counters = report.counters
        return answers(counters.answers) + [
            MetricFamily(
                .counter, "sekisho_refused_total", "Queries answered REFUSED.", MetricValue(counters.refused)),
            MetricFamily(
                .counter, "sekisho_malformed_total", "Queries answered FORMERR, NOTIMP or BADVERS.",
                MetricValue(counters.malformed)),
            MetricFamily(
                .counter, "sekisho_ignored_total", "Datagrams and messages that are no queries, and get no answer.",
                MetricValue(counters.ignored)),
            MetricFamily(
                .counter, "sekisho_rate_limited_total", "Queries beyond a rate limit.",
                MetricValue(counters.rateLimited)),
            MetricFamily(
                .counter, "sekisho_loops_total", "Queries of this server that an upstream sent back to it.",
                MetricValue(counters.loops)),
            MetricFamily(
                .counter, "sekisho_no_verdict_total",
                "Queries answered SERVFAIL because the firewall had no verdict and fails closed.",
                MetricValue(counters.withoutVerdict)),
            MetricFamily(
                .counter, "sekisho_unsent_answers_total", "Answers over UDP that the kernel did not take.",
                MetricValue(counters.unsent)),
            MetricFamily(
                .gauge, "sekisho_waiting_queries", "Queries that wait for upstreams.",
                MetricValue(report.waitingClients)),
            MetricFamily(
                .gauge, "sekisho_tcp_connections", "Open TCP connections of clients.", MetricValue(report.connections)),
            MetricFamily(
                .counter, "sekisho_tcp_connections_accepted_total", "TCP connections of clients.",
                MetricValue(counters.acceptedConnections)),
            MetricFamily(
                .counter, "sekisho_tcp_connections_rejected_total",
                "TCP connections closed because there were too many.", MetricValue(counters.rejectedConnections)),
            MetricFamily(.gauge, "sekisho_workers", "Threads that serve queries.", MetricValue(report.workers)),
        ]
    }

    private static func answers(_ answers: AnswerCounts) -> [MetricFamily] {
        let outcomes = FirewallOutcome.allCases.flatMap { outcome in
            [("udp", false), ("tcp", true)].map { transport, isTCP in
                (values: [outcome.name, transport], MetricValue(answers.count(outcome, overTCP: isTCP)))
            }
        }
        return [
            MetricFamily(
                .counter, "sekisho_queries_total", "Answered queries of served clients, by what the firewall did.",
                by: ["action", "transport"], outcomes),
            MetricFamily(
                .counter, "sekisho_answers_total", "The same, by response code.", by: ["rcode"],
                (0..<11).map { RCODE(rawValue: $0) }.map { ([$0.mnemonic], MetricValue(answers.count($0))) }),
            MetricFamily(
                .counter, "sekisho_query_types_total", "The same, by query type.", by: ["qtype"],
                CountedType.allCases.map { ([$0.name], MetricValue(answers.count($0))) }),
            .seconds(
                "sekisho_query_duration_seconds",
                "From a worker noticing a query to its answer being handed to the kernel, by where the answer came from.",
                by: "path", AnswerPath.allCases.map { ($0.name, answers.durations($0)) }),
        ]
    }

    /// The answer cache.
    package static func cache(_ report: EngineReport) -> [MetricFamily] {
        let (counters, cache) = (report.counters, report.cache)
        return [
            MetricFamily(
                .counter, "sekisho_cache_hits_total", "Queries answered from the cache.",
                MetricValue(counters.cacheHits)),
            MetricFamily(
                .counter, "sekisho_cache_misses_total", "Queries whose answer was not in the cache.",
                MetricValue(counters.cacheMisses)),
            MetricFamily(
                .counter, "sekisho_cache_stale_answers_total",
                "Queries answered with what was once known, because no upstream answered.",
                MetricValue(counters.staleAnswers)),
            MetricFamily(
                .counter, "sekisho_cache_insertions_total", "Answers put into the cache.",
                MetricValue(cache.insertions)),
            MetricFamily(
                .counter, "sekisho_cache_evictions_total", "Answers that had to make room for others.",
                MetricValue(cache.evictions)),
            MetricFamily(.gauge, "sekisho_cache_entries", "Answers in the cache.", MetricValue(cache.entries)),
            MetricFamily(
                .gauge, "sekisho_cache_used_bytes", "Octets that they take.", MetricValue(cache.usedOctets)),
            MetricFamily(
                .gauge, "sekisho_cache_size_bytes", "Octets that they may take.", MetricValue(cache.capacityOctets)),
        ]
    }
}
