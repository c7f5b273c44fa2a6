import DNSWire
import FirewallPolicy
import TestSupport
import Testing

@Suite struct AddressMapTests {
    /// Few leading bits, so that prefixes contain each other.
    private func randomAddress(using generator: inout SeededGenerator) -> IPAddress {
        let host = UInt32.random(in: 0...15, using: &generator)
        if Bool.random(using: &generator) {
            let network: UInt32 =
                [0x0A00_0000, 0x0A00_FF00, 0xC0A8_0000, 0xFFFF_FFF0].randomElement(using: &generator) ?? 0
            return IPAddress(v4: network | host)
        }
        let network: UInt128 = [0, 0x2001_0DB8 << 96, UInt128.max - 15].randomElement(using: &generator) ?? 0
        return IPAddress(bits: network | UInt128(host))
    }

    private func randomCIDR(using generator: inout SeededGenerator) throws -> CIDR {
        let address = randomAddress(using: &generator)
        let offset = address.isIPv4 ? 96 : 0
        let bits = Int.random(in: 0...128 - offset, using: &generator)
        let shift = UInt128(128 - offset - bits)
        let network = shift == 128 ? 0 : (address.bits >> shift) << shift
        return try #require(CIDR("\(IPAddress(bits: network))/\(bits)"))
    }

    @Test(arguments: 0..<200) func `the longest of the prefixes that contain an address counts`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let count = Int.random(in: 0...24, using: &generator)
        let prefixes = try (0..<count).map { (cidr: try randomCIDR(using: &generator), value: $0) }
        let map = AddressMap(prefixes)
        let edges = prefixes.flatMap { prefix in
            [prefix.cidr.first.bits, prefix.cidr.first.bits &- 1, prefix.cidr.last.bits, prefix.cidr.last.bits &+ 1]
        }
        let inside = (0..<60).map { _ in randomAddress(using: &generator).bits }
        for bits in edges + inside + [0, .max] {
            let address = IPAddress(bits: bits)
            var best: (cidr: CIDR, value: Int)?
            for prefix in prefixes where prefix.cidr.contains(address) {
                if best == nil || prefix.cidr.prefixBits > best!.cidr.prefixBits { best = prefix }
            }
            #expect(map[address] == best?.value, "\(address)")
        }
    }

    @Test(arguments: ["::/0", "::/64", "::/80"])
    func `an IPv6 prefix holds no IPv4 client, though mapped addresses lie in it`(prefix: String) throws {
        let map = AddressMap([(cidr: try #require(CIDR(prefix)), value: 6)])
        #expect(map[try #require(IPAddress("192.0.2.1"))] == nil)
        #expect(map[try #require(IPAddress("0.0.0.0"))] == nil)
        #expect(map[try #require(IPAddress("255.255.255.255"))] == nil)
        #expect(map[try #require(IPAddress("::1"))] == 6)
    }

    @Test func `a client belongs to the VPC of its longest CIDR, else to the default one`() throws {
        let vpcs = [
            VPC(id: "vpc-wide", cidrs: [try #require(CIDR("10.0.0.0/8")), try #require(CIDR("2001:db8::/32"))]),
            VPC(id: "vpc-narrow", cidrs: [try #require(CIDR("10.1.0.0/16")), try #require(CIDR("2001:db8:1::/48"))]),
            VPC(id: "vpc-host", cidrs: [try #require(CIDR("10.1.2.3"))]),
        ]
        let policy = try compile([], [], vpcs: vpcs)
        let clients = [
            ("10.2.0.1", "vpc-wide"), ("10.1.2.4", "vpc-narrow"), ("10.1.2.3", "vpc-host"), ("11.0.0.0", VPC.defaultID),
            ("2001:db8:2::1", "vpc-wide"), ("2001:db8:1::1", "vpc-narrow"), ("2001:db9::", VPC.defaultID),
            ("::ffff:10.1.2.3", "vpc-host"), ("::1", VPC.defaultID), ("127.0.0.1", VPC.defaultID),
        ]
        for (client, vpc) in clients {
            let address = try #require(IPAddress(client))
            #expect(policy.names.vpcs[Int(policy.vpc(of: address))].id == vpc, "\(client)")
        }
    }

    @Test func `a configured default VPC is not added a second time`() throws {
        let everybody = VPC(id: VPC.defaultID, cidrs: [try #require(CIDR("10.0.0.0/8"))], failOpen: true)
        let policy = try compile([], [], vpcs: [VPC(id: "vpc-1", cidrs: []), everybody])
        #expect(policy.names.vpcs.map(\.id) == ["vpc-1", VPC.defaultID])
        #expect(policy.vpc(of: try #require(IPAddress("10.0.0.1"))) == 1)
        #expect(policy.vpc(of: try #require(IPAddress("192.0.2.1"))) == 1)
    }
}
