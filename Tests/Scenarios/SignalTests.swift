import DNSWire
import Foundation
import Testing

/// Reloading and ending a running server.
@Suite struct SignalTests {
    private static func server() throws -> Sekisho {
        try Sekisho(
            "block: [ads.txt]", files: ["ads.txt": "ads.example\n"],
            upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))])
    }

    @Test func `SIGHUP reads the lists again, and cached answers are judged by the new ones`() throws {
        let server = try Self.server()
        #expect(try server.ask("a.example").rcode == .noError)
        try server.directory.write("a.example\n", to: "ads.txt")
        server.process.signal(SIGHUP)
        #expect(try eventually { try server.ask("a.example").rcode == .nxDomain })
        #expect(try server.ask("ads.example").rcode == .noError)
    }

    @Test func `SIGHUP reads the configuration again`() throws {
        let server = try Self.server()
        try server.directory.write("b.example\n", to: "more.txt")
        try server.rewrite("block: [ads.txt, more.txt]\nblock_response: nodata")
        server.process.signal(SIGHUP)
        #expect(
            try eventually {
                let reply = try server.ask("b.example")
                return reply.rcode == .noError && reply.answers.isEmpty
            })
    }

    @Test(arguments: ["block: [missing.txt]", "blok: [ads.txt]", "block: [", "clients: { allow: [\"10.0.0.0/33\"] }"])
    func `after a bad reload the old policy stays and the log says why`(configuration: String) throws {
        let server = try Self.server()
        let before = server.log
        try server.rewrite(configuration)
        server.process.signal(SIGHUP)
        #expect(eventually { server.log.count > before.count })
        #expect(server.log.contains(configuration.contains("missing") ? "missing.txt" : Sekisho.configurationName))
        #expect(try server.ask("ads.example").rcode == .nxDomain)
        try server.rewrite("block: []\nblock_ttl: 11s")
        server.process.signal(SIGHUP)
        #expect(try eventually { try server.ask("ads.example").rcode == .noError })
    }

    @Test func `no query is lost while lists are reloaded again and again`() throws {
        let server = try Self.server()
        for round in 0..<20 {
            try server.directory.write("ads.example\nround\(round).example\n", to: "ads.txt")
            server.process.signal(SIGHUP)
            for _ in 0..<20 { #expect(try server.ask("ads.example", timeout: .seconds(2)).rcode == .nxDomain) }
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal to end lets the query in flight have its answer, and the code is 0`(signal: Int32) throws {
        let upstream = try ScriptedUpstream(otherwise: .delayed(.milliseconds(400), .answer(["@ 60 IN A 192.0.2.10"])))
        let server = try Sekisho(upstreams: [upstream])
        let socket = try Socket.udp(connectedTo: server.endpoint)
        try socket.send(try QueryMessage("a.example").octets())
        #expect(eventually { upstream.arrivals.count == 1 })
        server.process.signal(signal)
        #expect(try Reply(try #require(try socket.receive())).data == ["192.0.2.10"])
        #expect(server.process.waitForExit(.seconds(5)) == .code(0))
    }

    @Test func `a server without queries ends at once`() throws {
        let server = try Self.server()
        let start = ContinuousClock.now
        server.process.signal(SIGTERM)
        #expect(server.process.waitForExit(.seconds(5)) == .code(0))
        #expect(ContinuousClock.now - start < .seconds(2))
    }

    @Test func `a signal that comes right after ready is heard`() throws {
        for _ in 0..<20 {
            let server = try Self.server()
            server.process.signal(SIGTERM)
            #expect(server.process.waitForExit(.seconds(5)) == .code(0))
        }
    }

    @Test func `ready is said once, and only when queries are answered`() throws {
        let server = try Self.server()
        #expect(try server.ask("ads.example", timeout: .milliseconds(500)).rcode == .nxDomain)
        #expect(server.log.split(separator: "\n").count { $0.hasPrefix("ready ") } == 1)
        #expect(server.process.output.isEmpty)
    }
}
