import DNSMessage
import DNSWire
import Testing

/// CNAMEs in an upstream's answer: each target is judged as a name of its own.
@Suite struct RedirectionTests {
    private static let chain = [
        "shop.example. 60 IN CNAME cdn.example.", "cdn.example. 60 IN CNAME edge.tracker.example.",
        "edge.tracker.example. 60 IN A 192.0.2.66",
    ]

    private static func server(_ configuration: String, _ files: [String: String]) throws -> Sekisho {
        try Sekisho(configuration, files: files, upstreams: [try ScriptedUpstream(["shop.example. A": .answer(chain)])])
    }

    @Test func `a chain without a listed name is passed on whole`() throws {
        let reply = try Self.server("block: [b.txt]", ["b.txt": "other.example\n"]).ask("shop.example")
        #expect(
            reply.lines == [
                "shop.example. CNAME cdn.example.", "cdn.example. CNAME edge.tracker.example.",
                "edge.tracker.example. A 192.0.2.66",
            ])
    }

    @Test(arguments: ["cdn.example", "edge.tracker.example", "tracker.example"], Transport.allCases)
    func `a blocked target replaces the whole answer, the cached one too`(listed: String, transport: Transport) throws {
        let server = try Self.server("block: [b.txt]", ["b.txt": listed + "\n"])
        for _ in 0..<2 {
            let reply = try server.ask("shop.example", over: transport)
            #expect(reply.rcode == .nxDomain)
            #expect(reply.question == "shop.example.")
            #expect(reply.answers.isEmpty && reply.authority.map(\.type) == [.soa])
        }
    }

    @Test func `a blocked target is found in a cached answer that is too long for the client, too`() throws {
        let addresses = (1...100).map { "edge.tracker.example. 60 IN A 192.0.2.\($0)" }
        let upstream = try ScriptedUpstream(["shop.example. A": .answer(Self.chain.prefix(2) + addresses)])
        let server = try Sekisho("block: [b.txt]", files: ["b.txt": "tracker.example\n"], upstreams: [upstream])
        for _ in 0..<2 { #expect(try server.ask("shop.example").rcode == .nxDomain) }
    }

    @Test func `a name that is allowed is trusted with its chain`() throws {
        let server = try Self.server(
            "block: [b.txt]\nallow: [a.txt]", ["b.txt": "tracker.example\n", "a.txt": "shop.example\n"])
        #expect(try server.ask("shop.example").data.last == "192.0.2.66")
    }

    @Test func `a target that is allowed does not free the rest of the chain`() throws {
        let server = try Self.server(
            "block: [b.txt]\nallow: [a.txt]", ["b.txt": "tracker.example\n", "a.txt": "cdn.example\n"])
        #expect(try server.ask("shop.example").rcode == .nxDomain)
    }

    @Test func `an override for a blocked target has the asked name as its owner`() throws {
        let upstream = try ScriptedUpstream([
            "shop.example. A": .answer(Self.chain), "safe.example. A": .answer(["safe.example. 60 IN A 192.0.2.99"]),
        ])
        let server = try Sekisho(
            "block: [b.txt]\nblock_response: safe.example", files: ["b.txt": "tracker.example\n"],
            upstreams: [upstream])
        let reply = try server.ask("shop.example")
        #expect(reply.lines == ["shop.example. CNAME safe.example.", "safe.example. A 192.0.2.99"])
    }

    @Test func `an alert on the first name does not let a blocked target through`() throws {
        let server = try Self.server(
            "block: [b.txt]\nalert: [a.txt]", ["b.txt": "tracker.example\n", "a.txt": "shop.example\n"])
        #expect(try server.ask("shop.example").rcode == .nxDomain)
    }

    @Test func `a DNAME leads to a blocked name as a CNAME does`() throws {
        let upstream = try ScriptedUpstream([
            "www.shop.example. A": .answer([
                "shop.example. 60 IN DNAME tracker.example.", "www.shop.example. 60 IN CNAME www.tracker.example.",
                "www.tracker.example. 60 IN A 192.0.2.66",
            ])
        ])
        let server = try Sekisho("block: [b.txt]", files: ["b.txt": "tracker.example\n"], upstreams: [upstream])
        #expect(try server.ask("www.shop.example").rcode == .nxDomain)
    }
}
