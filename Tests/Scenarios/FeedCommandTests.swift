import Foundation
import TestSupport
import Testing

/// `sekisho feeds` without a server.
@Suite struct FeedCommandTests {
    private func run(_ words: [String], _ configuration: String, in directory: TemporaryDirectory) throws -> Finished {
        let file = try directory.write(configuration, to: Sekisho.configurationName)
        return try Finished(running: try Sekisho.executable(), ["feeds"] + words + ["-c", file], in: directory)
    }

    private func json(_ finished: Finished) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [[String: Any]])
    }

    @Test func `the list has the catalogue and the configuration's own feeds, and says which are in use`() throws {
        let configuration = """
            block: ["feed:mine", "feed:urlhaus"]
            feeds: { mine: { url: "http://127.0.0.1:1/list" }, stevenblack: { url: "https://mirror.example/hosts" } }
            """
        let rows = try json(try run(["list", "--json"], configuration, in: try TemporaryDirectory()))
        #expect(rows.count >= 26)
        #expect(
            Set(rows.filter { $0["isUsed"] as? Bool == true }.compactMap { $0["name"] as? String }) == [
                "mine", "urlhaus",
            ])
        let changed = try #require(rows.first { $0["name"] as? String == "stevenblack" })
        #expect(changed["url"] as? String == "https://mirror.example/hosts" && changed["licence"] as? String == "MIT")
    }

    @Test func `a refresh fetches what is in use, managed lists included, and what is named`() throws {
        let feeds = try FeedServer([
            "/a": .list("a.example\n"), "/b": .list("b.example\nc.example\n"), "/c": .list("d.example\n"),
        ])
        let configuration = """
            block: ["feed:a"]
            managed_lists: { AWSManagedDomainsMalwareDomainList: { feeds: [b] } }
            feeds: { a: { url: "\(feeds.url("/a"))" }, b: { url: "\(feeds.url("/b"))" }, c: { url: "\(feeds.url("/c"))" } }
            """
        let directory = try TemporaryDirectory()
        let refresh = try run(["refresh"], configuration, in: directory)
        #expect(refresh.exit == .code(0) && refresh.output == "a: 1 name\nb: 2 names\n")
        #expect(refresh.errors.isEmpty)
        let named = try json(try run(["refresh", "c", "--json"], configuration, in: directory))
        #expect(named.first?["outcome"] as? String == "taken" && named.first?["names"] as? Int == 1)
        let check = try Finished(
            running: try Sekisho.executable(), ["check", "-c", Sekisho.configurationName, "--upstream", "192.0.2.53"],
            in: directory)
        #expect(check.output.contains("feeds/b/current: 2 names"))
        #expect(directory.read("state/feeds/b/current") == "b.example\nc.example\n")
    }

    @Test func `a failure is told, in words and in JSON, with exit code 1`() throws {
        let feeds = try FeedServer(["/a": .status(404)])
        let configuration = "block: [\"feed:a\"]\nfeeds: { a: { url: \"\(feeds.url("/a"))\" } }\n"
        let directory = try TemporaryDirectory()
        let refresh = try run(["refresh"], configuration, in: directory)
        #expect(refresh.exit == .code(1) && refresh.output == "a: failed: the server answered 404\n")
        let status = try run(["status", "--json"], configuration, in: directory)
        #expect(status.exit == .code(1))
        let row = try #require(try json(status).first)
        #expect(row["condition"] as? String == "failing" && row["failure"] as? String == "the server answered 404")
    }

    @Test func `the status has every protected name that a held copy would block`() throws {
        let feeds = try FeedServer(["/a": .list("github.com\nads.example\nkernel.org\n")])
        let configuration = "block: [\"feed:a\"]\nfeeds: { a: { url: \"\(feeds.url("/a"))\" } }\n"
        let directory = try TemporaryDirectory()
        #expect(try run(["refresh"], configuration, in: directory).exit == .code(1))
        let row = try #require(try json(try run(["status", "--json"], configuration, in: directory)).first)
        let names = try #require(row["protectedNames"] as? [String])
        #expect(names.contains("github.com") && names.contains("api.github.com") && names.contains("kernel.org"))
        #expect(row["condition"] as? String == "held" && row["current"] == nil)
    }

    @Test(arguments: [
        (["status", "mien"], 2, "did you mean \"mine\"?"), (["refresh", "mien"], 2, "did you mean \"mine\"?"),
        (["accept", "mine"], 1, "mine: nothing is held back"),
        (["rollback", "mine"], 1, "mine: there is no copy to go back to"),
        (["accept"], 2, "name"), (["status"], 0, ""), (["list"], 0, ""), (["frobnicate"], 2, ""),
    ])
    func `exit codes are those of every command`(words: [String], code: Int32, message: String) throws {
        let configuration = "feeds: { mine: { url: \"http://127.0.0.1:1/list\" } }\n"
        let finished = try run(words, configuration, in: try TemporaryDirectory())
        #expect(finished.exit == .code(code))
        #expect(message.isEmpty || finished.errors.contains(message), "\(finished.errors)")
    }

    @Test func `a terminal sees how far it is when it takes more than a second`() throws {
        let feeds = try FeedServer(["/a": .list("a.example\n"), "/b": .slow("b.example\n", perSecond: 4)])
        let configuration = """
            block: ["feed:a", "feed:b"]
            feeds: { a: { url: "\(feeds.url("/a"))" }, b: { url: "\(feeds.url("/b"))" } }
            """
        let directory = try TemporaryDirectory()
        let file = try directory.write(configuration, to: Sekisho.configurationName)
        let command = "\(try Sekisho.executable()) feeds refresh -c \(file)"
        let finished = try Finished(running: "script", ["-qec", command, "/dev/null"], in: directory)
        #expect(finished.exit == .code(0))
        #expect(finished.output.contains("\r1 of 2 feeds…"), "\(finished.output)")
        #expect(finished.output.contains("a: 1 name") && finished.output.contains("b: 1 name"))
    }
}
