package import DNSWire

/// Where names are resolved that the firewall lets pass (AWS::Route53Resolver::ResolverRule).
package struct ResolverRule: Sendable, Hashable {
    package enum Target: Sendable, Hashable {
        /// These servers are asked.
        case forward([Endpoint])
        /// The usual servers are asked, below a name that others are asked about.
        case system
        /// Nobody is asked: there is no such name.
        case autodefined
    }

    /// Covers this name and everything below it; of several rules of a VPC the most specific one counts.
    package var domain: DomainName
    package var target: Target

    package init(domain: DomainName, target: Target) {
        self.domain = domain
        self.target = target
    }
}

extension VPC {
    /// Its own rules, and behind them the autodefined ones: of two for the same name the first one counts.
    package var effectiveResolverRules: [ResolverRule] {
        guard autodefinedReverse else { return resolverRules }
        let zones = ReverseZones.local + cidrs.filter { !ReverseZones.isLocal($0) }.flatMap(ReverseZones.zones)
        return resolverRules + zones.map { ResolverRule(domain: $0, target: .autodefined) }
    }
}

/// Zones of the names that addresses have (RFC 1035 §3.5, RFC 3596 §2.5).
enum ReverseZones {
    /// Of addresses that mean something here only: private, loopback, link-local (RFC 6303 §4).
    static let local = blocks.flatMap(zones)

    private static let blocks = [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "::1/128", "::/128",
    ].compactMap { CIDR($0) }

    /// Whether the zones of `local` cover the block.
    static func isLocal(_ cidr: CIDR) -> Bool {
        blocks.contains { $0.prefixBits <= cidr.prefixBits && $0.contains(cidr.first) }
    }

    /// The zones that cover a block, up to 128 of them; none for a block of which a zone would be too much: one wider
    /// than an IPv4 /8 or an IPv6 /16.
    static func zones(of cidr: CIDR) -> [DomainName] {
        let isIPv4 = cidr.address.isIPv4 && cidr.prefixBits >= 96
        let (start, step) = isIPv4 ? (96, 8) : (0, 4)
        guard cidr.prefixBits >= start + (isIPv4 ? 8 : 16) else { return [] }
        let labels = (cidr.prefixBits - start + step - 1) / step
        let zoneBits = start + labels * step
        return (0..<(1 << (zoneBits - cidr.prefixBits))).compactMap { number in
            let bits = cidr.first.bits | UInt128(number) << UInt128(128 - zoneBits)
            return zone(of: IPAddress(bits: bits), labels: labels, isIPv4: isIPv4)
        }
    }

    private static func zone(of address: IPAddress, labels: Int, isIPv4: Bool) -> DomainName? {
        let (start, step, radix) = isIPv4 ? (96, 8, 10) : (0, 4, 16)
        let parts = (0..<labels).reversed().map { label in
            let shift = UInt128(128 - start - (label + 1) * step)
            return String(UInt8(truncatingIfNeeded: address.bits >> shift) & (isIPv4 ? 0xFF : 0x0F), radix: radix)
        }
        return try? DomainName(parts.joined(separator: ".") + (isIPv4 ? ".in-addr.arpa" : ".ip6.arpa"))
    }
}
