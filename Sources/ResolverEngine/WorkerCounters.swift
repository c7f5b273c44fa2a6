package import Forwarding

/// What one worker has done since its start.
package struct WorkerCounters: Sendable {
    package var queries: UInt64 = 0
    package var blocked: UInt64 = 0
    package var alerted: UInt64 = 0
    package var cacheHits: UInt64 = 0
    package var forwarded: UInt64 = 0
    package var refused: UInt64 = 0
    /// FORMERR, NOTIMP and BADVERS.
    package var malformed: UInt64 = 0
    /// Responses, and datagrams too short or too long to be queries.
    package var ignored: UInt64 = 0
    package var servFail: UInt64 = 0
    /// Datagrams that the kernel did not take.
    package var unsent: UInt64 = 0
    /// TCP connections closed because there were too many.
    package var rejectedConnections: UInt64 = 0
    /// Queries beyond a rate limit.
    package var rateLimited: UInt64 = 0
    /// Queries of our own that an upstream sent back.
    package var loops: UInt64 = 0
    /// What was asked of upstreams, and what came back.
    package var forwarding = ForwardingCounters()

    package init() {}

    package static func += (left: inout WorkerCounters, right: WorkerCounters) {
        left.queries += right.queries
        left.blocked += right.blocked
        left.alerted += right.alerted
        left.cacheHits += right.cacheHits
        left.forwarded += right.forwarded
        left.refused += right.refused
        left.malformed += right.malformed
        left.ignored += right.ignored
        left.servFail += right.servFail
        left.unsent += right.unsent
        left.rejectedConnections += right.rejectedConnections
        left.rateLimited += right.rateLimited
        left.loops += right.loops
        left.forwarding += right.forwarding
    }
}
