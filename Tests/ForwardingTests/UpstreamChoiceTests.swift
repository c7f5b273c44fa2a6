import DNSMessage
import DNSWire
import Glibc
import Sockets
import Synchronization
import Testing

@testable import Forwarding

@Suite struct UpstreamChoiceTests {
    @Test func `the fastest upstream is preferred, the others are asked now and then`() throws {
        // Time passes when it is told to: the slow one's answers take 40 ms of it.
        let waiting = Mutex<[ScriptedUpstream.Received]>([])
        let slow = try ScriptedUpstream { query, _ in
            waiting.withLock { $0.append(query) }
            return []
        }
        let fast = try ScriptedUpstream.answering("192.0.2.2")
        let asker = try Asker(slow, fast)
        defer { asker.close(slow, fast) }
        for number in 0..<320 {
            let submission = try asker.ask("n\(number).example.")
            let isSlow = { slow.received.last?.name == "n\(number).example." }
            try wait { isSlow() || (try? asker.outcomes(of: submission.id).isEmpty) == false }
            if isSlow() {
                asker.pass(milliseconds: 40)
                let query = try #require(slow.received.last)
                slow.sendLater(query.reply(["\(query.name) 60 IN A 192.0.2.1"]), toPort: query.sourcePort)
            }
            _ = try asker.response(to: submission)
        }
        // The first one, and one of 32.
        #expect((10...12).contains(slow.received.count) && fast.received.count == 320 - slow.received.count)
    }

    @Test func `an upstream that is set aside gets probes and no clients' queries, until it answers`() throws {
        let isBack = Atomic(false)
        let gone = try ScriptedUpstream { query, _ in
            isBack.load(ordering: .relaxed) ? [.send(query.reply(["\(query.name) 60 IN A 192.0.2.1"]))] : []
        }
        let good = try ScriptedUpstream.answering("192.0.2.2")
        let asker = try Asker(gone, good)
        defer { asker.close(gone, good) }
        for number in 0..<120 {
            let submission = try asker.ask("n\(number).example.")
            try? wait(milliseconds: 200) {
                asker.pendingCount == 0 || gone.received.last?.name == "n\(number).example."
            }
            if asker.pendingCount > 0 { asker.pass(milliseconds: 1001) }
            _ = try asker.response(to: submission)
        }
        #expect(!asker.states[0].isUp)
        let before = gone.received.count { $0.name != "." }
        #expect(before == 3)
        // 3 s, 7 s, 15 s …: one at a time, and nothing else.
        for second in 0..<40 {
            asker.pass(milliseconds: 1000)
            _ = try asker.response(to: asker.ask("s\(second).example."))
        }
        try wait { gone.received.count { $0.name == "." } == Int(asker.counters[.probes]) }
        #expect((3...6).contains(asker.counters[.probes]) && gone.received.count { $0.name != "." } == before)
        isBack.store(true, ordering: .relaxed)
        for _ in 0..<62 where !asker.states[0].isUp {
            asker.pass(milliseconds: 500)
            try? wait(milliseconds: 20) { asker.states[0].isUp }
        }
        #expect(asker.states[0].isUp)
    }

    @Test func `what fails is said with its reason`() throws {
        let gone = try ScriptedUpstream.silent()
        gone.stop()
        let silent = try ScriptedUpstream.silent()
        let failing = try ScriptedUpstream { query, number in number == 0 ? [.send(query.reply(rcode: .servFail))] : []
        }
        let cases: [([ScriptedUpstream], Forwarder.Failure)] = [
            ([gone], .unreachable), ([silent], .timedOut), ([failing, silent], .failed(.servFail)),
        ]
        for (upstreams, failure) in cases {
            let asker = try Asker(upstreams.map { Upstream(transport: .udp, endpoint: $0.endpoint) })
            defer { asker.close() }
            let submission = try asker.ask("www.example.")
            for _ in 0..<150 where try asker.outcomes(of: submission.id).isEmpty {
                usleep(3000)
                asker.pass(milliseconds: 50)
            }
            #expect(try asker.outcomes(of: submission.id) == [.failure(failure)])
        }
        silent.stop()
        failing.stop()
    }

