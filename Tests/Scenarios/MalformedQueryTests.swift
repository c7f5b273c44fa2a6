import DNSWire
import TestSupport
import Testing

/// Octets that are no ordinary query, and that the server outlives them.
@Suite struct MalformedQueryTests {
    /// A named change to the query `ads.example A`, and the code of its answer; nil where there must be none.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rcode: RCODE?
        var change: @Sendable (inout [UInt8]) -> Void

        init(_ name: String, _ rcode: RCODE?, _ change: @escaping @Sendable (inout [UInt8]) -> Void) {
            testDescription = name
            self.rcode = rcode
            self.change = change
        }
    }

    private static let opt: [UInt8] = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]

    static let cases = [
        Case("eleven octets", nil) { $0.removeLast($0.count - 11) },
        Case("a response", nil) { $0[2] |= 0x80 },
        Case("opcode STATUS", .notImp) { $0[2] |= 2 << 3 },
        Case("opcode UPDATE", .notImp) { $0[2] |= 5 << 3 },
        Case("no question", .formErr) {
            $0.removeLast($0.count - 12)
            $0[5] = 0
        },
        Case("two questions", .formErr) {
            $0 += $0[12...]
            $0[5] = 2
        },
        Case("a question cut off", .formErr) { $0.removeLast(3) },
        Case("a label longer than the message", .formErr) { $0[12] = 63 },
        Case("a label of type 0x40", .formErr) { $0[12] = 0x43 },
        Case("a compression pointer in the question", .formErr) { $0.replaceSubrange(12..<25, with: [0xC0, 12]) },
        Case("an answer record announced", .formErr) { $0[7] = 1 },
        Case("an additional record announced", .formErr) { $0[11] = 1 },
        Case("two OPT records", .formErr) {
            $0 += opt + opt
            $0[11] = 2
        },
        Case("EDNS version 1", .badVers) {
            $0 += opt
            $0[$0.count - 5] = 1
            $0[11] = 1
        },
        Case("class CHAOS", .refused) { $0[$0.count - 1] = 3 },
        Case("a zone transfer", .refused) { $0[$0.count - 3] = 252 },
        Case("type OPT", .formErr) { $0[$0.count - 3] = 41 },
    ]

    private static func server() throws -> Sekisho {
        try Sekisho("block: [ads.txt]", files: ["ads.txt": "ads.example\n"], upstreams: [try ScriptedUpstream()])
    }

    @Test(arguments: cases)
    func `what is no ordinary query gets its code or silence, and the next one is answered`(example: Case) throws {
        let server = try Self.server()
        let query = QueryMessage("ads.example")
        var octets = try query.octets()
        example.change(&octets)
        let socket = try Socket.udp(connectedTo: server.endpoint)
        try socket.send(octets)
        if let rcode = example.rcode {
            let reply = try Reply(try #require(try socket.receive()))
            #expect(reply.rcode == rcode)
            #expect(reply.id == query.id)
            #expect(reply.flags & HeaderFlags.qr != 0)
            #expect(reply.flags & HeaderFlags.opcode == octets.span.uint16(at: 2) & HeaderFlags.opcode)
            #expect(reply.answers.isEmpty)
        } else {
            #expect(!socket.waitUntilReadable(.milliseconds(300)))
        }
        #expect(try server.ask("ads.example").rcode == .nxDomain)
    }

    @Test func `a query without RD is refused what only an upstream knows, also when the cache has it`() throws {
        let upstream = try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
        let server = try Sekisho(upstreams: [upstream])
        var query = QueryMessage("a.example")
        for flags in [0, HeaderFlags.rd, 0] {
            query.flags = flags
            let reply = try #require(try exchange(query, with: server.endpoint))
            #expect(reply.rcode == (flags == 0 ? .refused : .noError))
            #expect(reply.flags & HeaderFlags.rd == flags)
        }
        #expect(upstream.arrivals.count == 1)
    }

    @Test func `an empty datagram and random octets do no harm`() throws {
        let server = try Self.server()
        let socket = try Socket.udp(bound: .loopback)
        var generator = SeededGenerator(seed: 1)
        for count in [0, 1, 2, 12, 13, 64, 512, 1500, 9000] {
            try socket.send(generator.octets(count), to: server.endpoint)
        }
        #expect(try server.ask("ads.example").rcode == .nxDomain)
    }

    @Test(
        arguments: [
            [0, 0], [0, 5, 1, 2, 3, 4, 5], [0xFF, 0xFF, 1], [0, 12, 0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func `odd frames over TCP do no harm to others`(octets: [UInt8]) throws {
        let server = try Self.server()
        let odd = try TCPConnection(to: server.endpoint)
        try odd.socket.send(octets)
        #expect(try server.ask("ads.example", over: .tcp).rcode == .nxDomain)
    }
}
