import DNSWire
import Foundation
import TestSupport
import Testing

/// `sekisho tail` and `sekisho top`.
@Suite struct WatchCommandTests {
    private func start(_ more: String = "", log: String = "none") throws -> Sekisho {
        try Sekisho(
            "admin: { listen: '127.0.0.1:0' }\nblock: [own.txt]\nquery_log: [{ destination: '\(log)' }]\n\(more)",
            files: ["own.txt": "own.example\n"], upstreams: [try FeedScenario.upstream()])
    }

    private func admin(_ server: Sekisho) throws -> String { "http://\(try #require(server.endpoints.last))" }

    /// Starts `sekisho tail` beside a server.
    private func tail(_ server: Sekisho, _ words: [String] = []) throws -> ChildProcess {
        try ChildProcess(
            try Sekisho.executable(), ["tail", "--server", try admin(server)] + words, in: try TemporaryDirectory())
    }

    private func lines(_ process: ChildProcess) -> [Substring] { process.output.split(separator: "\n") }

    @Test(arguments: ["none", "file:log"])
    func `each decision is a line, with the query log and without it`(log: String) throws {
        let server = try start(log: log)
        _ = try server.ask("before.example")
        let process = try tail(server)
        #expect(eventually { lines(process).count == 1 })
        for number in 0..<20 { _ = try server.ask("\(number).own.example") }
        #expect(eventually { lines(process).count == 21 }, "\(process.output) \(process.errors)")
        let last = try #require(lines(process).last)
        #expect(last.contains("BLOCK 19.own.example. A 127.0.0.1 NXDOMAIN by block own.txt"), "\(last)")
        process.signal(SIGINT)
        #expect(process.waitForExit(.seconds(5)) == .code(0) && process.errors.isEmpty)
    }

    @Test func `filters and JSON`() throws {
        let server = try start()
        let process = try tail(server, ["--json", "--action", "block", "--name", "A.OWN", "--client", "127.0.0.0/8"])
        for name in ["a.own.example", "a.example", "b.own.example", "aa.own.example"] { _ = try server.ask(name) }
        #expect(eventually { lines(process).count == 2 })
        let rows = try lines(process).map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(rows.map { $0["name"] as? String } == ["a.own.example.", "aa.own.example."])
        #expect(rows.allSatisfy { $0["action"] as? String == "BLOCK" })
        #expect(rows.allSatisfy { ($0["rule"] as? [String: String])?["name"] == "block own.txt" })
    }

    @Test func `control characters in names and rules do not reach the terminal`() throws {
        let server = try Sekisho(
            "admin: { listen: '127.0.0.1:0' }\nblock: [\"own\\e[31m\\u202e.txt\"]",
            files: ["own\u{1B}[31m\u{202E}.txt": "own.example\n"], upstreams: [try FeedScenario.upstream()])
        let process = try tail(server)
        var query = QueryMessage("x.own.example")
        query.name = #"\027[2J\007.own.example"#
        _ = try exchange(query, with: server.endpoint)
        #expect(eventually { lines(process).count == 1 })
        let top = try Sekisho.run(["top", "--once", "--server", try admin(server)])
        for text in [process.output, top.output] {
            #expect(text.contains(#"\027[2j\007.own.example."#), "\(text)")
            #expect(text.contains(#"own\u{1b}[31m\u{202e}.txt"#), "\(text)")
            #expect(!text.unicodeScalars.contains { ($0.value < 0x20 && $0 != "\n") || $0.value == 0x202E })
        }
    }

    @Test func `a reader that goes away ends it`() throws {
        let server = try start()
        let directory = try TemporaryDirectory()
        let process = try ChildProcess(
            "sh", ["-c", "'\(try Sekisho.executable())' tail --server \(try admin(server)) | head -n 1; echo over"],
            in: directory)
        let isOver = try eventually(.seconds(20)) {
            _ = try server.ask("x.example")
            return process.output.hasSuffix("over\n")
        }
        #expect(isOver && process.errors.isEmpty)
    }

    @Test func `top has what was blocked, by whom and by which rule`() throws {
        let server = try start()
        for name in ["a.own.example", "a.own.example", "b.own.example", "a.example"] { _ = try server.ask(name) }
        let url = try admin(server)
        var text = ""
        #expect(
            try eventually(.seconds(15)) {
                text = try Sekisho.run(["top", "--once", "--server", url]).output
                return text.contains("4 queries since the start, 3 blocked, 0 alerts")
            }, "\(text)")
        #expect(text.contains("2 a.own.example.") && text.contains("1 b.own.example."))
        #expect(text.contains("4 127.0.0.1, 3 blocked") && text.contains("3 block own.txt"))
        let json = try Sekisho.run(["top", "--json", "--server", url])
        let value = try JSONDecoder().decode(JSONTree.self, from: Data(json.output.utf8))
        #expect(value.decisions.totals.queries == 4 && value.decisions.topNames.map(\.count) == [2, 1])
    }

    private struct JSONTree: Decodable {
        struct Decisions: Decodable {
            var totals: Totals
            var topNames: [Name]
        }

        struct Totals: Decodable { var queries: Int }

        struct Name: Decodable { var count: Int }

        var decisions: Decisions
    }

    @Test func `the configuration says where the server is`() throws {
        let server = try start()
        let port = try #require(server.endpoints.last).port
        try server.directory.write("admin: { listen: '127.0.0.1:\(port)' }\n", to: "watch.yaml")
        let top = try Finished(
            running: try Sekisho.executable(), ["top", "--once", "-c", "watch.yaml"], in: server.directory)
        #expect(top.exit == .code(0) && top.output.hasPrefix("Sekisho "), "\(top)")
        try server.directory.write("listen: ['127.0.0.1:5300']\n", to: "none.yaml")
        let none = try Finished(running: try Sekisho.executable(), ["tail", "-c", "none.yaml"], in: server.directory)
        #expect(none.exit == .code(2) && none.errors.contains("admin.listen"))
    }

    @Test(arguments: [
        (["tail", "--action", "drop"], 1, "is no action"), (["tail", "--client", "host"], 1, "neither an address"),
        (["tail", "--lines", "501"], 2, "0 to 500"), (["top", "--interval", "0"], 2, "0.2 to 3600"),
    ])
    func `what makes no sense is said`(words: [String], code: Int32, text: String) throws {
        let server = try start()
        let finished = try Sekisho.run(words + ["--server", try admin(server)])
        #expect(finished.exit == .code(code) && finished.errors.contains(text), "\(finished)")
        #expect(finished.output.isEmpty)
    }

    @Test func `a server that is not there, or wants a signature, is said to`() throws {
        let gone = try Sekisho.run(["tail", "--server", "http://127.0.0.1:1"])
        #expect(gone.exit == .code(1) && gone.errors.contains("does not take the connection"))
        let server = try start("aws: { credentials: [{ access_key_id: AKID, secret_access_key: s }] }")
        for command in ["tail", "top"] {
            let refused = try Sekisho.run([command, "--server", try admin(server)])
            #expect(refused.exit == .code(1) && refused.errors.contains("Missing Authentication Token"), "\(refused)")
        }
        let signed = try Finished(
            running: "env",
            [
                "AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=s", try Sekisho.executable(), "top", "--once",
                "--server",
            ]
                + [try admin(server)], in: server.directory)
        #expect(signed.exit == .code(0), "\(signed)")
    }
}
