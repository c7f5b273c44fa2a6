package import AnswerCache
package import Forwarding

/// What a resolver has done since its start, and what it holds now: all its workers together.
package struct EngineReport: Sendable {
    package private(set) var workers = 0
    package private(set) var counters = WorkerCounters()
    package private(set) var cache = CacheUsage()
    /// Every upstream that has been asked, in the order in which they first were.
    package private(set) var upstreams: [UpstreamReport] = []
    /// Clients that wait for upstreams.
    package private(set) var waitingClients = 0
    /// Questions to upstreams that are under way.
    package private(set) var pendingQueries = 0
    /// TCP connections of clients.
    package private(set) var connections = 0
    package internal(set) var policy = PolicyCounts()

    package init() {}

    /// Adds one. To be called on its queue.
    mutating func add(_ worker: Worker) {
        workers += 1
        counters += worker.counters
        counters.forwarding += worker.forwarder.counters
        cache += worker.cache.usage
        waitingClients += worker.waiting.count
        pendingQueries += worker.forwarder.pendingCount
        connections += worker.connections.count
        for report in worker.forwarder.reports {
            if let index = upstreams.firstIndex(where: { $0.upstream == report.upstream }) {
                upstreams[index] += report
            } else {
                upstreams.append(report)
            }
        }
    }
}
