import DNSWire
import FirewallPolicy
import QueryLog
import Sockets

/// Where an answer goes.
enum ReplyRoute {
    /// Through the UDP socket of listener `index`.
    case datagram(listener: Int, ReturnPath)
    case stream(FramedConnection)
}

/// A client whose answer depends on an upstream.
struct WaitingClient {
    /// What the pending query will be used for.
    enum Purpose {
        /// It is the client's own question.
        case answer
        /// It is the target of an override, to be appended to its CNAME.
        case overrideTarget(index: Int)
    }

    var asked: ClientQuery
    var purpose: Purpose
    var decision: Decision
    var route: ReplyRoute
}

/// What a client asks, from where and when. Large (about 560 octets): made once for a query, then passed on, not copied.
struct ClientQuery {
    /// In the client's case.
    var qname: DomainName
    var query: Query
    var arrival: Arrival

    /// The most octets that the answer may have.
    var limit: Int { arrival.transport == .udp ? query.udpAnswerLimit : arrival.transportLimit }
}

/// When and from where a query came.
struct Arrival {
    var client: Endpoint
    var transport: QueryLogEvent.Transport
    /// The most octets that the answer may have, whatever the client says.
    var transportLimit: Int
    var monotonicNanoseconds: UInt64
    var unixNanoseconds: UInt64
}

/// What the firewall has said so far, and under which policy; the log wants to know.
struct Decision {
    var state: ServingState
    var vpc: VPCIndex
    var action = QueryLogEvent.Action.none
    /// The rule that has decided, be it an ALLOW rule.
    var rule: RuleIndex?
    var trustsChain = false
    var isCacheHit = false
    /// The redirection target that the rule matched; nil: the question itself. In a box, because it is large and rare.
    var matchedTarget: MatchedTarget?
    /// The address in the answer that a rule matched.
    var matchedAddress: IPAddress?
}

extension Decision {
    var outcome: FirewallOutcome {
        switch action {
        case .none: rule == nil ? .none : .allow
        case .alert: .alert
        case .block: .block
        }
    }

    /// Of an answer that is given at once.
    var path: AnswerPath { action == .block ? .blocked : isCacheHit ? .cached : .local }
}

final class MatchedTarget: Sendable {
    let name: DomainName

    init(_ name: DomainName) { self.name = name }
}

/// Clients that wait, in lists by pending query, in a table of fixed size. A slot takes memory from its first use on.
@safe final class WaitingClients {
    private let slots: UnsafeMutablePointer<Slot>
    private let capacity: Int
    /// Slots from here on have never been used and are not initialized.
    private var usedCount = 0
    private var free: [Int32] = []
    /// Per pending query: the first waiting client, or -1.
    private var first: [Int32]

    private struct Slot {
        var client: WaitingClient?
        var next: Int32
    }

    init(capacity: Int, pendingCapacity: Int) {
        self.capacity = capacity
        unsafe slots = .allocate(capacity: capacity)
        first = Array(repeating: -1, count: pendingCapacity)
    }

    deinit {
        unsafe slots.deinitialize(count: usedCount)
        unsafe slots.deallocate()
    }

    var count: Int { usedCount - free.count }

    var isFull: Bool { free.isEmpty && usedCount == capacity }

    /// Adds a client; the caller has seen that the table is not full.
    func add(_ client: WaitingClient, to pending: UInt32) {
        let slot = Slot(client: client, next: first[Int(pending)])
        if let index = free.popLast() {
            unsafe slots[Int(index)] = slot
            first[Int(pending)] = index
        } else {
            precondition(usedCount < capacity)
            unsafe (slots + usedCount).initialize(to: slot)
            first[Int(pending)] = Int32(usedCount)
            usedCount += 1
        }
    }

    func hasClients(of pending: UInt32) -> Bool { first[Int(pending)] >= 0 }

    /// Takes every client of a pending query off the table; the last one to come first.
    func takeAll(of pending: UInt32, _ body: (WaitingClient) -> Void) {
        var index = first[Int(pending)]
        first[Int(pending)] = -1
        while index >= 0 {
            let next = unsafe slots[Int(index)].next
            let client = unsafe slots[Int(index)].client.take()
            free.append(index)
            if let client { body(client) }
            index = next
        }
    }
}
