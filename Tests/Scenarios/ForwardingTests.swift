import DNSWire
import Testing

/// What goes to upstreams, and what is believed of them.
@Suite struct ForwardingTests {
    private static func address(_ address: String) -> UpstreamBehaviour { .answer(["@ 60 IN A \(address)"]) }

    @Test func `identical queries in flight share one upstream query`() throws {
        let upstream = try ScriptedUpstream(otherwise: .delayed(.milliseconds(400), Self.address("192.0.2.10")))
        let server = try Sekisho(upstreams: [upstream])
        let queries = (0..<20).map { _ in QueryMessage("a.example") }
        let sockets = try queries.map { query in
            let socket = try Socket.udp(connectedTo: server.endpoint)
            try socket.send(try query.octets())
            return socket
        }
        for (query, socket) in zip(queries, sockets) {
            let reply = try Reply(try #require(try socket.receive()))
            #expect(reply.id == query.id)
            #expect(reply.data == ["192.0.2.10"])
        }
        #expect(upstream.arrivals.count == 1)
    }

    @Test func `a silent upstream is made up for by another`() throws {
        let silent = try ScriptedUpstream(otherwise: .silent)
        let good = try ScriptedUpstream(otherwise: Self.address("192.0.2.10"))
        let server = try Sekisho(upstreams: [silent, good])
        for index in 0..<6 { #expect(try server.ask("n\(index).example").data == ["192.0.2.10"]) }
        #expect(good.arrivals.count >= 6)
    }

    @Test func `when every upstream is silent, SERVFAIL comes within five seconds or so`() throws {
        let server = try Sekisho(upstreams: [try ScriptedUpstream(otherwise: .silent)])
        let start = ContinuousClock.now
        #expect(try server.ask("a.example").rcode == .servFail)
        #expect(ContinuousClock.now - start < .seconds(6))
    }

    @Test func `when nobody listens at the upstream's port, the answer is SERVFAIL`() throws {
        // An address of its own: no other test can get the port once it is free again.
        let closed = try Socket.udp(bound: Endpoint("127.0.0.9:0", defaultPort: 0)!).localEndpoint()
        let server = try Sekisho("upstreams: [\"\(closed)\"]")
        #expect(try server.ask("a.example").rcode == .servFail)
    }

    @Test(arguments: UpstreamLie.allCases)
    func `an answer with another ID, question or port is not believed`(lie: UpstreamLie) throws {
        let upstream = try ScriptedUpstream([
            "a.example. A": .lie(
                lie, forged: ["a.example. 60 IN A 203.0.113.66"], then: ["a.example. 60 IN A 192.0.2.10"])
        ])
        let server = try Sekisho(upstreams: [upstream])
        for _ in 0..<2 { #expect(try server.ask("a.example").data == ["192.0.2.10"]) }
    }

    @Test(arguments: Transport.allCases)
    func `a truncated answer is asked for again over TCP`(transport: Transport) throws {
        let records = (1...20).map { "a.example. 60 IN A 192.0.2.\($0)" }
        let upstream = try ScriptedUpstream(["a.example. A": .truncatedOverUDP(records)])
        let server = try Sekisho(upstreams: [upstream])
        let reply = try server.ask("a.example", edns: .usual, over: transport)
        #expect(!reply.isTruncated)
        #expect(reply.answers.count == 20)
        #expect(upstream.arrivals.map(\.overTCP) == [false, true])
    }

    @Test func `an upstream written as tcp is asked over TCP alone`() throws {
        let upstream = try ScriptedUpstream(otherwise: Self.address("192.0.2.10"))
        let server = try Sekisho("upstreams: [\"tcp://\(upstream.endpoint)\"]", upstreams: [upstream])
        #expect(try server.ask("a.example").data == ["192.0.2.10"])
        #expect(upstream.arrivals.map(\.overTCP) == [true])
    }

    @Test func `of forwarding rules the most specific one holds`() throws {
        let (general, corp, deep) = (
            try ScriptedUpstream(otherwise: Self.address("192.0.2.1")),
            try ScriptedUpstream(otherwise: Self.address("192.0.2.2")),
            try ScriptedUpstream(otherwise: Self.address("192.0.2.3"))
        )
        let server = try Sekisho(
            """
            upstreams: ["\(general.endpoint)"]
            forwarding_rules:
              - { domain: corp.example, upstreams: ["\(corp.endpoint)"] }
              - { domain: deep.corp.example, upstreams: ["\(deep.endpoint)"] }
            """, upstreams: [general, corp, deep])
        let expected = [
            "example": "192.0.2.1", "notcorp.example": "192.0.2.1", "corp.example": "192.0.2.2",
            "a.b.corp.example": "192.0.2.2", "DEEP.Corp.example": "192.0.2.3", "x.deep.corp.example": "192.0.2.3",
        ]
        for (name, address) in expected { #expect(try server.ask(name).data == [address], "\(name)") }
    }

    @Test func `ports and IDs of upstream queries can't be guessed`() throws {
        let upstream = try ScriptedUpstream(otherwise: Self.address("192.0.2.10"))
        let server = try Sekisho(upstreams: [upstream])
        for index in 0..<60 { _ = try server.ask("n\(index).example") }
        #expect(Set(upstream.arrivals.map(\.id)).count > 50)
        #expect(Set(upstream.arrivals.map(\.source.port)).count > 4)
    }

    @Test func `an answer that nobody can use becomes SERVFAIL, and the server lives`() throws {
        let upstream = try ScriptedUpstream(
            ["a.example. A": .fail(RCODE(rawValue: 1))], otherwise: Self.address("192.0.2.10"))
        let server = try Sekisho(upstreams: [upstream])
        #expect(try server.ask("a.example").answers.isEmpty)
        #expect(try server.ask("b.example").data == ["192.0.2.10"])
    }
}
