import DNSWire
import Testing

/// Addresses in answers: listed ones, and private ones of public names.
@Suite struct ResponseAddressTests {
    private static let configuration = """
        allow: [allowed.txt]
        block: [names.txt]
        response_addresses: { block: [bad.txt], rebinding_protection: true, private_domains: [corp.example] }
        query_log: [{ destination: "file:queries.log", format: extended }]
        """
    private static let files = [
        "bad.txt": "198.51.100.7\n2001:db8:bad::/48\n", "names.txt": "ads.example\n",
        "allowed.txt": "trusted.example\n",
    ]

    private static func server(_ more: String = "") throws -> Sekisho {
        let upstream = try ScriptedUpstream(
            [
                "bad.example. A": .answer(["@ 60 IN A 192.0.2.1", "@ 60 IN A 198.51.100.7"]),
                "alias.example. A": .answer(["@ 60 IN CNAME x.example.", "x.example. 60 IN A 198.51.100.7"]),
                "bad.example. AAAA": .answer(["@ 60 IN AAAA 2001:db8:bad::1"]),
                "trusted.example. A": .answer(["@ 60 IN A 198.51.100.7"]),
                "rebind.example. A": .answer(["@ 60 IN A 127.0.0.1"]),
                "www.corp.example. A": .answer(["@ 60 IN A 10.0.0.1"]),
                "lab.example. A": .answer(["@ 60 IN A 10.0.0.2"]),
            ], otherwise: .answer(["@ 60 IN A 192.0.2.1"]))
        let forwarding = "forwarding_rules: { domain: lab.example, upstreams: '\(upstream.endpoint)' }"
        return try Sekisho(configuration + "\n" + forwarding + more, files: files, upstreams: [upstream])
    }

    @Test func `an answer with a listed address is blocked whole, fresh and from the cache`() throws {
        let server = try Self.server()
        for _ in 0..<2 {
            for name in ["bad.example", "alias.example", "rebind.example"] {
                let reply = try server.ask(name)
                #expect(reply.rcode == .nxDomain && reply.data == [])
            }
            #expect(try server.ask("bad.example", .aaaa).rcode == .nxDomain)
            #expect(try server.ask("good.example").data == ["192.0.2.1"])
        }
        let lines = { server.directory.read("queries.log").split(separator: "\n") }
        #expect(eventually { lines().count == 10 })
        #expect(lines().count { $0.contains(#""matched_address":"198.51.100.7""#) && $0.contains("BLOCK") } == 4)
        #expect(lines().count { $0.contains(#""rule_name":"block private addresses""#) } == 2)
    }

    @Test func `names that are allowed, private or forwarded elsewhere keep their addresses`() throws {
        let server = try Self.server()
        #expect(try server.ask("trusted.example").data == ["198.51.100.7"])
        #expect(try server.ask("www.corp.example").data == ["10.0.0.1"])
        #expect(try server.ask("lab.example").data == ["10.0.0.2"])
    }

    @Test(arguments: [
        ("any.example", "198.51.100.7", "BLOCK, answered NXDOMAIN (ANSWER_BLOCKED)"),
        ("any.example", "192.168.0.1", "BLOCK, answered NXDOMAIN (ANSWER_BLOCKED)"),
        ("a.corp.example", "192.168.0.1", "ALLOW (NO_MATCH)"),
        ("trusted.example", "198.51.100.7", "ALLOW (RULE_ALLOW)"),
        ("any.example", "192.0.2.1", "ALLOW (NO_MATCH)"),
        ("ads.example", "192.0.2.1", "BLOCK, answered NXDOMAIN (RULE_BLOCK)"),
    ])
    func `explain tries an answer's address`(name: String, address: String, expected: String) throws {
        let result = try Sekisho.run(
            ["explain", name, "--answer", address, "-c", "sekisho.yaml"],
            files: Self.files.merging(["sekisho.yaml": Self.configuration]) { $1 })
        #expect(result.exit == .code(0) && result.output.contains(expected), "\(result.output)\(result.errors)")
    }
}
