package import DNSWire
package import Sockets

/// # Forwarding
/// Asks upstreams on behalf of clients: which upstream, from which port, with which ID, for how long; and believes only
/// what answers exactly that.
/// - Touches: its upstream sockets, through `Sockets`. It knows no rules and no clients.
/// - Threads: a `Forwarder` belongs to one worker's queue; nothing is shared.
/// - Costs: a query is one datagram and one table entry; tables are sized when it is made.

/// A server that queries are forwarded to.
package struct Upstream: Hashable, Sendable, CustomStringConvertible {
    package enum Transport: Hashable, Sendable {
        /// UDP, and TCP for what came truncated.
        case udp
        /// TCP for every query.
        case tcp
        /// TLS for every query (RFC 7858), with whom the certificate says. Never anything else.
        case tls(TLSIdentity)
    }

    package var transport: Transport
    package var endpoint: Endpoint

    package init(transport: Transport, endpoint: Endpoint) {
        self.transport = transport
        self.endpoint = endpoint
    }

    /// As the configuration spells it.
    package var description: String {
        switch transport {
        case .udp: "\(endpoint)"
        case .tcp: "tcp://\(endpoint)"
        case .tls(let identity): "tls://\(identity.hostName.map { "\($0)@" } ?? "")\(endpoint)"
        }
    }
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
