import DNSWire
import TestSupport
import Testing

@testable import Forwarding

@Suite struct RoutingTests {
    private static func upstream(_ host: Int) throws -> Upstream {
        Upstream(transport: .udp, endpoint: try #require(Endpoint("192.0.2.\(host)", defaultPort: 53)))
    }

    private static func rule(_ domain: String, _ destination: ForwardingRule.Destination) throws -> ForwardingRule {
        ForwardingRule(domain: try DomainName(domain), destination: destination)
    }

    @Test func `the same upstreams are the same route, whatever table names them`() throws {
        let registry = RouteRegistry()
        let (one, two) = (try Self.upstream(1), try Self.upstream(2))
        let name = try DomainName("a.example")
        let first = try #require(RoutingTable(usual: [one, two], rules: [], in: registry).route(of: name))
        let other = try #require(RoutingTable(usual: [two, one], rules: [], in: registry).route(of: name))
        let again = try #require(
            RoutingTable(
                usual: [one], rules: [try Self.rule("example", .upstreams([one, two]))], in: registry
            ).route(of: name))
        #expect(first == again)
        #expect(first.number != other.number)
    }

    @Test func `a rule may send names back to the usual upstreams, or to nobody`() throws {
        let table = RoutingTable(
            usual: [try Self.upstream(1)],
            rules: [
                try Self.rule("example", .upstreams([try Self.upstream(2)])),
                try Self.rule("open.example", .usual), try Self.rule("none.open.example", .nobody),
                try Self.rule("none.open.example", .usual),
            ], in: RouteRegistry())
        func host(_ name: String) throws -> String? {
            table.route(of: try DomainName(name))?.upstreams.map(\.endpoint.address.description).joined()
        }
        #expect(try host("www.example") == "192.0.2.2")
        #expect(try host("example") == "192.0.2.2")
        #expect(try host("a.OPEN.example") == "192.0.2.1")
        #expect(try host("none.open.example") == nil)
        #expect(try host("a.b.none.open.example") == nil)
        #expect(try host("an-example") == "192.0.2.1")
        #expect(try host(".") == "192.0.2.1")
    }

    /// The oracle: of all rules that cover the name, the one with the most labels.
    @Test func `of thousands of rules the most specific one counts`() throws {
        var generator = SeededGenerator(seed: 7)
        func name(_ labels: ClosedRange<Int>) throws -> DomainName {
            let count = Int.random(in: labels, using: &generator)
            let labels = (0..<count).map { _ in ["a", "b", "cc", "d"].randomElement(using: &generator)! }
            return count == 0 ? DomainName() : try DomainName(labels.joined(separator: "."))
        }
        let rules = try (0..<2_000).map { number in
            ForwardingRule(
                domain: try name(0...6),
                destination: .upstreams([
                    Upstream(transport: .udp, endpoint: Endpoint(address: IPAddress(v4: UInt32(number)), port: 53))
                ]))
        }
        let table = RoutingTable(usual: [try Self.upstream(1)], rules: rules, in: RouteRegistry())
        for _ in 0..<2_000 {
            let name = try name(0...8)
            let covering = rules.filter { name.isAtOrBelow($0.domain) }
            let most = covering.map(\.domain.labelCount).max()
            let expected = covering.first { $0.domain.labelCount == most }
            let route = try #require(table.route(of: name))
            #expect(ForwardingRule.Destination.upstreams(route.upstreams) == expected?.destination ?? .usual)
        }
    }
}
