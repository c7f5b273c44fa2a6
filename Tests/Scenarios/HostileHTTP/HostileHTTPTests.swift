import DNSWire
import Foundation
import TestSupport
import Testing

/// What anybody who reaches `admin.listen` may send: he gets an error or a closed connection, and nobody else notices.
@Suite(.serialized) struct HostileHTTPTests {
    struct Body: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var operation = "CreateFirewallRule"
        var octets: @Sendable () -> [UInt8]

        init(_ description: String, _ text: @autoclosure @escaping @Sendable () -> String) {
            self.init(description) { Array(text().utf8) }
        }

        init(_ description: String, octets: @escaping @Sendable () -> [UInt8]) {
            testDescription = description
            self.octets = octets
        }
    }

    private static func many(_ text: String, _ octets: Int = 2_000_000) -> String {
        String(repeating: text, count: octets / text.utf8.count)
    }

    static let bodies = [
        Body("lists in lists", many("[")),
        Body("structures in structures", many(#"{"Name":"#)),
        Body("closed lists in lists", many("[", 100_000) + many("]", 100_000)),
        Body("depth in a member that nobody knows", #"{"x":\#(many("[", 100_000))\#(many("]", 100_000))}"#),
        Body("two million digits", #"{"Priority":\#(many("9"))}"#),
        Body("two million digits behind the point", #"{"Priority":1.\#(many("0"))}"#),
        Body("a huge exponent", #"{"Priority":1e999999999}"#),
        Body("half a million tags", #"{"Tags":[\#(many("{},"))1]}"#),
        Body("half a million empty domains", #"{"Domains":[\#(many(#""","#))""]}"#),
        Body("a name of two million characters", #"{"Name":"\#(many("n"))"}"#),
        Body("the same key again and again", #"{\#(many(#""Name":"a","#))"Name":"b"}"#),
        Body("as many keys", "{" + (0..<150_000).map { #""k\#($0)":0,"# }.joined() + #""Name":1}"#),
        Body("a lone surrogate", #"{"Name":"\ud800"}"#),
        Body("escapes", #"{"Name":"\#(many(#"\u0000"#))"}"#),
        Body("no UTF-8") { Array(#"{"Name":""#.utf8) + [0xFF, 0xC0, 0x80, 0xED, 0xA0, 0x80] + Array(#""}"#.utf8) },
        Body("zeros") { [UInt8](repeating: 0, count: 2_000_000) },
        Body("UTF-16") { #"{"Name":"a"}"#.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } },
    ]

    @Test func `bodies of every kind get an error of AWS's`() throws {
        let victim = try Victim()
        for body in Self.bodies {
            var connection = try victim.connect()
            try connection.send(HTTPConnection.call(body.operation, body.octets()))
            let answer = try connection.receive()
            #expect(answer?.status == 400, "\(body.testDescription)")
            #expect(answer?.awsError?.hasSuffix("Exception") == true, "\(body.testDescription)")
        }
        try victim.expectUnharmed()
    }

    @Test(arguments: ["Content-Length: 100000000", "Transfer-Encoding: chunked", "Content-Length: 2097152"])
    func `100 MB that are really sent are not kept`(header: String) throws {
        let victim = try Victim()
        let connections = try (0..<4).map { _ in try victim.connect() }
        let isChunked = header.hasSuffix("chunked")
        let piece = (isChunked ? Array("100000\r\n".utf8) : []) + [UInt8](repeating: 0x5B, count: 1 << 20)
        for connection in connections {
            try connection.send(Array("POST / HTTP/1.1\r\n\(header)\r\n\r\n".utf8))
            // The server may close at any time.
            for _ in 0..<100 where (try? connection.send(piece + (isChunked ? [13, 10] : []))) == nil { break }
        }
        try victim.expectUnharmed()
    }

    @Test func `as many large bodies as there may be connections are answered, in bounded memory`() throws {
        let victim = try Victim()
        let bodies = [Self.many("["), #"{"x":[\#(Self.many("{},"))0]}"#]
        let calls = bodies.map { HTTPConnection.call("CreateFirewallRule", Array($0.utf8)) }
        // Every sixth is long to decode.
        let connections = try (0..<120).map { number in
            let call = calls[number.isMultiple(of: 6) ? 1 : 0]
            let connection = try victim.connect()
            try connection.send(Array(call.dropLast()))
            return (connection, call.suffix(1))
        }
        for (connection, last) in connections { try connection.send(Array(last)) }
        for (var connection, _) in connections { #expect(try connection.receive(.seconds(30))?.status == 400) }
        try victim.expectUnharmed()
    }

    @Test func `slow, silent and half-closed connections keep nobody else waiting`() throws {
        let victim = try Victim()
        let request = HTTPConnection.call("ListFirewallDomainLists", Array("{}".utf8))
        let slow = try (0..<100).map { _ in try victim.connect() }
        for octet in request.prefix(20) {
            for connection in slow { try connection.send([octet]) }
            try victim.expectAnswer()
        }
        for _ in 0..<20 {
            var connection = try victim.connect()
            try connection.send(request)
            connection.socket.endSending()
            #expect(try connection.receive()?.status == 200)
            let cut = try victim.connect()
            try cut.send(Array(request.dropLast()))
            cut.socket.endSending()
        }
        for _ in 0..<500 {
            let gone = try victim.connect()
            try gone.send(request)
            gone.socket.resetWhenClosed()
        }
        for var connection in slow {
            try connection.send(Array(request.dropFirst(20)))
            #expect(try connection.receive()?.status == 200)
        }
        try victim.expectUnharmed()
    }

    @Test func `requests behind each other are answered one by one`() throws {
        let victim = try Victim()
        var connection = try victim.connect()
        let calls = ["ListFirewallDomainLists", "GetFirewallConfig", "Nonsense"].map {
            HTTPConnection.call($0, Array(#"{"ResourceId":"vpc-00000000"}"#.utf8))
        }
        try connection.send((0..<200).flatMap { _ in calls.flatMap(\.self) })
        for _ in 0..<200 {
            let answers = try (0..<3).map { _ in try connection.receive() }
            #expect(answers.map { $0?.status } == [200, 200, 400])
        }
        try victim.expectUnharmed()
    }

    @Test func `1,000 connections at once are too many, and forgotten when they have gone`() throws {
        let victim = try Victim()
        Victim.raiseOpenFiles()
        var connections: [HTTPConnection] = []
        for _ in 0..<1000 { connections.append(try victim.connect()) }
        connections = []
        #expect(eventually { (try? victim.expectAnswer()) != nil })
        try victim.expectUnharmed()
    }

    @Test func `spoilt requests of every operation get AWS's answers, and the store stays good`() async throws {
        let victim = try Victim()
        var generator = SeededGenerator(seed: 271)
        var counts: [String: Int] = [:]
        for number in 0..<2000 {
            if number.isMultiple(of: 2 * Operations.all.count) { try victim.prepareObjects() }
            let operation = Operations.all[number % Operations.all.count]
            let body = Spoiler.body(victim.members, &generator)
            var connection = try victim.connect()
            try connection.send(HTTPConnection.call(operation, body))
            let answer = try connection.receive()
            #expect(answer?.isAWS == true, "\(operation) \(String(decoding: body, as: UTF8.self).prefix(2000))")
            counts[answer?.awsError ?? "good", default: 0] += 1
            await letOthersRun()
        }
        print("spoilt requests: \(counts.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" })")
        #expect(counts["UnknownOperationException"] == nil)
        #expect(counts["good", default: 0] > 100)
        try victim.expectUnharmed()
        try victim.expectRestart()
    }

    @Test func `requests with spoilt headers are answered or end their connection`() throws {
        let victim = try Victim()
        var generator = SeededGenerator(seed: 828)
        for _ in 0..<500 {
            var octets = HTTPConnection.call("ListFirewallRuleGroups", [], headers: Spoiler.header(&generator))
            if Bool.random(using: &generator) { Spoiler.spoil(&octets, &generator) }
            var connection = try victim.connect()
            try connection.send(octets)
            // Where the end is missing, the server waits for more until there can't be any.
            connection.socket.endSending()
            let status = try? connection.receive()?.status
            #expect(
                status == nil || status == 200 || 400..<500 ~= status ?? 0, "\(String(decoding: octets, as: UTF8.self))"
            )
        }
        try victim.expectUnharmed()
    }
}
