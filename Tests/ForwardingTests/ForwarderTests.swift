import DNSMessage
import DNSWire
import Forwarding
import Glibc
import Sockets
import Synchronization
import Testing

@Suite struct ForwarderTests {
    private func addresses(_ response: [UInt8]) throws -> [String] {
        try parsed(response).records(in: .answer).map(\.rdata)
    }

    @Test func `a response is reported once, with its octets`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            let reply = query.reply(["\(query.name) 60 IN A 192.0.2.7"])
            return [.send(reply), .send(reply)]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        let submission = try asker.ask("www.example.")
        #expect(try addresses(asker.response(to: submission)) == ["192.0.2.7"])
        try wait { asker.counters[.late] == 1 }
        #expect(asker.outcomes(of: try submission.id).count == 1)
        #expect(asker.pendingCount == 0)
    }

    @Test func `a query to an upstream has our OPT, RD, and DO and CD as the variant says`() throws {
        let upstream = try ScriptedUpstream.answering()
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        _ = try asker.response(to: asker.ask("www.example.", .aaaa, variant: [.dnssecOK, .checkingDisabled]))
        let query = try parsed(#require(upstream.received.first).octets)
        #expect(query.questions.map(\.qtype) == [.aaaa] && query.recursionDesired && query.checkingDisabled)
        #expect(query.edns == EDNS(udpPayloadSize: UInt16(WireLimit.udpOctets), dnssecOK: true))
    }

    @Test func `the same question in any case joins the query under way; another type or variant does not`() throws {
        let upstream = try ScriptedUpstream.silent()
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        let first = try asker.ask("www.example.")
        #expect(try asker.ask("WWW.Example.") == .joined(first.id))
        for other in try [
            asker.ask("www.example.", .aaaa), asker.ask("www.example.", variant: .dnssecOK), asker.ask("ww.example."),
        ] {
            #expect(try other == .started(other.id))
        }
        try wait { upstream.received.count == 4 }
        #expect(asker.counters[.queries] == 4)
    }

    @Test func `only the asked address with the ID and the question is believed`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            let good = query.reply(["\(query.name) 60 IN A 192.0.2.1"])
            var otherID = query.reply(["\(query.name) 60 IN A 192.0.2.66"])
            otherID[1] ^= 1
            var otherQuestion = query.reply()
            otherQuestion[13] ^= 1
            var noResponse = good
            noResponse[2] &= 0x7F
            return [
                .sendFromElsewhere(query.reply(["\(query.name) 60 IN A 192.0.2.66"])), .send(otherID),
                .send(otherQuestion), .send(noResponse), .send([]), .send([1, 2, 3]), .send(good),
            ]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        #expect(try addresses(asker.response(to: asker.ask("www.example."))) == ["192.0.2.1"])
        #expect(asker.counters[.malformed] == 3 && asker.counters[.wrongID] == 1 && asker.counters[.wrongQuestion] == 1)
    }

    // MARK: - Another attempt

    @Test func `after silence the other upstream is asked`() throws {
        let silent = try ScriptedUpstream.silent()
        let good = try ScriptedUpstream.answering()
        let asker = try Asker(silent, good)
        defer { asker.close(silent, good) }
        for number in 0..<4 {
            let submission = try asker.ask("n\(number).example.")
            try wait { (silent.received + good.received).contains { $0.name == "n\(number).example." } }
            if silent.received.last?.name == "n\(number).example." { asker.pass(milliseconds: 501) }
            #expect(try addresses(asker.response(to: submission)) == ["192.0.2.1"])
        }
        #expect(good.received.count == 4)
        #expect(Int(asker.counters[.retries]) == silent.received.count)
    }

    @Test func `an answer to an earlier attempt counts`() throws {
        let first = Mutex<ScriptedUpstream.Received?>(nil)
        let upstream = try ScriptedUpstream { query, number in
            if number == 0 {
                first.withLock { $0 = query }
                return []
            }
            // The second attempt has another ID and, mostly, another port: the first one's is answered.
            let earlier = first.withLock { $0! }
            return [.sendToPort(earlier.sourcePort, earlier.reply(["\(query.name) 60 IN A 192.0.2.9"]))]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        let submission = try asker.ask("www.example.")
        try wait { upstream.received.count == 1 }
        asker.pass(milliseconds: 501)
        #expect(try addresses(asker.response(to: submission)) == ["192.0.2.9"])
        #expect(Set(upstream.received.map(\.id)).count == 2)
    }

    @Test(arguments: [RCODE.servFail, .refused])
    func `the next upstream is asked at once after SERVFAIL or REFUSED, each one once`(rcode: RCODE) throws {
        let bad = try (0..<2).map { _ in try ScriptedUpstream { query, _ in [.send(query.reply(rcode: rcode))] } }
        let good = try ScriptedUpstream.answering()
        let asker = try Asker(bad[0], bad[1], good)
        let failing = try Asker(bad[0], bad[1])
        defer {
            failing.close()
            asker.close(bad[0], bad[1], good)
        }
        for number in 0..<6 {
            #expect(try addresses(asker.response(to: asker.ask("n\(number).example."))) == ["192.0.2.1"])
        }
        // When everybody says so, so do we.
        let response = try failing.response(to: failing.ask("www.example."))
        #expect(try parsed(response).rcode == rcode)
        #expect(bad.flatMap(\.received).count { $0.name == "www.example." } == 2)
    }

    @Test func `when nobody answers the query fails after six attempts or five seconds`() throws {
        let upstream = try ScriptedUpstream.silent()
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        let submission = try asker.ask("www.example.")
        var milliseconds = 0
        while try asker.outcomes(of: submission.id).isEmpty, milliseconds < 10_000 {
            asker.pass(milliseconds: 50)
            milliseconds += 50
        }
        #expect(try asker.outcomes(of: submission.id) == [.failure(.timedOut)])
        #expect((2000...5100).contains(milliseconds))
        try wait { upstream.received.count { $0.name == "www.example." } == 6 }
        #expect(asker.pendingCount == 0 && asker.counters[.timeouts] == 1)
    }

    @Test func `an upstream on which nobody listens fails in time, however many queries go there`() throws {
        let gone = try ScriptedUpstream.silent()
        gone.stop()
        let asker = try Asker([Upstream(transport: .udp, endpoint: gone.endpoint)], capacity: 2048)
        defer { asker.close() }
        let first = try asker.ask("first.example.")
        var hasFailed = false
        for step in 0..<170 where !hasFailed {
            // Enough that each of the upstream's ports reports an error in each step, and time for it to do so.
            for number in 0..<12 { try asker.ask("n\(step)-\(number).example.") }
            usleep(2000)
            asker.pass(milliseconds: 30)
            hasFailed = try asker.outcomes(of: first.id) == [.failure(.unreachable)]
        }
        #expect(hasFailed)
    }

    @Test func `a port on which nobody listens is tried again after a moment`() throws {
        let gone = try ScriptedUpstream.silent()
        gone.stop()
        let asker = try Asker([Upstream(transport: .udp, endpoint: gone.endpoint)])
        defer { asker.close() }
        try asker.ask("www.example.")
        // The error is seen, and a moment has passed since.
        asker.pass(milliseconds: 1)
        #expect(asker.counters[.retries] == 0)
        asker.pass(milliseconds: 101)
        #expect(asker.counters[.retries] == 1)
    }

    @Test func `an upstream that starts again on its port is heard on every one of ours`() throws {
        let gone = try ScriptedUpstream.silent()
        gone.stop()
        let asker = try Asker([Upstream(transport: .udp, endpoint: gone.endpoint)], capacity: 512)
        for number in 0..<100 { try asker.ask("n\(number).example.") }
        usleep(20_000)
        for _ in 0..<120 { asker.pass(milliseconds: 50) }
        #expect(asker.pendingCount == 0)
        let upstream = try ScriptedUpstream(on: gone.endpoint) { query, _ in
            [.send(query.reply(["\(query.name) 60 IN A 192.0.2.1"]))]
        }
        defer { asker.close(upstream) }
        for number in 0..<50 {
            #expect(try addresses(asker.response(to: asker.ask("m\(number).example."))) == ["192.0.2.1"])
        }
        #expect(asker.counters[.queries] == 150)
    }

    @Test func `an upstream is asked again when it comes back`() throws {
        let flag = Atomic(false)
        let upstream = try ScriptedUpstream { query, _ in
            flag.load(ordering: .relaxed) ? [.send(query.reply(["\(query.name) 60 IN A 192.0.2.1"]))] : []
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        let lost = try asker.ask("lost.example.")
        for _ in 0..<120 { asker.pass(milliseconds: 50) }
        #expect(try asker.outcome(of: lost) == .failure(.timedOut))
        flag.store(true, ordering: .relaxed)
        #expect(try addresses(asker.response(to: asker.ask("www.example."))) == ["192.0.2.1"])
    }

    // MARK: - TCP

    @Test func `a truncated answer is asked for again over TCP`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            let isTCP = query.transport == .tcp
            return [
                .send(query.reply(isTCP ? ["\(query.name) 60 IN A 192.0.2.1"] : [], flags: isTCP ? 0 : HeaderFlags.tc))
            ]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        for number in 0..<3 {
            #expect(try addresses(asker.response(to: asker.ask("n\(number).example."))) == ["192.0.2.1"])
        }
        #expect(asker.counters[.truncated] == 3)
        #expect(upstream.received.count { $0.transport == .tcp } == 3)
    }

    @Test func `a truncated answer that comes many times is asked for over TCP once`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            guard query.transport == .udp else { return [] }
            return Array(repeating: .send(query.reply(flags: HeaderFlags.tc)), count: 20)
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        try asker.ask("www.example.")
        try wait { asker.counters[.truncated] + asker.counters[.late] == 20 }
        try wait { upstream.received.count == 2 }
        #expect(asker.counters[.truncated] == 1)
    }

    @Test func `a truncated answer to the last attempt fails the query`() throws {
        let upstream = try ScriptedUpstream { query, number in
            query.transport == .udp && number > 0 ? [.send(query.reply(flags: HeaderFlags.tc))] : []
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        let submission = try asker.ask("www.example.")
        // UDP is lost once, TCP always: the sixth attempt is UDP and comes back truncated.
        for _ in 0..<120 where try asker.outcomes(of: submission.id).isEmpty {
            let count = asker.counters[.truncated]
            asker.pass(milliseconds: 501)
            try? wait(milliseconds: 20) { asker.counters[.truncated] > count }
        }
        #expect(try asker.outcomes(of: submission.id) == [.failure(.timedOut)])
    }

    @Test func `a TCP upstream gets its queries over one connection, and a lost connection is made again`() throws {
        let upstream = try ScriptedUpstream { query, number in
            number == 3 ? [.hangUp] : [.send(query.reply(["\(query.name) 60 IN A 192.0.2.1"]))]
        }
        let asker = try Asker([Upstream(transport: .tcp, endpoint: upstream.endpoint)])
        defer { asker.close(upstream) }
        for number in 0..<6 {
            let submission = try asker.ask("n\(number).example.")
            if number == 3 {
                try wait { upstream.received.count == 4 }
                for _ in 0..<20 where try asker.outcomes(of: submission.id).isEmpty {
                    asker.pass(milliseconds: 101)
                    try? wait(milliseconds: 20) { (try? asker.outcomes(of: submission.id).isEmpty) == false }
                }
            }
            #expect(try addresses(asker.response(to: submission)) == ["192.0.2.1"])
        }
        #expect(upstream.received.allSatisfy { $0.transport == .tcp })
    }

    // MARK: - Bounds and choices

    @Test func `beyond its capacity nothing is taken, until something is over`() throws {
        let upstream = try ScriptedUpstream.silent()
        let asker = try Asker(upstream, capacity: 2)
        defer { asker.close(upstream) }
        try asker.ask("a.example.")
        try asker.ask("b.example.")
        #expect(try asker.ask("c.example.") == .full)
        #expect(try asker.ask("a.example.") == .joined(0))
        for _ in 0..<120 { asker.pass(milliseconds: 50) }
        #expect(asker.pendingCount == 0)
        #expect(try asker.ask("c.example.") != .full)
    }

    @Test func `whoever is told of an outcome may ask again at once`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            query.name.hasPrefix("lost") ? [] : [.send(query.reply(["\(query.name) 60 IN A 192.0.2.1"]))]
        }
        let asker = try Asker(upstream, capacity: 4)
        defer { asker.close(upstream) }
        let count = Atomic(0)
        let route = try asker.route(of: "a.")
        asker.onOutcome { forwarder in
            let number = count.add(1, ordering: .relaxed).newValue
            guard number <= 20, let name = try? DomainName(number < 4 ? "lost\(number)." : "n\(number).") else {
                return
            }
            #expect(forwarder.submit(name, qtype: .a, variant: [], by: route) != .full)
        }
        for name in ["a.", "lost.", "lost-too.", "b."] { try asker.ask(name) }
        for _ in 0..<400 where asker.pendingCount > 0 {
            asker.pass(milliseconds: 50)
            try? wait(milliseconds: 2) { asker.pendingCount == 0 }
        }
        #expect(asker.pendingCount == 0)
        #expect(count.load(ordering: .relaxed) == 24)
    }

    @Test func `a forwarding rule covers its domain and what is below it, the most specific one first`() throws {
        let upstreams = try (0..<3).map { _ in try ScriptedUpstream.answering() }
        let targets = upstreams.map { [Upstream(transport: .udp, endpoint: $0.endpoint)] }
        let asker = try Asker(
            targets[0],
            rules: [
                ForwardingRule(domain: try DomainName("corp.example"), destination: .upstreams(targets[1])),
                ForwardingRule(domain: try DomainName("lab.Corp.example"), destination: .upstreams(targets[2])),
            ])
        defer { asker.close(upstreams[0], upstreams[1], upstreams[2]) }
        let expected = [
            ["www.example.", "xcorp.example.", "example."],
            ["corp.example.", "www.corp.example.", "xlab.corp.example."],
            ["lab.corp.example.", "a.b.lab.corp.example."],
        ]
        for name in expected.joined() { _ = try asker.response(to: asker.ask(name)) }
        #expect(upstreams.map { $0.received.map(\.name) } == expected)
    }

    @Test func `queries go out from several ports with IDs that differ`() throws {
        let upstream = try ScriptedUpstream.answering()
        let asker = try Asker(upstream, capacity: 512)
        defer { asker.close(upstream) }
        for number in 0..<200 { _ = try asker.response(to: asker.ask("n\(number).example.")) }
        #expect((5...8).contains(Set(upstream.received.map(\.sourcePort)).count))
        #expect(Set(upstream.received.map(\.id)).count > 190)
    }
}
