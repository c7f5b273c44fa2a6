import DNSMessage
import DNSWire
import Foundation
import Testing

/// Which answers come from the cache, and what they then say.
@Suite struct CacheTests {
    private static let soa = "example. 300 IN SOA ns.example. admin.example. 1 3600 600 86400 60"

    @Test func `a cached answer counts its TTL down and does not go upstream`() throws {
        let upstream = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10", "@ 90 IN A 192.0.2.11"]))
        let server = try Sekisho(upstreams: [upstream])
        let first = try server.ask("a.example")
        #expect(first.ttlSeconds.max()! > 58)
        Thread.sleep(forTimeInterval: 2.1)
        let second = try server.ask("a.example")
        #expect(Set(second.lines) == Set(first.lines))
        #expect((50...58).contains(second.ttlSeconds.min()!))
        #expect(upstream.count("a.example. A") == 1)
    }

    @Test(arguments: [Transport.udp, .tcp])
    func `case and transport make no other answer`(transport: Transport) throws {
        let upstream = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
        let server = try Sekisho(upstreams: [upstream])
        _ = try server.ask("a.example")
        #expect(try server.ask("A.eXAMPLE", over: transport).data == ["192.0.2.10"])
        #expect(upstream.count("a.example. A") == 1)
    }

    @Test(arguments: [RCODE.nxDomain, .noError])
    func `names and data that do not exist are remembered with their SOA (RFC 2308)`(rcode: RCODE) throws {
        let upstream = try ScriptedUpstream(
            otherwise: rcode == .nxDomain ? .nxDomain(soa: Self.soa) : .noData(soa: Self.soa))
        let server = try Sekisho(upstreams: [upstream])
        for _ in 0..<2 {
            let reply = try server.ask("none.example")
            #expect(reply.rcode == rcode)
            #expect(reply.answers.isEmpty)
            #expect(reply.authority.map(\.type) == [.soa])
        }
        // The SOA's last field is lower than its TTL, and both bound the time (§5).
        #expect(try server.ask("none.example").authority[0].ttlSeconds <= 60)
        #expect(upstream.count("none.example. A") == 1)
    }

    @Test func `an answer with TTL 0 is not kept`() throws {
        let upstream = try ScriptedUpstream(otherwise: .answer(["@ 0 IN A 192.0.2.10"]))
        let server = try Sekisho(upstreams: [upstream])
        for _ in 0..<2 { #expect(try server.ask("a.example").data == ["192.0.2.10"]) }
        #expect(upstream.count("a.example. A") == 2)
    }

    @Test func `an answer is asked for again when its time is over`() throws {
        let upstream = try ScriptedUpstream(otherwise: .answer(["@ 1 IN A 192.0.2.10"]))
        let server = try Sekisho(upstreams: [upstream])
        _ = try server.ask("a.example")
        upstream.set("a.example. A", .answer(["a.example. 60 IN A 192.0.2.20"]))
        Thread.sleep(forTimeInterval: 2.1)
        #expect(try server.ask("a.example").data == ["192.0.2.20"])
    }

    @Test func `answers with and without DNSSEC data are kept apart`() throws {
        let upstream = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
        let server = try Sekisho(upstreams: [upstream])
        for dnssecOK in [true, false, true, false] {
            _ = try server.ask("a.example", edns: EDNS(udpPayloadSize: 1232, dnssecOK: dnssecOK))
        }
        #expect(upstream.count("a.example. A") == 2)
    }

    @Test func `an upstream's SERVFAIL does not stay`() throws {
        let upstream = try ScriptedUpstream(otherwise: .fail(.servFail))
        let server = try Sekisho(upstreams: [upstream])
        #expect(try server.ask("a.example").rcode == .servFail)
        upstream.set("a.example. A", .answer(["a.example. 60 IN A 192.0.2.10"]))
        #expect(try eventually(.seconds(10)) { try server.ask("a.example").data == ["192.0.2.10"] })
    }
}
