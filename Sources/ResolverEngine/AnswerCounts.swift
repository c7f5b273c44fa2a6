package import DNSWire
package import Forwarding
import QueryLog

/// What the firewall did with a query, as it is counted.
package enum FirewallOutcome: Int, CaseIterable, Sendable {
    /// No rule matched, or there was no verdict.
    case none
    /// An ALLOW rule decided.
    case allow
    case alert
    case block

    package var name: String { "\(self)" }
}

/// How an answer came about, as its time is counted.
package enum AnswerPath: Int, CaseIterable, Sendable {
    /// A rule blocked, and nobody had to be asked.
    case blocked
    case cached
    /// Names that are answered here, and what is refused.
    case local
    /// The client has waited for an upstream.
    case forwarded

    package var name: String { "\(self)" }
}

/// Query types that are counted one by one, and one for all others.
package enum CountedType: Int, CaseIterable, Sendable {
    case a, ns, cname, soa, ptr, mx, txt, aaaa, srv, naptr, ds, dnskey, svcb, https, any, other

    @inline(__always) init(_ qtype: RRType) {
        self =
            switch qtype.rawValue {
            case 1: .a
            case 2: .ns
            case 5: .cname
            case 6: .soa
            case 12: .ptr
            case 15: .mx
            case 16: .txt
            case 28: .aaaa
            case 33: .srv
            case 35: .naptr
            case 43: .ds
            case 48: .dnskey
            case 64: .svcb
            case 65: .https
            case 255: .any
            default: .other
            }
    }

    /// The mnemonic, or `other`.
    package var name: String { self == .other ? "other" : "\(self)".uppercased() }
}

/// Answers to queries of clients that are served, by what they were and what they had to ask.
package struct AnswerCounts: Sendable {
    /// By outcome and transport.
    private var outcomes = InlineArray<8, UInt64>(repeating: 0)
    private var rcodes = InlineArray<16, UInt64>(repeating: 0)
    private var types = InlineArray<16, UInt64>(repeating: 0)
    /// By `AnswerPath`.
    private var durations = InlineArray<4, LatencyHistogram>(repeating: LatencyHistogram())

    package init() {}

    /// Counts an answer. Does not allocate: on the path of every query.
    /// - Parameter rcode: the four bits of the header.
    @inline(__always) mutating func note(
        _ outcome: FirewallOutcome, _ transport: QueryLogEvent.Transport, rcode: UInt8, qtype: RRType
    ) {
        outcomes[AnswerCounts.cell(outcome, transport)] &+= 1
        rcodes[Int(rcode & 0x0F)] &+= 1
        types[CountedType(qtype).rawValue] &+= 1
    }

    private static func cell(_ outcome: FirewallOutcome, _ transport: QueryLogEvent.Transport) -> Int {
        outcome.rawValue << 1 | Int(transport.rawValue)
    }

    /// Counts how long so many answers took.
    mutating func note(_ path: AnswerPath, nanoseconds: UInt64, times: UInt64 = 1) {
        durations[path.rawValue].note(nanoseconds, times: times)
    }

    package static func += (left: inout AnswerCounts, right: AnswerCounts) {
        for index in left.outcomes.indices { left.outcomes[index] += right.outcomes[index] }
        for index in left.rcodes.indices { left.rcodes[index] += right.rcodes[index] }
        for index in left.types.indices { left.types[index] += right.types[index] }
        for index in left.durations.indices { left.durations[index] += right.durations[index] }
    }
}

extension AnswerCounts {
    package func count(_ outcome: FirewallOutcome, overTCP: Bool) -> UInt64 {
        outcomes[AnswerCounts.cell(outcome, overTCP ? .tcp : .udp)]
    }

    package func count(_ outcome: FirewallOutcome) -> UInt64 {
        count(outcome, overTCP: false) + count(outcome, overTCP: true)
    }

    /// - Parameter rcode: below 16.
    package func count(_ rcode: RCODE) -> UInt64 { rcodes[Int(rcode.rawValue)] }

    package func count(_ type: CountedType) -> UInt64 { types[type.rawValue] }

    package func durations(_ path: AnswerPath) -> LatencyHistogram { durations[path.rawValue] }

    package var total: UInt64 { FirewallOutcome.allCases.reduce(0) { $0 + count($1) } }
}

/// Answers that a worker has given in this turn of its loop, until it is known how long that took.
struct TurnAnswers {
    /// By `AnswerPath`.
    private var counts = InlineArray<4, UInt64>(repeating: 0)
    private(set) var isEmpty = true

    @inline(__always) mutating func note(_ path: AnswerPath) {
        counts[path.rawValue] &+= 1
        isEmpty = false
    }

    subscript(path: AnswerPath) -> UInt64 { counts[path.rawValue] }
}
