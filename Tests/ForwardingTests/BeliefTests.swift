import DNSMessage
import DNSWire
import Sockets
import Synchronization
import Testing

@testable import Forwarding

/// What forged answers lack, and upstreams that lack it too.
@Suite struct CaseTests {
    /// Answers with the question in lower case, over UDP.
    private static func lowering(tcp: ScriptedUpstream.Reaction? = nil) throws -> ScriptedUpstream {
        try ScriptedUpstream { query, _ in
            if query.transport == .tcp, let tcp { return [tcp] }
            var reply = query.reply(cookie: nil)
            for index in 12..<12 + query.name.utf8.count where reply[index] &- 0x41 < 26 { reply[index] |= 0x20 }
            return [.send(reply)]
        }
    }

    @Test func `questions go out in random case, and nobody gets to see it`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            // An owner that is spelled out as it was asked.
            var reply = query.reply(cookie: nil)
            let name = Array(reply[12..<12 + query.name.utf8.count + 1])
            let pointer = 12 + name.count + 4
            reply.replaceSubrange(pointer..<pointer + 2, with: name)
            return [.send(reply)]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        let name = "a-long-name-with-many-letters.Example."
        for number in 0..<20 {
            let response = try asker.response(to: asker.ask("n\(number).\(name)"))
            #expect(nameAsSpelled(in: response) == "n\(number).\(name)")
            #expect(try parsed(response).records(in: .answer).map(\.owner) == ["n\(number).\(name.lowercased())"])
        }
        let upper = upstream.received.map { $0.spelling.count { $0.isUppercase } }
        #expect(Set(upstream.received.map(\.spelling)).count == 20)
        // Of 34 or so letters each; less than 6 or more than 28 have a chance of 10^-4 each.
        #expect(upper.allSatisfy { (4...30).contains($0) })
        #expect(asker.counters[.wrongCase] == 0)
    }

    @Test func `without the setting, and over TCP, questions are in lower case`() throws {
        let upstream = try ScriptedUpstream.answering()
        var settings = ForwardingSettings()
        settings.randomizesCase = false
        let plain = try Asker([Upstream(transport: .udp, endpoint: upstream.endpoint)], settings: settings)
        let stream = try Asker([Upstream(transport: .tcp, endpoint: upstream.endpoint)])
        defer {
            plain.close()
            stream.close(upstream)
        }
        for asker in [plain, stream] { _ = try asker.response(to: asker.ask("WWW.Example.")) }
        #expect(upstream.received.map(\.spelling) == ["www.example.", "www.example."])
    }

    @Test
    func
        `an answer in another case is asked for over TCP; an upstream that never repeats it is believed from the third on`()
        throws
    {
        let upstream = try Self.lowering()
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        for number in 0..<8 {
            #expect(try address(asker.response(to: asker.ask("number-\(number).example."))) == "192.0.2.1")
        }
        // The third one goes out again over UDP, since nothing is expected any more.
        #expect(asker.counters[.wrongCase] == 3)
        #expect(
            upstream.received.map(\.transport).map { $0 == .tcp } == [false, true, false, true]
                + Array(repeating: false, count: 7))
        #expect(upstream.received.suffix(6).allSatisfy { $0.spelling == $0.name })
        // An hour later it is tried again.
        asker.pass(milliseconds: 3_600_000)
        #expect(try address(asker.response(to: asker.ask("number-8.example."))) == "192.0.2.1")
        #expect(asker.counters[.wrongCase] == 4)
    }

    @Test func `an upstream that neither repeats the case nor serves TCP is still heard, in one query`() throws {
        let upstream = try Self.lowering(tcp: .hangUp)
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        let submission = try asker.ask("letters.example.")
        for _ in 0..<100 where try asker.outcomes(of: submission.id).isEmpty {
            asker.pass(milliseconds: 50)
            try? wait(milliseconds: 5) { (try? asker.outcomes(of: submission.id).isEmpty) == false }
        }
        #expect(try address(asker.response(to: submission)) == "192.0.2.1")
    }

    @Test func `a forged answer in another case keeps nobody from the true one`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            guard query.transport == .udp else { return [] }
            var forged = query.reply(cookie: nil, address: 66)
            for index in 13..<20 { forged[index] ^= 0x20 }
            return Array(repeating: .send(forged), count: 50) + [.send(query.reply(cookie: nil))]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        for number in 0..<6 {
            #expect(try address(asker.response(to: asker.ask("letters-\(number).example."))) == "192.0.2.1")
        }
        #expect(asker.counters[.wrongCase] == 300 && asker.counters[.wrongID] == 0)
        #expect(asker.states[0].letterCase.isExpected(at: 0))
    }
}

