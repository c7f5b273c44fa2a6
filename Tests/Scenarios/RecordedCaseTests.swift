import DNSWire
import Foundation
import Testing

/// `test --init` and `explain --log`: what a server has logged, as cases of a policy test and as an explanation.
@Suite struct RecordedCaseTests {
    private static let policy = ["-c", Sekisho.configurationName]

    private static func run(_ arguments: [String], in directory: TemporaryDirectory) throws -> Finished {
        try Finished(running: try Sekisho.executable(), arguments, in: directory)
    }

    private static func value(_ finished: Finished) throws -> JSON {
        try JSONDecoder().decode(JSON.self, from: Data(finished.output.utf8))
    }

    /// The questions that are not as expected, of a report of `test --json`.
    private static func failed(_ report: JSON) -> [String] {
        report["results"].values.filter { $0["passed"] == .bool(false) }.map { $0["title"].text }.sorted()
    }

    // MARK: - Cases

    @Test(arguments: ["extended.log", "queries.log", "s3"])
    func `cases of a log pass under its policy, and the right ones fail under another`(log: String) throws {
        let server = try ReplayTests.recorded()
        let directory = server.directory
        server.process.signal(SIGTERM)
        #expect(server.process.waitForExit(.seconds(30)) == .code(0), "\(server.log)")
        let written = try Self.run(["test", "--init", log, "-o", "cases.yaml"] + Self.policy, in: directory)
        #expect(written.exit == .code(0) && written.output.isEmpty, "\(written.errors)")
        // AWS's form does not say what else than the name was blocked; `lost.example` got SERVFAIL.
        let unclear = log == "queries.log" ? ReplayTests.blockedAnswers : 0
        let count = ReplayTests.questions.count - 1 - unclear
        #expect(
            written.errorLines.map { $0.prefix { $0.isNumber } } == (unclear > 0 ? ["\(4 * unclear)"] : []) + ["4"],
            "\(written.errors)")
        let passed = try Self.run(["test", "cases.yaml"] + Self.policy, in: directory)
        #expect(passed.output == "\(count) cases as expected\n", "\(passed.output)\(passed.errors)")
        let again = try Self.run(["test", "--init", log] + Self.policy, in: directory)
        #expect(again.output == directory.read("cases.yaml"))

