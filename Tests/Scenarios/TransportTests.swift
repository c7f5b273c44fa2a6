import DNSWire
import Foundation
import Testing

/// Sizes, connections and addresses between client and server.
@Suite struct TransportTests {
    private static let records = (1...80).map { "big.example. 60 IN A 192.0.2.\($0)" }

    private static func bigServer(_ count: Int) throws -> Sekisho {
        try Sekisho(
            upstreams: [
                try ScriptedUpstream(["big.example. A": .truncatedOverUDP(Array(records.prefix(count)))])
            ])
    }

    private static func blockingServer(_ configuration: String = "") throws -> Sekisho {
        try Sekisho(
            "block: [ads.txt]\n" + configuration, files: ["ads.txt": "ads.example\n"],
            upstreams: [try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))])
    }

    @Test(arguments: [(nil, 512), (100, 512), (512, 512), (700, 700), (1232, 1232), (4096, 1232)] as [(UInt16?, Int)])
    func `an answer too large for UDP has TC and stays below the client's size`(asked: UInt16?, limit: Int) throws {
        let server = try Self.bigServer(80)
        let edns = asked.map { EDNS(udpPayloadSize: $0, dnssecOK: false) }
        // The first answer comes from the upstream, the second from the cache.
        for _ in 0..<2 {
            let reply = try server.ask("big.example", edns: edns)
            #expect(reply.isTruncated)
            #expect(reply.octets.count <= limit)
            #expect((reply.edns != nil) == (edns != nil))
        }
    }

    @Test func `an answer that fits what the client asked for is whole`() throws {
        let server = try Self.bigServer(40)
        let reply = try server.ask("big.example", edns: .usual)
        #expect(!reply.isTruncated)
        #expect(reply.octets.count > 512)
        #expect(reply.answers.count == 40)
    }

    @Test func `drill and dig come back over TCP for what UDP cut off`() throws {
        let server = try Self.bigServer(80)
        // -a: fall back to TCP. dig does so without being told.
        for reply in [
            try ToolReply.drill(["-a", "big.example"], at: server.endpoint),
            try ToolReply.dig(["big.example"], at: server.endpoint),
        ] {
            #expect(Set(reply.records).count == 80, "\(reply.text)")
        }
    }

    @Test func `queries on one TCP connection are answered as soon as each can be`() throws {
        let upstream = try ScriptedUpstream(
            ["slow.example. A": .delayed(.milliseconds(500), .answer(["slow.example. 60 IN A 192.0.2.1"]))],
            otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
        let server = try Sekisho("block: [ads.txt]", files: ["ads.txt": "ads.example\n"], upstreams: [upstream])
        let queries = ["slow.example", "ads.example", "a.example", "b.example", "ads.example"].map { QueryMessage($0) }
        var connection = try TCPConnection(to: server.endpoint)
        try connection.socket.send(try queries.flatMap { framed(try $0.octets()) })
        var ids: [UInt16] = []
        for _ in queries { ids.append(try #require(try connection.receive()).id) }
        #expect(Set(ids) == Set(queries.map(\.id)))
        #expect(ids.last == queries[0].id)
        try connection.send(queries[1])
        #expect(try connection.receive()?.rcode == .nxDomain)
    }

    @Test func `a query that comes octet by octet over TCP is answered`() throws {
        let server = try Self.blockingServer()
        var connection = try TCPConnection(to: server.endpoint)
        for octet in framed(try QueryMessage("ads.example").octets()) {
            try connection.socket.send([octet])
            Thread.sleep(forTimeInterval: 0.002)
        }
        #expect(try connection.receive()?.rcode == .nxDomain)
    }

    @Test func `an idle TCP connection is closed`() throws {
        let server = try Self.blockingServer()
        var idle = try TCPConnection(to: server.endpoint)
        try idle.send(QueryMessage("ads.example"))
        #expect(try idle.receive()?.rcode == .nxDomain)
        let unfinished = try TCPConnection(to: server.endpoint)
        try unfinished.socket.send([0, 40, 1])
        #expect(idle.isClosed(within: .seconds(40)))
        #expect(unfinished.isClosed(within: .seconds(20)))
    }

    @Test func `a client that closes right after its query does no harm`() throws {
        let server = try Self.blockingServer()
        for _ in 0..<50 {
            let connection = try TCPConnection(to: server.endpoint)
            try connection.send(QueryMessage("unanswered.example"))
        }
        #expect(try server.ask("ads.example", over: .tcp).rcode == .nxDomain)
    }

    @Test(arguments: ["127.0.0.1", "127.0.0.2", "127.0.0.3"])
    func `an answer leaves from the address that was asked, bound to the wildcard or not`(address: String) throws {
        let server = try Self.blockingServer("listen: [\"0.0.0.0:0\"]")
        let endpoint = Endpoint(address: IPAddress(address)!, port: server.endpoint.port)
        // A connected socket hears only the address it asked.
        for name in ["ads.example", "a.example"] {
            let reply = try exchange(QueryMessage(name), with: endpoint)
            #expect(reply?.rcode == (name == "ads.example" ? .nxDomain : .noError))
        }
    }

    @Test(arguments: Transport.allCases)
    func `a client outside clients allow gets REFUSED`(transport: Transport) throws {
        let server = try Self.blockingServer("clients: { allow: [\"127.0.0.2/32\"] }")
        for name in ["ads.example", "a.example"] {
            let refused = try server.ask(name, over: transport)
            #expect(refused.rcode == .refused)
            #expect(refused.answers.isEmpty)
        }
        let known = try exchange(QueryMessage("ads.example"), with: server.endpoint, from: IPAddress("127.0.0.2")!)
        #expect(known?.rcode == .nxDomain)
    }

    @Test func `several workers serve one port`() throws {
        let server = try Self.blockingServer("workers: 2")
        for _ in 0..<32 {
            #expect(try server.ask("ads.example").rcode == .nxDomain)
            #expect(try server.ask("a.example", over: .tcp).data == ["192.0.2.10"])
        }
    }
}
