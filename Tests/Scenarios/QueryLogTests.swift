import DNSWire
import Foundation
import Testing

/// The lines of the query log, octet by octet: AWS's keys, order and types.
@Suite struct QueryLogTests {
    private static let files = ["ads.txt": "ads.example\n", "odd.txt": "odd.example\n"]
    private static let lists = "block: [ads.txt]\nalert: [odd.txt]\n"

    private static func upstream() throws -> ScriptedUpstream {
        try ScriptedUpstream(
            [
                "shop.example. A": .answer([
                    "shop.example. 60 IN CNAME cdn.example.", "cdn.example. 60 IN A 192.0.2.20",
                ]),
                "lost.example. A": .fail(.servFail),
            ], otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
    }

    /// `line` with what differs from run to run replaced: TIME, the client's port, and the ids that the program chose.
    private static func normalised(_ line: some StringProtocol) -> String {
        String(line)
            .replacing(/"query_timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/, with: #""query_timestamp":"TIME""#)
            .replacing(/"srcport":"\d{1,5}"/, with: #""srcport":"PORT""#)
            .replacing(/"firewall_rule_group_id":"rslvr-frg-[0-9a-z-]+"/, with: #""firewall_rule_group_id":"GROUP""#)
            .replacing(/"firewall_domain_list_id":"rslvr-fdl-[0-9a-z-]+"/, with: #""firewall_domain_list_id":"LIST""#)
    }

    private static func expectedLine(
        _ name: String, _ type: String = "A", rcode: String = "NOERROR", answers: [(data: String, type: String)] = [],
        transport: String = "UDP", action: String? = nil
    ) -> String {
        let records = answers.map { #"{"Rdata":"\#($0.data)","Type":"\#($0.type)","Class":"IN"}"# }
        let firewall = action.map {
            #","firewall_rule_action":"\#($0)","firewall_rule_group_id":"GROUP","firewall_domain_list_id":"LIST""#
        }
        return #"{"version":"1.100000","account_id":"000000000000","region":"us-east-1","vpc_id":"vpc-00000000","#
            + #""query_timestamp":"TIME","query_name":"\#(name)","query_type":"\#(type)","query_class":"IN","#
            + #""rcode":"\#(rcode)","answers":[\#(records.joined(separator: ","))],"srcaddr":"127.0.0.1","#
            + #""srcport":"PORT","transport":"\#(transport)","srcids":{}\#(firewall ?? "")}"#
    }

    private static func waitForLines(_ count: Int, in text: () -> String) -> [String] {
        _ = eventually { text().split(separator: "\n").count >= count }
        return text().split(separator: "\n").map(normalised)
    }

    @Test(arguments: Transport.allCases)
    func `each query is one line in AWS's form, on stdout and in a file`(transport: Transport) throws {
        let server = try Sekisho(
            Self.lists + "query_log: [{ destination: stdout }, { destination: \"file:queries.log\" }]",
            files: Self.files, upstreams: [try Self.upstream()])
        for name in ["a.example", "ads.example", "odd.example", "shop.example", "lost.example"] {
            _ = try server.ask(name, over: transport)
        }
        _ = try server.ask("www.ads.example", RRType(rawValue: 65_280), over: transport)
        let sent = transport.rawValue
        let expected = [
            Self.expectedLine("a.example.", answers: [("192.0.2.10", "A")], transport: sent),
            Self.expectedLine("ads.example.", rcode: "NXDOMAIN", transport: sent, action: "BLOCK"),
            Self.expectedLine("odd.example.", answers: [("192.0.2.10", "A")], transport: sent, action: "ALERT"),
            Self.expectedLine(
                "shop.example.", answers: [("cdn.example.", "CNAME"), ("192.0.2.20", "A")], transport: sent),
            Self.expectedLine("lost.example.", rcode: "SERVFAIL", transport: sent),
            Self.expectedLine("www.ads.example.", "TYPE65280", rcode: "NXDOMAIN", transport: sent, action: "BLOCK"),
        ]
        #expect(Self.waitForLines(expected.count) { server.process.output } == expected)
        #expect(Self.waitForLines(expected.count) { server.directory.read("queries.log") } == expected)
    }

    @Test func `an override is logged with the records of its answer`() throws {
        let server = try Sekisho(
            Self.lists + "block_response: safe.example\nquery_log: [{ destination: stdout }]", files: Self.files,
            upstreams: [try Self.upstream()])
        _ = try server.ask("ads.example")
        let lines = Self.waitForLines(1) { server.process.output }
        #expect(
            lines == [
                Self.expectedLine(
                    "ads.example.", answers: [("safe.example.", "CNAME"), ("192.0.2.10", "A")], action: "BLOCK")
            ])
    }

    @Test func `the client's port and the time of the query are those of the query`() throws {
        let server = try Sekisho("query_log: [{ destination: stdout }]", upstreams: [try Self.upstream()])
        let before = Date()
        let socket = try Socket.udp(connectedTo: server.endpoint)
        try socket.send(try QueryMessage("a.example").octets())
        _ = try #require(try socket.receive())
        #expect(eventually { server.process.output.hasSuffix("\n") })
        let record = try JSONDecoder().decode(LoggedQuery.self, from: Data(server.process.output.utf8))
        #expect(record.srcport == "\(try socket.localEndpoint().port)")
        let time = try Date(record.query_timestamp, strategy: .iso8601)
        #expect(abs(time.timeIntervalSince(before)) <= 2)
    }

    private struct LoggedQuery: Decodable {
        var srcport: String
        var query_timestamp: String
    }

    @Test func `the extended form adds x_ext behind AWS's keys`() throws {
        let server = try Sekisho(
            Self.lists + "query_log: [{ destination: stdout, format: extended }]", files: Self.files,
            upstreams: [try Self.upstream()])
        _ = try server.ask("ads.example")
        let line = try #require(Self.waitForLines(1) { server.process.output }.first)
        let shared = Self.expectedLine("ads.example.", rcode: "NXDOMAIN", action: "BLOCK").dropLast()
        #expect(line.hasPrefix(shared + #","x_ext":{"#) && line.hasSuffix("}}"))
        #expect(line.contains(#""matched_entry":""#))
    }

    @Test func `the extended form names feed, file and line of the entry, of new lists too`() throws {
        let server = try Sekisho(
            "block: [ads.txt, \"feed:mine\"]\nfeeds: { mine: { url: \"file:mine.txt\" } }\n"
                + "query_log: [{ destination: stdout, format: extended }]",
            files: ["ads.txt": "# x\nads.example\n", "mine.txt": "a.example\nb.example\nmine.example\n"],
            upstreams: [try Self.upstream()])
        func place(_ name: String) throws -> [String]? {
            _ = try server.ask(name)
            guard let line = server.process.output.split(separator: "\n").last(where: { $0.contains(name) }),
                let fields = try? JSONDecoder().decode(Extended.self, from: Data(line.utf8)), let place = fields.x_ext,
                let file = place.file, let line = place.line
            else { return nil }
            return [place.feed ?? "", file, "\(line)"]
        }
        let path = server.directory.path
        #expect(try eventually { try place("x.ads.example") == ["", path + "/ads.txt", "2"] })
        #expect(try eventually { try place("mine.example") == ["mine", path + "/state/feeds/mine/current", "3"] })
        try server.directory.write("# x\n# y\nads.example\n", to: "ads.txt")
        server.process.signal(SIGHUP)
        #expect(try eventually { try place("ads.example") == ["", path + "/ads.txt", "3"] })
    }

    private struct Extended: Decodable {
        struct Place: Decodable {
            var feed: String?
            var file: String?
            var line: Int?
        }
        var x_ext: Place?
    }

    @Test func `a log of the firewall has BLOCK and ALERT only`() throws {
        let server = try Sekisho(
            Self.lists + "query_log: [{ destination: stdout, log: firewall }]", files: Self.files,
            upstreams: [try Self.upstream()])
        for name in ["a.example", "odd.example", "ads.example"] { _ = try server.ask(name) }
        let lines = Self.waitForLines(2) { server.process.output }
        #expect(
            lines == [
                Self.expectedLine("odd.example.", answers: [("192.0.2.10", "A")], action: "ALERT"),
                Self.expectedLine("ads.example.", rcode: "NXDOMAIN", action: "BLOCK"),
            ])
    }

    @Test func `SIGUSR1 opens the file anew, and no line is lost`() throws {
        let server = try Sekisho(
            Self.lists + "query_log: [{ destination: \"file:queries.log\" }]", files: Self.files,
            upstreams: [try Self.upstream()])
        _ = try server.ask("ads.example")
        #expect(eventually { server.directory.read("queries.log").contains("ads.example.") })
        let path = server.directory.path
        try FileManager.default.moveItem(atPath: path + "/queries.log", toPath: path + "/queries.log.1")
        server.process.signal(SIGUSR1)
        #expect(eventually { FileManager.default.fileExists(atPath: path + "/queries.log") })
        _ = try server.ask("odd.example")
        #expect(eventually { server.directory.read("queries.log").contains("odd.example.") })
        #expect(!server.directory.read("queries.log.1").contains("odd.example."))
    }

    @Test func `the last lines are written before the program ends`() throws {
        let server = try Sekisho(
            Self.lists + "query_log: [{ destination: \"file:queries.log\" }]", files: Self.files,
            upstreams: [try Self.upstream()])
        for _ in 0..<200 { _ = try server.ask("ads.example") }
        server.process.signal(SIGTERM)
        #expect(server.process.waitForExit(.seconds(5)) == .code(0))
        #expect(server.directory.read("queries.log").split(separator: "\n").count == 200)
    }
}
