package import DNSWire

/// # Forwarding
/// Asks upstreams on behalf of clients: which upstream, from which port, with which ID, for how long; and believes only
/// what answers exactly that.
/// - Touches: its upstream sockets, through `Sockets`. It knows no rules and no clients.
/// - Threads: a `Forwarder` belongs to one worker's queue; nothing is shared.
/// - Costs: a query is one datagram and one table entry; tables are sized when it is made.

/// A server that queries are forwarded to.
package struct Upstream: Hashable, Sendable, CustomStringConvertible {
    package enum Transport: String, Sendable {
        /// UDP, and TCP for what came truncated.
        case udp
        /// TCP for every query.
        case tcp
    }

    package var transport: Transport
    package var endpoint: Endpoint

    package init(transport: Transport, endpoint: Endpoint) {
        self.transport = transport
        self.endpoint = endpoint
    }

    /// As the configuration spells it.
    package var description: String { transport == .tcp ? "tcp://\(endpoint)" : "\(endpoint)" }
}

/// Where queries for a part of the tree go.
package struct ForwardingRule: Sendable, Equatable {
    /// Covers this name and everything below it.
    package var domain: DomainName
    package var destination: Destination

    package enum Destination: Sendable, Equatable {
        /// Never empty.
        case upstreams([Upstream])
        /// The usual ones, for a domain below one that others are asked about.
        case usual
        /// Nobody is asked.
        case nobody
    }

    package init(domain: DomainName, destination: Destination) {
        self.domain = domain
        self.destination = destination
    }
}

/// What one worker knows of one upstream's health.
struct UpstreamState {
    let upstream: Upstream
    /// Time-outs since the last answer.
    private(set) var consecutiveTimeouts = 0
    private var downUntil: UInt64 = 0
    /// Smoothed round-trip time, nanoseconds (RFC 6298 §2, α = 1/8); nil before the first answer.
    private(set) var smoothedRoundTrip: UInt64?

    init(_ upstream: Upstream) { self.upstream = upstream }

    func isUp(at now: UInt64) -> Bool { now >= downUntil }

    /// How long to wait for an answer before the next attempt: four round trips, between 0.2 s and 1 s.
    var patience: UInt64 {
        guard let smoothedRoundTrip else { return 500_000_000 }
        return min(max(smoothedRoundTrip * 4, 200_000_000), 1_000_000_000)
    }

    mutating func noteAnswer(roundTrip: UInt64) {
        consecutiveTimeouts = 0
        downUntil = 0
        smoothedRoundTrip = smoothedRoundTrip.map { $0 - $0 / 8 + roundTrip / 8 } ?? roundTrip
    }

    /// Three time-outs in a row put an upstream aside for 1 s, then twice as long each time, at most 30 s.
    mutating func noteTimeout(at now: UInt64) {
        consecutiveTimeouts += 1
        guard consecutiveTimeouts >= 3 else { return }
        let seconds = min(30, 1 << UInt64(min(5, consecutiveTimeouts - 3)))
        downUntil = now + UInt64(seconds) * 1_000_000_000
    }
}
