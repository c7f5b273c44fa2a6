package import Sockets

/// Bounds of one worker. Whatever would go beyond them is answered SERVFAIL or closed, and counted.
package struct WorkerLimits: Sendable {
    /// Queries under way to upstreams.
    package var pendingQueries = 4096
    /// Clients waiting for those.
    package var waitingClients = 8192
    /// TCP connections of clients.
    package var connections = 1024
    /// A connection without progress is closed after so long (RFC 7766 §6.2.3).
    package var idleNanoseconds: UInt64 = 10_000_000_000
    /// What each connection may have under way.
    package var connection = FramedConnection.Limits()
    /// What the kernel is asked to keep for each UDP socket, in and out.
    package var datagramBufferOctets = 4 << 20

    /// Batches taken from one socket before the worker's other sockets have their turn.
    static let batchesPerTurn = 8

    package init() {}
}
