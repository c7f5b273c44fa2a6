import DNSWire
import TestSupport
import Testing

@testable import FirewallPolicy

@Suite struct ResolverRuleTests {
    @Test(arguments: [
        ("10.0.0.0/8", ["10.in-addr.arpa."]),
        ("192.0.2.0/24", ["2.0.192.in-addr.arpa."]),
        ("192.0.2.4/31", ["4.2.0.192.in-addr.arpa.", "5.2.0.192.in-addr.arpa."]),
        ("198.18.0.0/15", ["18.198.in-addr.arpa.", "19.198.in-addr.arpa."]),
        ("2001:db8::/32", ["8.b.d.0.1.0.0.2.ip6.arpa."]),
        ("2001:db8::/31", ["8.b.d.0.1.0.0.2.ip6.arpa.", "9.b.d.0.1.0.0.2.ip6.arpa."]),
        ("0.0.0.0/0", []), ("::/0", []), ("8.0.0.0/7", []),
    ])
    func `a block's reverse zones end at the next label`(block: String, expected: [String]) throws {
        let zones = ReverseZones.zones(of: try #require(CIDR(block)))
        #expect(zones.map(\.description) == expected)
    }

    /// The oracle: an address's own reverse name, by RFC 1035 §3.5 and RFC 3596 §2.5, lies in a zone of its block.
    @Test func `the zones of a block hold the names of its addresses and of no other`() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            let isIPv4 = Bool.random(using: &generator)
            let bits =
                isIPv4 ? 96 + Int.random(in: 8...32, using: &generator) : Int.random(in: 16...128, using: &generator)
            let base =
                isIPv4 ? IPAddress(v4: .random(in: .min ... .max, using: &generator)).bits : Self.random(&generator)
            let mask = UInt128.max << UInt128(128 - bits)
            let cidr = try #require(CIDR("\(IPAddress(bits: base & mask))/\(isIPv4 ? bits - 96 : bits)"))
            let zones = ReverseZones.zones(of: cidr)
            #expect((1...128).contains(zones.count))
            for _ in 0..<4 {
                let offset = Self.random(&generator) & ~mask
                let flip: UInt128 = 1 << UInt128(128 - bits)
                let inside = try Self.reverse(IPAddress(bits: base & mask | offset), isIPv4)
                let outside = try Self.reverse(IPAddress(bits: (base & mask | offset) ^ flip), isIPv4)
                #expect(zones.contains { inside.isAtOrBelow($0) })
                if bits > (isIPv4 ? 96 : 0) { #expect(!zones.contains { outside.isAtOrBelow($0) }) }
            }
        }
    }

    private static func random(_ generator: inout SeededGenerator) -> UInt128 {
        UInt128(generator.next()) << 64 | UInt128(generator.next())
    }

    private static func reverse(_ address: IPAddress, _ isIPv4: Bool) throws -> DomainName {
        if isIPv4 {
            return try DomainName(
                address.description.split(separator: ".").reversed().joined(separator: ".") + ".in-addr.arpa")
        }
        let digits = String(address.bits, radix: 16)
        let all = String(repeating: "0", count: 32 - digits.count) + digits
        return try DomainName(all.reversed().map(String.init).joined(separator: ".") + ".ip6.arpa")
    }

    @Test func `a VPC knows private reverse names itself unless a rule of its own names them`() throws {
        var vpc = VPC(id: "vpc-00000001", cidrs: [try #require(CIDR("198.51.100.0/24"))])
        let own = ResolverRule(domain: try DomainName("168.192.in-addr.arpa"), target: .system)
        vpc.resolverRules = [own]
        let rules = vpc.effectiveResolverRules
        #expect(rules.first == own)
        let zones = rules.dropFirst().map(\.domain.description)
        #expect(zones.contains("31.172.in-addr.arpa.") && !zones.contains("32.172.in-addr.arpa."))
        #expect(zones.contains("100.51.198.in-addr.arpa.") && zones.contains("127.in-addr.arpa."))
        vpc.autodefinedReverse = false
        #expect(vpc.effectiveResolverRules == [own])
        #expect(VPC(id: VPC.defaultID, cidrs: []).effectiveResolverRules.isEmpty)
    }
}
