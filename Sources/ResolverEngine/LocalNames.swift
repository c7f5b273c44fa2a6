package import DNSWire

/// Names that the program answers itself, when the firewall lets them pass: they must never go upstream.
///
/// - `localhost` and everything below it: the loopback addresses (RFC 6761 §6.3).
/// - `sekisho.test` and everything below it: addresses of the documentation networks (RFC 5737, RFC 3849), so that the
///   firewall can be tried without a network.
/// - AWS's control domains, which are on its managed lists for a try: 1.2.3.4, as AWS answers.
package struct LocalNames: Sendable {
    private let zones: [Zone]
    /// Labels and octets of each zone's domain: what a name has to look like, before it is compared.
    private let shapes: [(labels: Int, octets: Int)]

    private struct Zone: Sendable {
        var domain: DomainName
        var v4: IPAddress
        var v6: IPAddress?
        /// Nil: everything at or below `domain`.
        var names: [DomainName]?
    }

    package init() {
        zones = [
            LocalNames.zone("localhost", "127.0.0.1", "::1"),
            LocalNames.zone("sekisho.test", "192.0.2.1", "2001:db8::1"),
            LocalNames.zone(LocalNames.controlZone, "1.2.3.4", names: LocalNames.controlNames),
        ].compactMap(\.self)
        shapes = zones.map { ($0.domain.labelCount, $0.domain.octetCount) }
    }

    private static let controlZone = "firewall.route53resolver.us-east-1.amazonaws.com"

    private static var controlNames: [String] {
        ["botnetlist", "malwarelist", "aggregatelist"].flatMap { list in
            (1...3).map { "controldomain\($0).\(list).\(controlZone)" }
        }
    }

    private static func zone(_ domain: String, _ v4: String, _ v6: String? = nil, names: [String]? = nil) -> Zone? {
        guard let domain = try? DomainName(domain), let v4 = IPAddress(v4) else { return nil }
        return Zone(
            domain: domain, v4: v4, v6: v6.flatMap { IPAddress($0) }, names: names?.compactMap { try? DomainName($0) })
    }

    enum Answer {
        case address(IPAddress)
        /// The name exists, and has nothing of this type.
        case noData
    }

    static let ttlSeconds: UInt32 = 60

    /// Whether the program answers such a question itself.
    package func contains(_ name: borrowing DomainName, qtype: RRType) -> Bool { answer(name, qtype: qtype) != nil }

    /// Nil for names that are none of ours.
    func answer(_ name: borrowing DomainName, qtype: RRType) -> Answer? {
        for (index, shape) in shapes.enumerated() {
            guard name.labelCount >= shape.labels,
                name.suffixOctetCount(fromLabel: name.labelCount - shape.labels) == shape.octets
            else { continue }
            let zone = zones[index]
            guard name.isAtOrBelow(zone.domain) else { continue }
            if let names = zone.names {
                var isListed = false
                for known in names where name.isEqual(to: known) { isListed = true }
                guard isListed else { return nil }
            }
            switch qtype {
            case .a, .any: return .address(zone.v4)
            case .aaaa: return zone.v6.map(Answer.address) ?? .noData
            default: return .noData
            }
        }
        return nil
    }
}
