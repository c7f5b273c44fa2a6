import DNSMessage
import DNSWire
import Glibc
import Sockets
import Synchronization
import Testing

@testable import Forwarding

/// A forwarder on a loop of its own, in a time that passes when it is told to.
final class Asker: @unchecked Sendable {
    // @unchecked: the forwarder is used on the loop's queue only; everything else is locked.
    enum Outcome: Equatable {
        case response([UInt8])
        case failure(Forwarder.Failure)
    }

    let loop: ReadinessLoop
    let forwarder: Forwarder
    private let routing: RoutingTable
    private let shared = Mutex(Shared())
    private let clock: Clock
    /// Queries on which clients have waited too long.
    let slow = Mutex<Set<PendingID>>([])

    private struct Shared {
        var outcomes: [PendingID: [Outcome]] = [:]
        /// Called with each outcome, on the queue.
        var reaction: (@Sendable (Forwarder) -> Void)?
    }

    private final class Clock: Sendable {
        let nanoseconds = Atomic<UInt64>(1_000_000_000_000)
    }

    init(
        _ upstreams: [Upstream], rules: [ForwardingRule] = [], capacity: Int = 64,
        settings: ForwardingSettings = ForwardingSettings()
    ) throws {
        let clock = Clock()
        self.clock = clock
        loop = try ReadinessLoop(label: "test.forwarding")
        routing = RoutingTable(usual: upstreams, rules: rules, in: RouteRegistry())
        forwarder = Forwarder(
            capacity: capacity, settings: settings, loop: loop,
            now: { clock.nanoseconds.load(ordering: .relaxed) })
        unsafe forwarder.setHandlers(
            onResponse: { [unowned self] id, message in note(.response(unsafe Array(message)), of: id) },
            onFailure: { [unowned self] id, failure in note(.failure(failure), of: id) },
            onSlow: { [unowned self] id in slow.withLock { _ = $0.insert(id) } })
        loop.start { [forwarder] in forwarder.flush() }
    }

    convenience init(_ upstreams: ScriptedUpstream..., capacity: Int = 64) throws {
        try self.init(upstreams.map { Upstream(transport: .udp, endpoint: $0.endpoint) }, capacity: capacity)
    }

    /// To be called at the end: a forwarder is closed on its queue before it goes. Then the upstreams stop.
    func close(_ upstreams: ScriptedUpstream...) {
        loop.sync { forwarder.close() }
        loop.stop()
        for upstream in upstreams { upstream.stop() }
    }

    private func note(_ outcome: Outcome, of id: PendingID) {
        let reaction = shared.withLock { shared in
            shared.outcomes[id, default: []].append(outcome)
            return shared.reaction
        }
        reaction?(forwarder)
    }

    func onOutcome(_ reaction: @escaping @Sendable (Forwarder) -> Void) {
        shared.withLock { $0.reaction = reaction }
    }

    func route(of name: String) throws -> Route { try #require(routing.route(of: try DomainName(name))) }

    @discardableResult
    func ask(_ name: String, _ qtype: RRType = .a, variant: QueryVariant = []) throws -> Forwarder.Submission {
        let route = try route(of: name)
        let name = try DomainName(name)
        var variant = variant
        variant.route = route.number
        return loop.sync { [variant] in
            let submission = forwarder.submit(name, qtype: qtype, variant: variant, by: route)
            // The number may have been another query's.
            if case .started(let id) = submission { shared.withLock { $0.outcomes[id] = nil } }
            return submission
        }
    }

    /// Lets time pass, and the forwarder see that it has.
    func pass(milliseconds: UInt64) {
        clock.nanoseconds.add(milliseconds * 1_000_000, ordering: .relaxed)
        loop.sync { forwarder.tick() }
    }

    var counters: ForwardingCounters { loop.sync { forwarder.counters } }
    /// What is known of the upstreams, in the order in which they were first asked.
    var states: [UpstreamState] { loop.sync { forwarder.states } }
    var pendingCount: Int { loop.sync { forwarder.pendingCount } }

    func outcomes(of id: PendingID) -> [Outcome] { shared.withLock { $0.outcomes[id] ?? [] } }

    /// The only outcome of a query that has just been submitted, once it is there.
    func outcome(of submission: Forwarder.Submission) throws -> Outcome {
        let id = try submission.id
        try wait { !outcomes(of: id).isEmpty }
        return try #require(outcomes(of: id).last)
    }

    /// The response's octets.
    func response(to submission: Forwarder.Submission) throws -> [UInt8] {
        guard case .response(let octets) = try outcome(of: submission) else { throw NoResponse() }
        return octets
    }
}

struct NoResponse: Error {}
struct TookTooLong: Error {}

/// Waits for what another thread does.
func wait(milliseconds: Int = 20_000, until isDone: () -> Bool) throws {
    let deadline = ContinuousClock.now + .milliseconds(milliseconds)
    while !isDone() {
        guard ContinuousClock.now < deadline else { throw TookTooLong() }
        usleep(500)
    }
}

extension Forwarder.Submission {
    var id: PendingID {
        get throws {
            switch self {
            case .started(let id), .joined(let id): return id
            case .full: throw NoResponse()
            }
        }
    }
}

/// The message as libldns reads it.
func parsed(_ octets: [UInt8]) throws(MessageError) -> LDNSMessage { try LDNSMessage(wire: octets.span) }
