import DNSWire
import Foundation
import Testing

/// Logs that the server has written, decided once more.
@Suite struct ReplayTests {
    private static let files = [
        "ads.txt": "ads.example\ntracker.example\n", "odd.txt": "odd.example\n", "good.txt": "good.example\n",
        "bad-addresses.txt": "198.51.100.7\n",
    ]

    /// Every kind of rule, two VPCs, and three logs of the same queries.
    private static let configuration = """
        block: [ads.txt]
        alert: [odd.txt]
        allow: [good.txt]
        response_addresses: { block: [bad-addresses.txt], rebinding_protection: true }
        vpcs: [{ id: vpc-0000000a, cidrs: [127.0.0.2/32] }]
        query_log:
          - { destination: "file:queries.log" }
          - { destination: "file:extended.log", format: extended }
          - { destination: "s3-layout:s3", every: 1s, format: extended }
        """

    private static func upstream() throws -> ScriptedUpstream {
        try ScriptedUpstream(
            [
                "shop.example. A": .answer(["@ 60 IN CNAME cdn.example.", "cdn.example. 60 IN A 192.0.2.20"]),
                "chain.example. A": .answer([
                    "@ 60 IN CNAME cdn.example.", "cdn.example. 60 IN CNAME x.tracker.example.",
                    "x.tracker.example. 60 IN A 192.0.2.21",
                ]),
                "alias.example. A": .answer(["@ 60 IN CNAME odd.example.", "odd.example. 60 IN A 192.0.2.22"]),
                "good.example. A": .answer(["@ 60 IN CNAME ads.example.", "ads.example. 60 IN A 192.0.2.23"]),
                "address.example. A": .answer(["@ 60 IN A 198.51.100.7"]),
                "private.example. A": .answer(["@ 60 IN A 10.0.0.1"]),
                "a.example. TXT": .answer([#"@ 60 IN TXT "some \"text\" \\ here""#]),
                "lost.example. A": .fail(.servFail),
            ], otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
    }

    static let questions: [(name: String, type: RRType)] = [
        ("a.example", .a), ("A.Example", .aaaa), ("a.example", .txt), ("ads.example", .a), ("x.ADS.example", .https),
        ("odd.example", .a), ("shop.example", .a), ("chain.example", .a), ("alias.example", .a), ("good.example", .a),
        ("address.example", .a), ("private.example", .a), ("lost.example", .a), ("localhost", .a), ("a.example", .any),
        ("block.sekisho.test", .a), (#"a\.b\\c\000.ads.example"#, .a), ("a.example", RRType(rawValue: 65_280)),
    ]
    /// Names that are blocked because of what they lead to.
    static let blockedAnswers = 3

    /// A server that has been asked everything over both transports, twice, so that the cache answers as well.
    static func recorded() throws -> Sekisho {
        let server = try Sekisho(configuration, files: files, upstreams: [try upstream()])
        for transport in Transport.allCases {
            for _ in 0..<2 { for (name, type) in questions { _ = try server.ask(name, type, over: transport) } }
        }
        for log in ["queries.log", "extended.log"] {
            #expect(eventually { lineCount(server.directory.read(log)) == 4 * questions.count })
        }
        return server
    }

    private static func lineCount(_ text: String) -> Int { text.split(separator: "\n").count }

    private static func replay(_ arguments: [String], in directory: TemporaryDirectory) throws -> (Finished, JSON) {
        let finished = try Finished(running: try Sekisho.executable(), ["replay", "--json"] + arguments, in: directory)
        let json = try? JSONDecoder().decode(JSON.self, from: Data(finished.output.utf8))
        return (finished, json ?? .null)
    }

    private static func counts(_ report: JSON) -> [Int?] {
        ["newlyBlocked", "newlyAllowed", "changed", "unclear"].map { report[$0]["queries"].number }
    }

    private static func names(_ group: JSON) -> [String] { group["topNames"].values.map { $0["name"].text }.sorted() }

    @Test
    func `a log that the server wrote has no difference under the same policy, and the expected ones under others`()
        throws
    {
        let server = try Self.recorded()
        let directory = server.directory
        let count = 4 * Self.questions.count
        let policy = ["-c", Sekisho.configurationName]
        let (finished, extended) = try Self.replay(["extended.log"] + policy, in: directory)
        #expect(finished.exit == .code(0), "\(finished.errors)")
        #expect(extended["queries"].number == count && extended["badLines"].number == 0)
        #expect(Self.counts(extended) == [0, 0, 0, 0], "\(finished.output)")
        // AWS's form does not say what else than the name was blocked.
        let (_, plain) = try Self.replay(["queries.log"] + policy, in: directory)
        #expect(Self.counts(plain) == [0, 0, 0, 4 * Self.blockedAnswers], "\(plain)")

        try directory.write("ads.example\nshop.example\n", to: "ads.txt")
        try directory.write("other.example\n", to: "odd.txt")
        try directory.write("", to: "good.txt")
        let (_, changed) = try Self.replay(["extended.log"] + policy, in: directory)
        #expect(Self.names(changed["newlyBlocked"]) == ["good.example.", "shop.example."])
        #expect(Self.names(changed["newlyAllowed"]) == ["chain.example."])
        #expect(Self.names(changed["changed"]) == ["alias.example.", "odd.example."])
        #expect(Self.counts(changed) == [8, 4, 8, 0])
        let through = changed["newlyBlocked"]["examples"].values.map { "\($0["name"].text) \($0["through"].text)" }
        #expect(Set(through) == ["good.example. ads.example.", "shop.example. "])
    }

    @Test func `what the server writes in the S3 layout is read back, and nothing differs`() throws {
        let server = try Self.recorded()
        let others = try Socket.udp(connectedTo: server.endpoint, from: IPAddress("127.0.0.2"))
        for name in ["ads.example", "shop.example", "chain.example"] {
            try others.send(try QueryMessage(name).octets())
            _ = try #require(try others.receive())
        }
        server.process.signal(SIGTERM)
        #expect(server.process.waitForExit(.seconds(30)) == .code(0), "\(server.log)")
        let (finished, report) = try Self.replay(["s3", "-c", Sekisho.configurationName], in: server.directory)
        #expect(finished.exit == .code(0), "\(finished.errors)")
        #expect(report["queries"].number == 4 * Self.questions.count + 3 && report["badLines"].number == 0)
        // A file for each VPC at least.
        #expect(report["files"].number ?? 0 >= 2)
        #expect(Self.counts(report) == [0, 0, 0, 0], "\(finished.output)")
        #expect(report["after"]["block"].number == 4 * 6 + 2)
    }

    @Test func `a second policy is compared with the first one`() throws {
        let server = try Self.recorded()
        try server.directory.write("block: [new.txt]\nblock_response: nodata\n", to: "new.yaml")
        try server.directory.write("ads.example\na.example\n", to: "new.txt")
        let (_, report) = try Self.replay(
            ["extended.log", "-c", Sekisho.configurationName, "--against", "new.yaml"], in: server.directory)
        #expect(Self.names(report["newlyBlocked"]) == ["a.example.", "good.example."])
        #expect(Self.names(report["newlyAllowed"]) == ["address.example.", "chain.example.", "private.example."])
        #expect(
            Self.names(report["changed"]) == [
                #"a\.b\\c\000.ads.example."#, "ads.example.", "alias.example.", "odd.example.", "x.ads.example.",
            ])
        let rules = report["changed"]["topRules"].values.map { "\($0["before"].text) → \($0["after"].text)" }
        #expect(
            rules.contains("BLOCK by lists / block ads.txt, NXDOMAIN → BLOCK by lists / block new.txt, NODATA"),
            "\(rules)")
    }

    @Test func `packed files in the S3 layout, pipes and several files are one log`() throws {
        let server = try Self.recorded()
        let directory = server.directory
        let day = "logs/AWSLogs/1/vpcdnsquerylogs/vpc-1/2026/11/21/"
        let lines = directory.read("extended.log").split(separator: "\n").map { $0 + "\n" }
        for (number, time) in ["1005", "1000"].enumerated() {
            let half = number == 0 ? lines.suffix(from: 20) : lines.prefix(20)
            let name = day + "vpc-1_vpcdnsquerylogs_1_20261121T\(time)Z_0a1b2c3d.log"
            let path = try directory.write(half.joined(), to: name)
            #expect(try Finished(running: "gzip", [path], in: directory).exit == .code(0))
        }
        let policy = ["-c", Sekisho.configurationName]
        let (finished, report) = try Self.replay(["logs", "extended.log"] + policy, in: directory)
        #expect(finished.exit == .code(0), "\(finished.errors)")
        #expect(report["queries"].number == 2 * lines.count && report["files"].number == 3)
        #expect(Self.counts(report) == [0, 0, 0, 0])
        let program = try Sekisho.executable()
        let piped = try Finished(
            running: "sh", ["-c", "gzip -c extended.log | \(program) replay - -c \(Sekisho.configurationName)"],
            in: directory)
        #expect(piped.exit == .code(0) && piped.output.hasPrefix("\(lines.count) queries in 1 file, 20"))
    }

    @Test func `differences that are named end it with 1`() throws {
        let server = try Self.recorded()
        let directory = server.directory
        try directory.write("ads.example\nshop.example\n", to: "ads.txt")
        let arguments = ["extended.log", "-c", Sekisho.configurationName]
        for (kinds, code) in [
            (["newly-blocked"], 1), (["newly-allowed"], 1), (["changed"], 0), ([], 0),
            (["changed", "newly-blocked"], 1),
        ] {
            let flags = kinds.flatMap { ["--fail-on", $0] }
            let (finished, _) = try Self.replay(arguments + flags, in: directory)
            #expect(finished.exit == .code(Int32(code)), "\(kinds) \(finished.errors)")
        }
    }

    @Test(arguments: [
        (["replay", "none.log"], 2, "none.log: no such file"), (["replay"], 2, "Missing expected argument"),
        (["replay", "empty.log"], 1, "no record of a query"), (["replay", "empty"], 2, "empty: has no files"),
        (["replay", "words.log"], 1, "words.log:1: is no JSON at character 1"),
        (["replay", "half.log"], 0, "half.log:2: ends in the middle of a record"),
        (["replay", "half.log", "--vpc", "vpc-9"], 2, "there is no VPC \"vpc-9\""),
        (["replay", "half.log", "-c", "none.yaml"], 2, "none.yaml"),
        (["replay", "half.log", "--against", "none.yaml"], 2, "none.yaml"),
        (["replay", "half.log", "--fail-on", "anything"], 2, "anything"),
        (["replay", "half.log", "--jobs", "0"], 2, "--jobs"),
        (["replay", "cut.log.gz"], 1, "cut.log.gz: ends in the middle, after 1"),
    ])
    func `wrong input is named, with the code that goes with it`(arguments: [String], code: Int32, message: String)
        throws
    {
        let directory = try TemporaryDirectory()
        let record = #"{"query_name":"a.example.","query_type":"A"}"#
        for (name, text) in [
            "empty.log": "", "words.log": "words\n", "half.log": record + "\n" + record.prefix(20),
            "whole.log": record, "empty/.hidden": "",
        ] { try directory.write(text, to: name) }
        _ = try Finished(running: "sh", ["-c", "gzip -c whole.log | head -c 15 >cut.log.gz"], in: directory)
        let finished = try Finished(running: try Sekisho.executable(), arguments, in: directory)
        #expect(finished.exit == .code(code), "\(finished.errors)")
        #expect(finished.errors.contains(message), "\(finished.errors)")
    }
}
