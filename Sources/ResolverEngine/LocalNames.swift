import DNSWire

/// Names that the program answers itself, when the firewall lets them pass: they must never go upstream.
///
/// - `localhost` and everything below it: the loopback addresses (RFC 6761 §6.3).
/// - `sekisho.test` and everything below it: addresses of the documentation networks (RFC 5737, RFC 3849), so that the
///   firewall can be tried without a network.
struct LocalNames {
    private let zones: [(domain: DomainName, v4: IPAddress, v6: IPAddress)]

    init() {
        let table = [("localhost", "127.0.0.1", "::1"), ("sekisho.test", "192.0.2.1", "2001:db8::1")]
        zones = table.compactMap { name, v4, v6 in
            guard let domain = try? DomainName(name), let v4 = IPAddress(v4), let v6 = IPAddress(v6) else { return nil }
            return (domain, v4, v6)
        }
    }

    enum Answer {
        case address(IPAddress)
        /// The name exists, and has nothing of this type.
        case noData
    }

    static let ttlSeconds: UInt32 = 60

    /// Nil for names that are none of ours.
    func answer(_ name: borrowing DomainName, qtype: RRType) -> Answer? {
        for zone in zones where name.isAtOrBelow(zone.domain) {
            switch qtype {
            case .a, .any: return .address(zone.v4)
            case .aaaa: return .address(zone.v6)
            default: return .noData
            }
        }
        return nil
    }
}
