package import Forwarding

/// What one worker has done since its start.
package struct WorkerCounters: Sendable {
    package var answers = AnswerCounts()
    package var cacheHits: UInt64 = 0
    package var cacheMisses: UInt64 = 0
    /// Answers from the cache whose time was over, because no upstream answered.
    package var staleAnswers: UInt64 = 0
    package var forwarded: UInt64 = 0
    package var refused: UInt64 = 0
    /// FORMERR, NOTIMP and BADVERS.
    package var malformed: UInt64 = 0
    /// Responses, and datagrams too short or too long to be queries.
    package var ignored: UInt64 = 0
    /// Queries on which the firewall has no verdict, and fails closed.
    package var withoutVerdict: UInt64 = 0
    /// Datagrams that the kernel did not take.
    package var unsent: UInt64 = 0
    /// TCP connections of clients.
    package var acceptedConnections: UInt64 = 0
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
        left.answers += right.answers
        left.cacheHits += right.cacheHits
        left.cacheMisses += right.cacheMisses
        left.staleAnswers += right.staleAnswers
        left.forwarded += right.forwarded
        left.refused += right.refused
        left.malformed += right.malformed
        left.ignored += right.ignored
        left.withoutVerdict += right.withoutVerdict
        left.unsent += right.unsent
        left.acceptedConnections += right.acceptedConnections
        left.rejectedConnections += right.rejectedConnections
        left.rateLimited += right.rateLimited
        left.loops += right.loops
        left.forwarding += right.forwarding
    }
}
