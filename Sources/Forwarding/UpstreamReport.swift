/// What a forwarder has seen of one upstream.
package struct UpstreamCounters: Sendable {
    /// Questions sent to it, each time that they were.
    package var attempts: UInt64 = 0
    /// Attempts that had to be repeated, or given up, because nothing came in time.
    package var timeouts: UInt64 = 0
    /// SERVFAIL, REFUSED, and answers that can't be read.
    package var failures: UInt64 = 0
    /// From a question to its answer, for each answer that was believed.
    package var roundTrips = LatencyHistogram()

    package init() {}

    package static func += (left: inout UpstreamCounters, right: UpstreamCounters) {
        left.attempts += right.attempts
        left.timeouts += right.timeouts
        left.failures += right.failures
        left.roundTrips += right.roundTrips
    }
}

/// An upstream that has been asked, and how that has gone.
package struct UpstreamReport: Sendable {
    package var upstream: Upstream
    package var counters: UpstreamCounters
    /// Workers that have asked it.
    package var workers = 1
    /// Those of them that have not set it aside.
    package var workersUp: Int

    init(_ state: UpstreamState, _ counters: UpstreamCounters) {
        upstream = state.upstream
        self.counters = counters
        workersUp = state.isUp ? 1 : 0
    }

    /// Adds what another worker has seen of the same upstream.
    package static func += (left: inout UpstreamReport, right: UpstreamReport) {
        left.counters += right.counters
        left.workers += right.workers
        left.workersUp += right.workersUp
    }
}
