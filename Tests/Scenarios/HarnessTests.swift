import DNSWire
import Foundation
import Testing

/// The harness held against real clients, without the program under test.
@Suite struct HarnessTests {
    @Test(arguments: [[], ["-t"]] as [[String]])
    func `a scripted upstream answers drill from its table`(flags: [String]) throws {
        let upstream = try ScriptedUpstream([
            "a.example. A": .answer(["a.example. 60 IN A 192.0.2.10", "a.example. 60 IN A 192.0.2.11"])
        ])
        let reply = try ToolReply.drill(flags + ["a.example", "A"], at: upstream.endpoint)
        #expect(reply.rcode == "NOERROR")
        #expect(reply.answers == ["a.example. 60 IN A 192.0.2.10", "a.example. 60 IN A 192.0.2.11"])
        #expect(upstream.arrivals.map(\.question) == ["a.example. A"])
        #expect(upstream.arrivals.map(\.overTCP) == [flags == ["-t"]])
    }

    @Test func `a scripted upstream truncates over UDP, and dig comes back over TCP`() throws {
        let records = (1...80).map { "big.example. 60 IN A 192.0.2.\($0)" }
        let upstream = try ScriptedUpstream(["big.example. A": .truncatedOverUDP(records)])
        let reply = try ToolReply.dig(["big.example", "A"], at: upstream.endpoint)
        #expect(Set(reply.answers) == Set(records))
        #expect(upstream.arrivals.map(\.overTCP) == [false, true])
    }

    @Test func `a scripted upstream answers with NXDOMAIN and an SOA record`() throws {
        let soa = "example. 300 IN SOA ns.example. admin.example. 1 3600 600 86400 60"
        let upstream = try ScriptedUpstream(otherwise: .nxDomain(soa: soa))
        let reply = try ToolReply.dig(["none.example", "AAAA"], at: upstream.endpoint)
        #expect(reply.rcode == "NXDOMAIN")
        #expect(reply.text.split { $0.isWhitespace }.joined(separator: " ").contains(soa))
    }

    @Test(arguments: UpstreamLie.allCases)
    func `a lie comes before the truth`(lie: UpstreamLie) throws {
        let upstream = try ScriptedUpstream(
            otherwise: .lie(lie, forged: ["a.example. 60 IN A 203.0.113.66"], then: ["a.example. 60 IN A 192.0.2.10"]))
        let socket = try Socket.udp(bound: .loopback)
        let query = QueryMessage("a.example")
        try socket.send(try query.octets(), to: upstream.endpoint)
        let first = try #require(try socket.receiveWithSource(.seconds(2)))
        let second = try #require(try socket.receiveWithSource(.seconds(2)))
        let lied = try Reply(first.octets)
        #expect(lied.data == ["203.0.113.66"])
        #expect((lied.id != query.id) == (lie == .id))
        #expect((lied.question != "a.example.") == (lie == .question))
        #expect((first.source != upstream.endpoint) == (lie == .port))
        #expect(try Reply(second.octets).data == ["192.0.2.10"])
        #expect(second.source == upstream.endpoint)
    }

    @Test func `a delayed answer holds up no other`() throws {
        let answer = UpstreamBehaviour.answer(["b.example. 60 IN A 192.0.2.1"])
        let upstream = try ScriptedUpstream(["a.example. A": .delayed(.milliseconds(300), answer)], otherwise: answer)
        let socket = try Socket.udp(connectedTo: upstream.endpoint)
        for name in ["a.example", "b.example"] { try socket.send(try QueryMessage(name).octets()) }
        let first = try Reply(try #require(try socket.receive()))
        let second = try Reply(try #require(try socket.receive()))
        #expect([first.question, second.question] == ["b.example.", "a.example."])
    }

    @Test func `a child's exit code, output and errors are told`() throws {
        let finished = try Finished(
            running: "sh", ["-c", "pwd; echo oops >&2; exit 3"], in: try TemporaryDirectory())
        #expect(finished.exit == .code(3))
        #expect(finished.output.contains("/sekisho-"))
        #expect(finished.errors == "oops\n")
    }

    @Test func `a child hears the signals that it is sent`() throws {
        let child = try ChildProcess("sleep", ["60"], in: try TemporaryDirectory())
        child.signal(SIGTERM)
        #expect(child.waitForExit(.seconds(5)) == .signal(SIGTERM))
    }

    @Test func `a child that ignores SIGTERM is ended all the same`() throws {
        let child = try ChildProcess(
            "sh", ["-c", "trap '' TERM; echo ready >&2; while :; do sleep 0.1; done"], in: try TemporaryDirectory())
        #expect(eventually { child.errors == "ready\n" })
        child.stop(grace: .milliseconds(200))
        #expect(child.poll() == .signal(SIGKILL))
    }
}
