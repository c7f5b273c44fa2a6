/// Bounds of one worker. Whatever would go beyond them is refused, answered SERVFAIL or closed, and counted.
enum WorkerLimits {
    /// Queries under way to upstreams.
    static let pendingQueries = 4096
    /// Clients waiting for those.
    static let waitingClients = 8192
    /// TCP connections of clients.
    static let connections = 1024
    /// A connection without progress is closed after so long (RFC 7766 §6.2.3).
    static let idleNanoseconds: UInt64 = 10_000_000_000
    /// Batches taken from one socket before the worker's other sockets have their turn.
    static let batchesPerTurn = 8
}
