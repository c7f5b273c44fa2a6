import DNSMessage
import DNSWire
import Foundation
import Testing

/// Cookies of clients (RFC 7873), as clients see them.
@Suite struct CookieTests {
    private static let client: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    private static let secret = "00112233445566778899aabbccddeeff"
    private static let other = "ffeeddccbbaa99887766554433221100"

    private static func server(_ configuration: String = "") throws -> Sekisho {
        try Sekisho(
            "block: [ads.txt]\n" + configuration, files: ["ads.txt": "ads.example\n"],
            upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))])
    }

    private static func query(_ name: String, _ cookie: [UInt8]) -> QueryMessage {
        var query = QueryMessage(name, edns: .usual)
        query.options = [EDNSOption(code: 10, data: cookie)]
        return query
    }

    /// The cookie of the answer to a query with `cookie`.
    private static func cookie(
        _ cookie: [UInt8], of server: Sekisho, _ name: String = "ads.example", over transport: Transport = .udp
    ) throws -> [UInt8] {
        let reply = try #require(try exchange(query(name, cookie), with: server.endpoint, over: transport))
        return try #require(reply.options.first { $0.code == 10 }).data
    }

    @Test(arguments: ["ads.example", "a.example", "localhost"], Transport.allCases)
    func `a client's cookie comes back with one of ours, which is then good`(name: String, transport: Transport) throws
    {
        let server = try Self.server()
        let first = try Self.cookie(Self.client, of: server, name, over: transport)
        #expect(first.count == 24 && Array(first.prefix(8)) == Self.client)
        #expect(try Self.cookie(first, of: server, name, over: transport) == first)
        var forged = first
        forged[23] ^= 1
        #expect(try Self.cookie(forged, of: server, name, over: transport) != forged)
        #expect(try server.ask(name, edns: .usual, over: transport).options.filter { $0.code == 10 }.isEmpty)
    }

    @Test func `a refused query gets its cookie too, and never its own server cookie`() throws {
        let server = try Self.server("clients: { allow: [\"127.0.0.2/32\"] }")
        let forged = Self.client + [UInt8](repeating: 9, count: 16)
        let answer = try Self.cookie(forged, of: server)
        #expect(answer.prefix(8) == Self.client[...] && answer != forged)
        #expect(try Self.cookie(answer, of: server) == answer)
    }

    @Test func `servers with one secret know each other's cookies, and a reload changes it`() throws {
        let (one, two) = (
            try Self.server("cookie_secrets: [\(Self.secret)]"), try Self.server("cookie_secrets: [\(Self.secret)]")
        )
        let cookie = try Self.cookie(Self.client, of: one)
        #expect(try Self.cookie(cookie, of: two) == cookie)
        #expect(try Self.cookie(cookie, of: Self.server()) != cookie)
        // The new secret makes cookies, the old one is known: the old cookie is good, and replaced.
        try two.rewrite("block: [ads.txt]\ncookie_secrets: [\(Self.other), \(Self.secret)]")
        two.process.signal(SIGHUP)
        #expect(try eventually { try Self.cookie(cookie, of: two) != cookie })
        #expect(!two.log.contains(Self.secret) && !two.log.contains(Self.other))
    }

    @Test(arguments: [0, 7, 9, 15, 41])
    func `a cookie of a wrong length is a format error (RFC 7873 §5.2.2)`(count: Int) throws {
        let server = try Self.server()
        let query = Self.query("ads.example", [UInt8](repeating: 1, count: count))
        #expect(try exchange(query, with: server.endpoint)?.rcode == .formErr)
    }

    @Test func `dig finds the cookie good`() throws {
        let server = try Self.server()
        let reply = try ToolReply.dig(["+cookie=0102030405060708", "a.example"], at: server.endpoint)
        #expect(reply.records == ["A 192.0.2.10"])
        let line = try #require(
            reply.text.firstMatch(of: /COOKIE: (0102030405060708[0-9a-f]{32}) \(good\)/), "\(reply.text)")
        let again = try ToolReply.dig(["+cookie=\(line.1)", "a.example"], at: server.endpoint)
        #expect(again.text.contains("COOKIE: \(line.1) (good)"), "\(again.text)")
    }
}
