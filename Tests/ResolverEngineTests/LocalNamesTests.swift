import DNSWire
import Testing

@testable import ResolverEngine

@Suite struct LocalNamesTests {
    private func answer(_ name: String, _ qtype: RRType) throws -> String? {
        switch LocalNames().answer(try DomainName(name), qtype: qtype) {
        case nil: nil
        case .noData: "nothing"
        case .address(let address): address.description
        }
    }

    @Test(
        arguments: [
            ("localhost", .a, "127.0.0.1"), ("localhost", .aaaa, "::1"), ("localhost", .any, "127.0.0.1"),
            ("LocalHost", .a, "127.0.0.1"), ("a.b.localhost", .aaaa, "::1"), ("localhost", .mx, "nothing"),
            ("localhost", .soa, "nothing"), ("sekisho.test", .a, "192.0.2.1"),
            ("block.Sekisho.TEST", .aaaa, "2001:db8::1"), ("block.sekisho.test", .https, "nothing"),
            ("localhost.example", .a, nil), ("xlocalhost", .a, nil), ("test", .a, nil), ("asekisho.test", .a, nil),
            (".", .a, nil),
            ("controldomain3.BotnetList.firewall.route53resolver.us-east-1.amazonaws.com", .a, "1.2.3.4"),
            ("controldomain1.malwarelist.firewall.route53resolver.us-east-1.amazonaws.com", .aaaa, "nothing"),
            ("controldomain4.malwarelist.firewall.route53resolver.us-east-1.amazonaws.com", .a, nil),
            ("a.controldomain1.malwarelist.firewall.route53resolver.us-east-1.amazonaws.com", .a, nil),
            ("firewall.route53resolver.us-east-1.amazonaws.com", .a, nil),
        ] as [(String, RRType, String?)])
    func `local names are answered here, some with everything below them, others are not`(
        name: String, qtype: RRType, expected: String?
    ) throws {
        #expect(try answer(name, qtype) == expected)
    }
}
