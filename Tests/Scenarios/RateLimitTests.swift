import DNSMessage
import DNSWire
import Foundation
import Testing

/// What becomes of clients that ask more than their share.
@Suite struct RateLimitTests {
    private static func server(_ configuration: String) throws -> Sekisho {
        try Sekisho(
            "block: [ads.txt]\n" + configuration, files: ["ads.txt": "ads.example\n"],
            upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))])
    }

    /// What came back of a burst.
    private struct Burst {
        var whole = 0
        var cutOff = 0
        var badCookie = 0
        var other = 0
    }

    /// Sends `count` queries at once, and reads until nothing has come for a while.
    private static func burst(
        _ count: Int, to server: Sekisho, from source: IPAddress? = nil, _ rcode: RCODE = .nxDomain,
        cookie: [UInt8]? = nil
    ) throws -> Burst {
        let socket = try Socket.udp(connectedTo: server.endpoint, from: source)
        for _ in 0..<count {
            var query = QueryMessage("ads.example", edns: .usual)
            if let cookie { query.options = [EDNSOption(code: 10, data: cookie)] }
            try socket.send(try query.octets())
        }
        var burst = Burst()
        while let octets = try socket.receive(.milliseconds(500)) {
            let reply = try Reply(octets)
            if reply.rcode == .badCookie {
                burst.badCookie += 1
            } else if reply.isTruncated {
                #expect(reply.answers.isEmpty && reply.authority.isEmpty && reply.rcode == .noError)
                burst.cutOff += 1
            } else if reply.rcode == rcode {
                burst.whole += 1
            } else {
                burst.other += 1
            }
        }
        return burst
    }

    @Test(arguments: ["client: 20", "response: 20"])
    func `of a burst over UDP a second's share is answered, half of the rest cut off`(limit: String) throws {
        let server = try Self.server("rate_limits: { \(limit) }")
        let burst = try Self.burst(100, to: server)
        // The burst takes time itself, in which more is allowed.
        #expect((20...40).contains(burst.whole) && (28...42).contains(burst.cutOff), "\(burst)")
        #expect(burst.whole + burst.cutOff * 2 <= 101 && burst.other == 0)
    }

    @Test(arguments: [(0, 0...0), (1, 58...80)])
    func `slip says how many are cut off rather than dropped`(slip: Int, cutOff: ClosedRange<Int>) throws {
        let server = try Self.server("rate_limits: { response: 20, slip: \(slip) }")
        #expect(cutOff.contains(try Self.burst(100, to: server).cutOff))
    }

    @Test func `a network shares its answers; over TCP, and elsewhere, there is no limit`() throws {
        let server = try Self.server("rate_limits: { response: 10, slip: 0 }")
        #expect(try Self.burst(50, to: server, from: IPAddress("127.0.0.5")!).whole >= 10)
        #expect(try Self.burst(50, to: server, from: IPAddress("127.0.0.6")!).whole < 20)
        #expect(try Self.burst(8, to: server, from: IPAddress("127.0.9.6")!).whole == 8)
        var connection = try TCPConnection(to: server.endpoint)
        for _ in 0..<50 {
            try connection.send(QueryMessage("ads.example"))
            #expect(try connection.receive()?.rcode == .nxDomain)
        }
    }

    @Test func `a good cookie is no flood, and who has one that is not good gets it instead of TC`() throws {
        let server = try Self.server("rate_limits: { response: 10, slip: 1 }")
        let client: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        let first = try Self.burst(50, to: server, cookie: client)
        #expect(first.badCookie >= 25 && first.cutOff == 0, "\(first)")
        var query = QueryMessage("ads.example", edns: .usual)
        query.options = [EDNSOption(code: 10, data: client)]
        let reply = try #require(try exchange(query, with: server.endpoint))
        let cookie = try #require(reply.options.first { $0.code == 10 }).data
        #expect(try Self.burst(50, to: server, cookie: cookie).whole == 50)
    }

    @Test func `a client's queries over UDP do not use up what it may ask over TCP, where more is REFUSED`() throws {
        let server = try Self.server("rate_limits: { client: 10, slip: 0 }")
        _ = try Self.burst(100, to: server)
        var connection = try TCPConnection(to: server.endpoint)
        var codes: [RCODE] = []
        for _ in 0..<40 { try connection.send(QueryMessage("ads.example", edns: .usual)) }
        for _ in 0..<40 {
            let reply = try #require(try connection.receive())
            codes.append(reply.rcode)
            if reply.rcode == .refused {
                #expect(reply.errors == [ExtendedDNSError(infoCode: 0, extraText: "rate limit")])
            }
        }
        #expect(codes.prefix(10).allSatisfy { $0 == .nxDomain } && codes.filter { $0 == .refused }.count >= 20)
    }

    @Test func `without a word in the configuration those served have no limit, others 20 a second`() throws {
        let server = try Self.server("clients: { allow: [\"127.0.0.2/32\"] }")
        #expect(try Self.burst(150, to: server, from: IPAddress("127.0.0.2")!).whole == 150)
        let refused = try Self.burst(100, to: server, from: IPAddress("127.0.0.3")!, .refused)
        #expect((20...40).contains(refused.whole) && refused.other == 0, "\(refused)")
    }

    @Test func `a reload changes the limits`() throws {
        let server = try Self.server("")
        #expect(try Self.burst(100, to: server).whole == 100)
        try server.rewrite("block: [ads.txt]\nrate_limits: { client: 5 }")
        server.process.signal(SIGHUP)
        #expect(try eventually { try Self.burst(50, to: server).whole < 50 })
    }
}