    @Test func `an error of the network does not hurry queries to an upstream that answers`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            query.name.hasPrefix("lost") ? [] : [.send(query.reply(["\(query.name) 60 IN A 192.0.2.1"]))]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        _ = try asker.response(to: asker.ask("www.example."))
        let submission = try asker.ask("lost.example.")
        try wait { upstream.received.count == 2 }
        asker.loop.sync {
            let key = asker.forwarder.pending[try! submission.id].attempts[0].key
            let jar = CookieJar(localAddress: IPAddress(v4: 0))
            let channel = ChannelRecord(serial: key >> 16, upstream: 0, cookies: jar, openedAt: 0)
            for _ in 0..<1000 { asker.forwarder.channelFailed(channel) }
        }
        asker.pass(milliseconds: 150)
        #expect(asker.counters[.retries] == 0 && asker.counters[.networkErrors] == 1000)
        #expect(asker.states[0].isUp && asker.states[0].consecutiveTimeouts == 0)
    }

    @Test func `clients have waited long enough after 1.8 s, or at once where every upstream is set aside`() throws {
        let upstream = try ScriptedUpstream.silent()
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        let first = try asker.ask("a.example.").id
        asker.pass(milliseconds: 1799)
        #expect(asker.slow.withLock { $0.isEmpty })
        asker.pass(milliseconds: 1)
        #expect(asker.slow.withLock { $0 } == [first])
        for _ in 0..<100 { asker.pass(milliseconds: 50) }
        let second = try asker.ask("b.example.").id
        asker.slow.withLock { $0 = [] }
        asker.pass(milliseconds: 1)
        #expect(asker.slow.withLock { $0 } == [second])
    }
}

@Suite struct EDNSFallbackTests {
    @Test(arguments: [RCODE.formErr, .notImp, .badVers], [false, true])
    func `an upstream that refuses OPT is asked without it, and from then on so`(rcode: RCODE, headerAlone: Bool) throws
    {
        let upstream = try ScriptedUpstream { query, _ in
            guard query.hasOPT else { return [.send(query.reply(["\(query.name) 60 IN A 192.0.2.1"]))] }
            let isShort = headerAlone && rcode != .badVers
            return [.send(isShort ? query.headerReply(rcode) : query.reply(cookie: nil, rcode: rcode))]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        for number in 0..<6 {
            #expect(try address(asker.response(to: asker.ask("n\(number).example."))) == "192.0.2.1")
        }
        #expect(upstream.received.map(\.hasOPT) == [true, false, true, false, true, false, false, false, false])
        asker.pass(milliseconds: 3_600_000)
        _ = try asker.response(to: asker.ask("later.example."))
        #expect(upstream.received.suffix(2).map(\.hasOPT) == [true, false])
    }

    @Test func `an upstream that is silent to OPT is asked without it the third time`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            query.hasOPT ? [] : [.send(query.reply(["\(query.name) 60 IN A 192.0.2.1"]))]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        for number in 0..<5 {
            let submission = try asker.ask("n\(number).example.")
            for _ in 0..<60 where try asker.outcomes(of: submission.id).isEmpty {
                asker.pass(milliseconds: 50)
                try? wait(milliseconds: 5) { (try? asker.outcomes(of: submission.id).isEmpty) == false }
            }
            #expect(try address(asker.response(to: submission)) == "192.0.2.1")
        }
        #expect(upstream.received.suffix(2).allSatisfy { !$0.hasOPT })
    }

    @Test func `FORMERR to any query is the answer, after one without OPT`() throws {
        let upstream = try ScriptedUpstream { query, _ in [.send(query.reply(rcode: .formErr))] }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        let response = try parsed(asker.response(to: asker.ask("www.example.")))
        #expect(response.rcode == .formErr)
        #expect(upstream.received.map(\.hasOPT) == [true, false])
    }

    @Test func `an upstream that sends cookies understands OPT, whatever a header alone says`() throws {
        let upstream = try ScriptedUpstream { query, number in
            let good = query.reply(cookie: query.cookie.map { Array($0.prefix(8)) + Array(1...8) })
            return number == 0 ? [.send(good)] : [.send(query.headerReply(.formErr)), .send(good)]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        for number in 0..<4 {
            #expect(try address(asker.response(to: asker.ask("n\(number).example."))) == "192.0.2.1")
        }
        #expect(upstream.received.allSatisfy { $0.hasOPT })
    }
}

@Suite struct UpstreamStreamTests {
    @Test func `truncated answers are asked for over one connection, many at once, until it has been idle for 10 s`()
        throws
    {
        let upstream = try ScriptedUpstream { query, _ in
            [.send(query.transport == .tcp ? query.reply(cookie: nil) : query.reply(flags: HeaderFlags.tc))]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        for round in 0..<3 {
            let submissions = try (0..<20).map { try asker.ask("n\($0)-\(round).example.") }
            for submission in submissions { #expect(try address(asker.response(to: submission)) == "192.0.2.1") }
            asker.pass(milliseconds: 9000)
        }
        #expect(upstream.connectionCount == 1)
        asker.pass(milliseconds: 10_001)
        _ = try asker.response(to: asker.ask("last.example."))
        #expect(upstream.connectionCount == 2)
    }
}