@Suite struct ForgeryTests {
    @Test func `a flood of wrong IDs changes nothing, is counted, and has the port given up`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            let forged = (1...100 as ClosedRange<UInt8>).map { number in
                var reply = query.reply(cookie: nil, address: 66)
                reply[0] ^= number
                return ScriptedUpstream.Reaction.send(reply)
            }
            return forged + [.send(query.reply(cookie: nil))]
        }
        let asker = try Asker(upstream, capacity: 64)
        defer { asker.close(upstream) }
        for number in 0..<20 {
            #expect(try address(asker.response(to: asker.ask("n\(number).example."))) == "192.0.2.1")
        }
        // One of the others may have had that ID on that port: 20 in 65,536.
        #expect((1998...2000).contains(asker.counters[.wrongID] + asker.counters[.late]))
        #expect(asker.counters[.portsRetired] == 20)
        #expect(Set(upstream.received.map(\.sourcePort)).count == 20)
    }

    @Test func `a port is used for a minute at most`() throws {
        let upstream = try ScriptedUpstream.answering()
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        var early: Set<UInt16> = []
        for round in 0..<2 {
            for number in 0..<60 { _ = try asker.response(to: asker.ask("n\(number)-\(round).example.")) }
            if round == 0 { early = Set(upstream.received.map(\.sourcePort)) }
            asker.pass(milliseconds: 61_000)
        }
        #expect(early.isDisjoint(with: upstream.received.suffix(60).map(\.sourcePort)))
    }

    @Test func `of many equal questions at once the upstream sees one, on one port with one ID`() throws {
        let upstream = try ScriptedUpstream.silent()
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        let first = try asker.ask("www.example.")
        for _ in 0..<500 { #expect(try asker.ask("www.example.") == .joined(first.id)) }
        try wait { upstream.received.count == 1 }
        #expect(asker.counters[.queries] == 1 && asker.pendingCount == 1)
    }
}

@Suite struct UpstreamCookieTests {
    private static let server: [UInt8] = Array(1...16)

    /// A server that has cookies, and forged answers without or with a wrong one before each of its own.
    private static func forging(_ forge: @escaping @Sendable ([UInt8]) -> [UInt8]?) throws -> ScriptedUpstream {
        try ScriptedUpstream { query, number in
            guard let cookie = query.cookie else { return [.send(query.reply(cookie: nil))] }
            let good = query.reply(cookie: Array(cookie.prefix(8)) + server)
            return number == 0 ? [.send(good)] : [.send(query.reply(cookie: forge(cookie), address: 66)), .send(good)]
        }
    }

    @Test func `a server's cookie comes back with the next query, from whatever port`() throws {
        let upstream = try Self.forging { _ in nil }
        let other = try Self.forging { _ in nil }
        let asker = try Asker(upstream)
        let otherAsker = try Asker(other)
        defer {
            otherAsker.close(other)
            asker.close(upstream)
        }
        for number in 0..<20 {
            for asker in [asker, otherAsker] { _ = try asker.response(to: asker.ask("n\(number).example.")) }
        }
        let cookies = try upstream.received.filter { $0.transport == .udp }.map { try #require($0.cookie) }
        #expect(cookies[0].count == 8)
        #expect(cookies.dropFirst().allSatisfy { $0 == cookies[0] + Self.server })
        // Another upstream gets another one.
        #expect(other.received.first?.cookie != cookies[0])
    }

    @Test(arguments: [0, 1, 2, 3])
    func `once a server has shown its cookie, answers without it, or with another, are not believed`(kind: Int) throws {
        let upstream = try Self.forging { cookie in
            switch kind {
            case 0: nil
            case 1: [cookie[0] ^ 1] + cookie[1..<8] + Self.server
            case 2: Array(cookie.prefix(7))
            default: Array(repeating: 0, count: 24)
            }
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        for number in 0..<20 {
            #expect(try address(asker.response(to: asker.ask("n\(number).example."))) == "192.0.2.1")
        }
        #expect(asker.counters[.wrongCookie] == 19)
    }

    @Test func `a server that forgets its cookies is asked over TCP, and without cookies from the third time on`()
        throws
    {
        let upstream = try ScriptedUpstream { query, number in
            [.send(query.reply(cookie: number == 0 ? query.cookie.map { Array($0.prefix(8)) + Self.server } : nil))]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        for number in 0..<8 {
            #expect(try address(asker.response(to: asker.ask("n\(number).example."))) == "192.0.2.1")
        }
        #expect(asker.counters[.wrongCookie] == 3)
        #expect(upstream.received.count { $0.transport == .tcp } == 2)
        #expect(upstream.received.suffix(5).allSatisfy { $0.cookie == nil && $0.hasOPT })
    }

    @Test func `BADCOOKIE is answered with the cookie that it brought`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            guard let cookie = query.cookie, cookie.count == 8 else {
                return [.send(query.reply(cookie: query.cookie))]
            }
            return [.send(query.reply(cookie: cookie + Self.server, rcode: .badCookie))]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        for number in 0..<30 {
            #expect(try address(asker.response(to: asker.ask("n\(number).example."))) == "192.0.2.1")
        }
        #expect(asker.counters[.badCookies] == 1)
        #expect(upstream.received.allSatisfy { $0.transport == .udp })
    }

    @Test func `after BADCOOKIE twice the query goes over TCP`() throws {
        let upstream = try ScriptedUpstream { query, _ in
            guard let cookie = query.cookie else { return [.send(query.reply(cookie: nil))] }
            return [.send(query.reply(cookie: Array(cookie.prefix(8)) + Self.server, rcode: .badCookie))]
        }
        let asker = try Asker(upstream)
        defer { asker.close(upstream) }
        #expect(try address(asker.response(to: asker.ask("www.example."))) == "192.0.2.1")
        #expect(upstream.received.map { $0.transport == .tcp } == [false, false, true])
    }

    @Test func `without the setting there are no cookies`() throws {
        let upstream = try ScriptedUpstream.answering()
        var settings = ForwardingSettings()
        settings.usesCookies = false
        let asker = try Asker([Upstream(transport: .udp, endpoint: upstream.endpoint)], settings: settings)
        defer { asker.close(upstream) }
        _ = try asker.response(to: asker.ask("www.example."))
        #expect(upstream.received.map(\.cookie) == [nil])
    }
}
