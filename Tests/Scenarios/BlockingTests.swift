import DNSMessage
import DNSWire
import Testing

/// What a client receives for names of the short lists: `block`, `allow`, `alert`.
@Suite struct BlockingTests {
    static let anyAddress = UpstreamBehaviour.answer(["@ 60 IN A 192.0.2.10"])

    private static func server(
        _ configuration: String = "block: [ads.txt]", _ files: [String: String] = ["ads.txt": "ads.example\n"]
    ) throws -> (Sekisho, ScriptedUpstream) {
        let upstream = try ScriptedUpstream(otherwise: anyAddress)
        return (try Sekisho(configuration, files: files, upstreams: [upstream]), upstream)
    }

    @Test(arguments: Transport.allCases)
    func `a listed name and every name below it get NXDOMAIN, and nobody is asked`(transport: Transport) throws {
        let (server, upstream) = try Self.server()
        for name in ["ads.example", "www.ads.example", "a.b.c.ads.example", "ADS.Example"] {
            let reply = try server.ask(name, over: transport)
            #expect(reply.rcode == .nxDomain, "\(name)")
            #expect(reply.answers.isEmpty && reply.authority.map(\.type) == [.soa], "\(name)")
        }
        #expect(upstream.arrivals.isEmpty)
    }

    @Test(arguments: Transport.allCases)
    func `a name that no list has is answered by the upstream`(transport: Transport) throws {
        let (server, upstream) = try Self.server()
        for name in ["badads.example", "example", "ads.example.net", "ads"] {
            let reply = try server.ask(name, over: transport)
            #expect(reply.rcode == .noError, "\(name)")
            #expect(reply.lines == ["\(name). A 192.0.2.10"])
            #expect(upstream.count("\(name). A") == 1)
        }
    }

    @Test(arguments: Transport.allCases)
    func `IPv6 clients are served as well`(transport: Transport) throws {
        let upstream = try ScriptedUpstream(otherwise: Self.anyAddress)
        let server = try Sekisho(
            """
            listen: ["[::1]:0"]
            block: [ads.txt]
            """, files: ["ads.txt": "ads.example\n"], upstreams: [upstream])
        #expect(!server.endpoint.address.isIPv4)
        #expect(try server.ask("ads.example", over: transport).rcode == .nxDomain)
        #expect(try server.ask("a.example", over: transport).data == ["192.0.2.10"])
    }

    @Test(arguments: [("nxdomain", RCODE.nxDomain), ("nodata", .noError)])
    func `a blocked answer has QR, RA and the client's RD, and neither AA nor AD`(
        response: String, rcode: RCODE
    ) throws {
        let (server, _) = try Self.server("block: [ads.txt]\nblock_response: \(response)")
        let reply = try server.ask("ads.example")
        #expect(reply.flags == HeaderFlags.qr | HeaderFlags.rd | HeaderFlags.ra | rcode.rawValue)
        #expect(reply.answers.isEmpty && reply.authority.map(\.type) == [.soa])
    }

    @Test(arguments: ["aDs.ExAmPlE", "wWw.ANSWERED.example"], Transport.allCases)
    func `the question comes back in the case in which it was asked`(name: String, transport: Transport) throws {
        let (server, _) = try Self.server()
        // The second time the unlisted name comes from the cache, where it was put in another case.
        for spelling in [name.lowercased(), name] {
            let query = QueryMessage(spelling)
            let reply = try #require(try exchange(query, with: server.endpoint, over: transport))
            let question = try query.octets().dropFirst(WireLimit.headerOctets)
            #expect(reply.octets.dropFirst(WireLimit.headerOctets).prefix(question.count) == question)
        }
    }

    @Test(arguments: ["ads.example", "a.example"])
    func `OPT is in the answer if, and only if, it was in the query`(name: String) throws {
        let (server, _) = try Self.server()
        #expect(try server.ask(name).edns == nil)
        let edns = try #require(try server.ask(name, edns: .usual).edns)
        #expect(edns.version == 0)
        #expect(edns.udpPayloadSize == 1232)
        #expect(!edns.dnssecOK)
        #expect(try server.ask(name, edns: EDNS(udpPayloadSize: 1232, dnssecOK: true)).edns?.dnssecOK == true)
    }

    @Test func `an override answers with a CNAME and its target's records of the asked type`() throws {
        let upstream = try ScriptedUpstream([
            "safe.example. A": .answer(["safe.example. 60 IN A 192.0.2.99"]),
            "safe.example. AAAA": .answer(["safe.example. 60 IN AAAA 2001:db8::99"]),
        ])
        let server = try Sekisho(
            """
            block: [ads.txt]
            block_response: safe.example
            block_ttl: 30s
            """, files: ["ads.txt": "ads.example\n"], upstreams: [upstream])
        let a = try server.ask("www.ads.example")
        #expect(a.rcode == .noError)
        #expect(a.lines == ["www.ads.example. CNAME safe.example.", "safe.example. A 192.0.2.99"])
        #expect(a.ttlSeconds.first == 30)
        let aaaa = try server.ask("ads.example", .aaaa, over: .tcp)
        #expect(aaaa.lines == ["ads.example. CNAME safe.example.", "safe.example. AAAA 2001:db8::99"])
        #expect(Set(upstream.arrivals.map(\.question)) == ["safe.example. A", "safe.example. AAAA"])
    }

    @Test func `allow goes before block`() throws {
        let (server, _) = try Self.server(
            "block: [ads.txt]\nallow: [good.txt]", ["ads.txt": "ads.example\n", "good.txt": "good.ads.example\n"])
        #expect(try server.ask("ads.example").rcode == .nxDomain)
        #expect(try server.ask("bad.ads.example").rcode == .nxDomain)
        #expect(try server.ask("good.ads.example").data == ["192.0.2.10"])
        #expect(try server.ask("very.good.ads.example").data == ["192.0.2.10"])
    }

    @Test func `a hosts file is a list`() throws {
        let hosts = """
            # The names behind an address are listed, those of the machine itself are not.
            127.0.0.1 localhost
            0.0.0.0 ads.example tracker.example  # two of them
            ::1 six.example
            """
        let (server, _) = try Self.server("block: [ads.hosts]", ["ads.hosts": hosts])
        for name in ["ads.example", "tracker.example", "six.example"] {
            #expect(try server.ask(name).rcode == .nxDomain, "\(name)")
        }
        #expect(try server.ask("localhost").data == ["127.0.0.1"])
    }

    @Test func `flags do without a file`() throws {
        let upstream = try ScriptedUpstream(otherwise: Self.anyAddress)
        let server = try Sekisho(
            nil, files: ["ads.txt": "ads.example\n", "corp.txt": "corp.ads.example\n", "odd.txt": "odd.example\n"],
            upstreams: [upstream],
            arguments: [
                "--listen", "127.0.0.1:0", "--upstream", "\(upstream.endpoint)", "--block", "ads.txt", "--allow",
                "corp.txt", "--alert", "odd.txt", "--block-response", "nodata", "--workers", "1", "--state-directory",
                "state", "--query-log", "stdout",
            ])
        let blocked = try server.ask("ads.example")
        #expect(blocked.rcode == .noError && blocked.answers.isEmpty)
        #expect(try server.ask("corp.ads.example").data == ["192.0.2.10"])
        #expect(try server.ask("odd.example").data == ["192.0.2.10"])
        #expect(eventually { server.process.output.contains(#""firewall_rule_action":"ALERT""#) })
    }
}
