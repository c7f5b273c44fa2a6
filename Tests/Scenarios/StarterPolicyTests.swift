import DNSWire
import Testing

/// What a new user sees who has named no list, with the clients at hand.
@Suite struct StarterPolicyTests {
    private static let blocked = "block.sekisho.test"

    private static func server() throws -> Sekisho {
        try Sekisho("listen: [\"127.0.0.1:0\"]", upstreams: [try ScriptedUpstream()])
    }

    @Test(arguments: [["-u"], ["-t"]])
    func `drill shows a blocked name, one without data, an override and an allowed one`(flags: [String]) throws {
        let server = try Self.server()
        let blocked = try ToolReply.drill(flags + [Self.blocked], at: server.endpoint)
        #expect(blocked.rcode == "NXDOMAIN", "\(blocked.text)")
        let empty = try ToolReply.drill(flags + ["nodata.sekisho.test"], at: server.endpoint)
        #expect(empty.rcode == "NOERROR" && empty.answers.isEmpty, "\(empty.text)")
        let override = try ToolReply.drill(flags + ["override.sekisho.test"], at: server.endpoint)
        #expect(override.records == ["CNAME allowed.sekisho.test.", "A 192.0.2.1"], "\(override.text)")
        let allowed = try ToolReply.drill(flags + ["allowed.sekisho.test", "AAAA"], at: server.endpoint)
        #expect(allowed.records == ["AAAA 2001:db8::1"], "\(allowed.text)")
    }

    @Test(arguments: [["+notcp"], ["+tcp"], ["+noedns"], ["+dnssec"]])
    func `dig understands the answers`(flags: [String]) throws {
        let server = try Self.server()
        let blocked = try ToolReply.dig(flags + [Self.blocked], at: server.endpoint)
        #expect(blocked.rcode == "NXDOMAIN", "\(blocked.text)")
        #expect(blocked.flags == ["qr", "rd", "ra"])
        #expect(!blocked.text.contains("WARNING") && !blocked.text.contains("malformed"), "\(blocked.text)")
        let allowed = try ToolReply.dig(flags + ["allowed.sekisho.test"], at: server.endpoint)
        #expect(allowed.records == ["A 192.0.2.1"], "\(allowed.text)")
    }

    @Test func `an alert is answered, and logged as ALERT`() throws {
        let server = try Sekisho("query_log: [{ destination: stdout }]", upstreams: [try ScriptedUpstream()])
        #expect(try server.ask("alert.sekisho.test").data == ["192.0.2.1"])
        #expect(eventually { server.process.output.contains(#""firewall_rule_action":"ALERT""#) })
    }

    @Test(arguments: ["use-application-dns.net", "dns.google", "mozilla.cloudflare-dns.com", "mask.icloud.com"])
    func `names that lead around the resolver are blocked`(name: String) throws {
        #expect(try Self.server().ask(name).rcode == .nxDomain)
    }

    @Test func `localhost is this host`() throws {
        let server = try Self.server()
        #expect(try server.ask("localhost").data == ["127.0.0.1"])
        #expect(try server.ask("localhost", .aaaa).data == ["::1"])
    }
}
