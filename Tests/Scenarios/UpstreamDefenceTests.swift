import DNSWire
import Foundation
import Testing

/// What the running server does about forged answers, upstreams that are silent, and queries that go round in circles.
@Suite struct UpstreamDefenceTests {
    @Test func `clients get their own case, whatever case the upstream was asked in`() throws {
        let upstream = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
        let server = try Sekisho(upstreams: [upstream])
        for name in ["Www.Quite-Long-Names.Example", "www.quite-long-names.example", "WWW.QUITE-LONG-NAMES.EXAMPLE"] {
            let query = QueryMessage(name)
            let octets = try query.octets()
            let reply = try #require(try exchange(query, with: server.endpoint))
            #expect(reply.octets[12..<12 + name.utf8.count + 2] == octets[12..<12 + name.utf8.count + 2])
            #expect(reply.lines.map { $0.lowercased() } == ["\(name.lowercased()). a 192.0.2.10"])
        }
        let spelling = try #require(upstream.arrivals.first).spelling
        #expect(upstream.arrivals.count == 1)
        #expect(spelling != spelling.lowercased() && spelling != spelling.uppercased())
    }

    @Test func `a flood of forged answers changes nothing and is counted by what is wrong with it`() throws {
        let upstream = try ScriptedUpstream()
        let server = try Sekisho("admin: { listen: '127.0.0.1:0' }", upstreams: [upstream])
        let rounds = 20
        for lie in UpstreamLie.allCases {
            for round in 0..<rounds {
                let name = "\(lie)-\(round).example"
                upstream.set(
                    "\(name.lowercased()). A",
                    .lie(lie, forged: ["\(name). 60 IN A 203.0.113.66"], then: ["\(name). 60 IN A 192.0.2.10"]))
                #expect(try server.ask(name).data == ["192.0.2.10"])
                #expect(try server.ask(name).data == ["192.0.2.10"])
            }
        }
        let metrics = try Metrics(of: server)
        let counted = metrics.samples.filter { $0.key.hasPrefix("sekisho_upstream_answers") && $0.value > 0 }
        print("forged answers:", counted.sorted { $0.key < $1.key })
        // A wrong ID may be one that was sent before; what comes from another port never reaches the program.
        #expect((rounds - 1...rounds).contains(metrics["sekisho_upstream_answers_wrong_id_total"] ?? 0))
        #expect(metrics["sekisho_upstream_answers_wrong_question_total"] == rounds)
        #expect(metrics["sekisho_upstream_answers_wrong_case_total"] == rounds)
        #expect(metrics["sekisho_cache_hits_total"] == rounds * UpstreamLie.allCases.count)
    }

    @Test func `an old answer serves when the upstream falls silent, within 1.8 s or so, and then at once`() throws {
        let upstream = try ScriptedUpstream(otherwise: .answer(["@ 1 IN A 192.0.2.10"]))
        let server = try Sekisho(upstreams: [upstream])
        let names = (0..<6).map { "n\($0).example" }
        for name in names { _ = try server.ask(name) }
        for name in names { upstream.set("\(name). A", .silent) }
        Thread.sleep(forTimeInterval: 2.1)
        let times = try names.map { name in
            let start = ContinuousClock.now
            let reply = try server.ask(name)
            #expect(reply.data == ["192.0.2.10"] && reply.ttlSeconds == [30])
            return ContinuousClock.now - start
        }
        print("stale answers after", times)
        #expect(times[0] > .milliseconds(1000) && times.allSatisfy { $0 < .seconds(3) })
        // By then it is set aside.
        #expect(try #require(times.last) < .milliseconds(500))
    }

    @Test func `two servers that forward to each other refuse at once, and say so once`() throws {
        // An address of its own: no other test can get the port.
        let reserved = try Socket.udp(bound: Endpoint("127.0.0.11:0", defaultPort: 0)!).localEndpoint()
        let first = try Sekisho("upstreams: [\"\(reserved)\"]\nadmin: { listen: '127.0.0.1:0' }")
        let second = try Sekisho("listen: [\"\(reserved)\"]\nupstreams: [\"\(first.endpoint)\"]")
        let start = ContinuousClock.now
        for index in 0..<20 { #expect(try first.ask("n\(index).example").rcode == .refused) }
        #expect(ContinuousClock.now - start < .seconds(5))
        let metrics = try Metrics(of: first)
        // One for each query, and no more: nothing goes round twice.
        #expect(metrics["sekisho_loops_total"] == 20 && metrics["sekisho_upstream_queries_total"] == 20)
        #expect(first.log.matches(of: /forwarding loop/).count == 1)
        #expect(!second.log.contains("forwarding loop"))
    }
}