        try directory.write("ads.example\nshop.example\n", to: "ads.txt")
        try directory.write("other.example\n", to: "odd.txt")
        try directory.write("", to: "good.txt")
        let changed = try Self.run(["test", "cases.yaml", "--json"] + Self.policy, in: directory)
        #expect(changed.exit == .code(1))
        let expected = ["alias", "good", "odd", "shop"] + (unclear > 0 ? [] : ["chain"])
        #expect(
            Self.failed(try Self.value(changed)) == expected.sorted().map { "\($0).example. A in vpc-00000000" })
    }

    @Test func `what is asked most goes first, and each action has its part`() throws {
        let directory = try TemporaryDirectory()
        let lines = (0..<50).flatMap { number in
            Array(
                repeating: #"{"query_name":"n\#(number).example.","query_type":"A","rcode":"NOERROR"}"#,
                count: 60 - number)
        }
        let blocked =
            #"{"query_name":"bad.example.","query_type":"AAAA","rcode":"NXDOMAIN","firewall_rule_action":"BLOCK"}"#
        try directory.write((lines + [blocked]).joined(separator: "\n"), to: "queries.log")
        let written = try Self.run(["test", "--init", "queries.log", "--limit", "3"], in: directory)
        #expect(
            written.output == """
                # 3 of 51 questions in 1776 queries
                - {name: n0.example, vpc: vpc-00000000, action: ALLOW}
                - {name: n1.example, vpc: vpc-00000000, action: ALLOW}
                - {name: bad.example, type: AAAA, vpc: vpc-00000000, action: BLOCK, rcode: NXDOMAIN}

                """, "\(written.errors)")
        let piped = try Self.run(["test", "--init", "queries.log"], in: directory)
        #expect(piped.output.split(separator: "\n").count == 52)
    }

    @Test(arguments: [
        (["--init", "none.log"], 2, "none.log: no such file"), (["--init"], 2, "Missing expected argument"),
        (["--init", "empty.log"], 1, "no record that a case could be made of"),
        (["--init", "words.log"], 1, "words.log:1: is no JSON at character 1"),
        (["--init", "half.log"], 0, "half.log:2: ends in the middle of a record"),
        (["--init", "cut.log.gz"], 1, "cut.log.gz: ends in the middle, after 1"),
        (["--init", "half.log", "--limit", "0"], 2, "--limit is 1 to 10000"),
        (["--init", "half.log", "--json"], 2, "--init tests nothing"),
        (["--init", "half.log", "-o", "none/cases.yaml"], 2, "none/cases.yaml: can't be written"),
        (["half.log", "-o", "cases.yaml"], 2, "--output and --limit belong to --init"),
        (["a.yaml", "b.yaml"], 2, "give one file of cases, or --init"),
    ])
    func `wrong input is named, with the code that goes with it`(arguments: [String], code: Int32, message: String)
        throws
    {
        let finished = try Self.run(["test"] + arguments, in: try Self.wrongLogs())
        #expect(finished.exit == .code(code), "\(finished.errors)")
        #expect(finished.errors.contains(message), "\(finished.errors)")
    }

    private static func wrongLogs() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let record = #"{"query_name":"a.example.","query_type":"A","rcode":"NOERROR","answers":[]}"#
        for (name, text) in [
            "empty.log": "", "words.log": "words\n", "half.log": record + "\n" + record.prefix(20),
            "whole.log": record,
        ] { try directory.write(text, to: name) }
        _ = try Finished(running: "sh", ["-c", "gzip -c whole.log | head -c 15 >cut.log.gz"], in: directory)
        return directory
    }

    // MARK: - Explanations

    @Test(arguments: [
        ("shop.example", "queries.log", "NO_MATCH", ["cdn.example."], "says what the answer leads to"),
        ("chain.example", "extended.log", "CHAIN_TARGET_BLOCKED", ["x.tracker.example."], "says what"),
        ("chain.example", "queries.log", "NO_MATCH", [], "has no answer of the name, which was blocked"),
        ("alias.example", "extended.log", "CHAIN_TARGET_ALERT", ["odd.example."], "says what"),
        ("address.example", "extended.log", "ANSWER_BLOCKED", [], "says what"),
    ])
    func `a log says what the answer leads to`(
        name: String, log: String, code: String, chain: [String], note: String
    ) throws {
        let server = try ReplayTests.recorded()
        let explained = try Self.run(["explain", name, "--log", log, "--json"] + Self.policy, in: server.directory)
        #expect(explained.exit == .code(0), "\(explained.errors)")
        let explanation = try Self.value(explained)
        #expect(explanation["code"].text == code)
        #expect(explanation["client"] == "127.0.0.1")
        #expect(explanation["chain"].values.map { $0["name"].text } == chain)
        let lines = server.directory.read(log).split(separator: "\n")
        let line = try #require(lines.lastIndex { $0.contains("\"query_name\":\"\(name).\"") }) + 1
        let told = explanation["notes"].values.map(\.text)
        #expect(told.contains { $0.hasPrefix("\(log):\(line), 20") && $0.contains(note) }, "\(told)")
    }

    @Test func `the newest record counts, of the client that is named`() throws {
        let directory = try TemporaryDirectory()
        func line(_ second: Int, _ client: String, _ target: String, type: String = "A") -> String {
            #"{"query_timestamp":"2026-11-22T00:00:0\#(second)Z","query_name":"a.example.","query_type":"\#(type)","#
                + #""rcode":"NOERROR","srcaddr":"\#(client)","answers":[{"Rdata":"\#(target)","Type":"CNAME"}]}"#
        }
        let lines = [
            line(3, "127.0.0.1", "old.example."), line(5, "127.0.0.1", "new.example."),
            line(4, "127.0.0.2", "other.example."), line(9, "127.0.0.1", "type.example.", type: "AAAA"),
        ]
        try directory.write(lines.joined(separator: "\n"), to: "queries.log")
        func chain(_ arguments: [String]) throws -> String {
            let finished = try Self.run(
                ["explain", "A.example", "--log", "queries.log", "--json"] + arguments, in: directory)
            let explanation = try Self.value(finished)
            return "\(explanation["client"].text) \(explanation["chain"].values.map { $0["name"].text })"
        }
        #expect(try chain([]) == #"127.0.0.1 ["new.example."]"#)
        #expect(try chain(["--client", "127.0.0.2"]) == #"127.0.0.2 ["other.example."]"#)
        #expect(try chain(["--type", "AAAA"]) == #"127.0.0.1 ["type.example."]"#)
        #expect(try chain(["--vpc", "vpc-00000000"]) == #" ["new.example."]"#)
    }

    @Test(arguments: [
        (["a.example", "--log", "none.log"], 2, "none.log: no such file"),
        (["b.example", "--log", "half.log"], 1, "half.log: no record of b.example. A"),
        (["a.example", "--client", "::1", "--log", "half.log"], 1, "half.log: no record of a.example. A from ::1"),
        (["a.example", "--log", "words.log"], 1, "words.log: no record of a.example. A"),
        (["a.example", "--log", "cut.log.gz"], 1, "cut.log.gz: ends in the middle, after 1"),
        (["a.example", "--log", "half.log", "--cname", "b.example"], 2, "--log says what --cname"),
        (["a.example", "--log", "half.log", "--resolve"], 2, "--log says what --cname"),
    ])
    func `a log that does not help is named`(arguments: [String], code: Int32, message: String) throws {
        let finished = try Self.run(["explain"] + arguments, in: try Self.wrongLogs())
        #expect(finished.exit == .code(code), "\(finished.errors)")
        #expect(finished.errors.contains(message), "\(finished.errors)")
    }
}
