import DNSMessage
import DNSWire
import FirewallPolicy

/// What the benchmarks work on: made up, so that they run anywhere, and the same in each run.
struct Material: Sendable {
    let listed: [DomainName]
    let unlisted: [DomainName]
    /// A query for each name, as it comes from a socket: in a buffer that has room for the answer.
    let listedQueries: [[UInt8]]
    let unlistedQueries: [[UInt8]]
    let lengths: (listed: [Int], unlisted: [Int])
    /// An upstream's answer to each unlisted name: two redirections and an address.
    let responses: [[UInt8]]

    init() throws {
        listed = try (0..<100_000).map { try DomainName("x\($0 &* 40_503 % 100_003).listed\($0 % 977).example") }
        unlisted = try (0..<1_000).map { try DomainName("www.y\($0).other\($0 % 31).example") }
        let asked = (listed: try listed.prefix(1_000).map(Material.query), unlisted: try unlisted.map(Material.query))
        lengths = (asked.listed.map(\.count), asked.unlisted.map(\.count))
        listedQueries = asked.listed.map(Material.padded)
        unlistedQueries = asked.unlisted.map(Material.padded)
        responses = try unlisted.map(Material.response)
    }

    private static func query(_ name: DomainName) throws -> [UInt8] {
        try LDNSMessage.query(name: name.description, type: .a, id: 4711).wire()
    }

    private static func padded(_ octets: [UInt8]) -> [UInt8] {
        octets + [UInt8](repeating: 0, count: WireLimit.udpOctets - octets.count)
    }

    private static func response(to name: DomainName) throws -> [UInt8] {
        let answer = [
            "\(name) 300 IN CNAME edge.cdn.example.", "edge.cdn.example. 60 IN CNAME host7.cdn.example.",
            "host7.cdn.example. 60 IN A 192.0.2.7",
        ]
        let query = try LDNSMessage.query(name: name.description, type: .a, id: 4711)
        return try LDNSMessage.response(to: query, rcode: .noError, answer: answer, authority: [], additional: [])
            .wire()
    }

    /// A policy without rules whose VPCs have a /24 of 10.0.0.0/8 each.
    func policy(vpcs count: Int) throws -> PolicySnapshot {
        let vpcs = (0..<count).compactMap { number in
            CIDR("10.\(number >> 8).\(number & 255).0/24").map { VPC(id: "vpc-\(number)", cidrs: [$0]) }
        }
        return try FirewallPolicy(parts: [], ruleGroups: [], associations: [], vpcs: vpcs).compiled()
    }

    /// Writes the query for a name into a buffer, as the socket would; returns its length.
    func receive(_ place: Int, isListed: Bool, into buffer: inout [UInt8]) -> Int {
        let query = isListed ? listedQueries[place] : unlistedQueries[place]
        let count = isListed ? lengths.listed[place] : lengths.unlisted[place]
        for offset in 0..<count { buffer[offset] = query[offset] }
        return count
    }
}
