import DNSWire
import Foundation
import TestSupport
import Testing

/// Feeds of a running server: a source that misbehaves never stops the blocking.
@Suite struct FeedTests {
    private static let good = list(300)

    @Test(
        arguments: [
            ("404", .status(404), "failing"),
            ("500", .status(500, body: good), "failing"),
            ("HTML", .list("<html><body>ads</body></html>"), "failing"),
            ("an empty 200", .list(""), "failing"),
            ("a body that is cut off", .truncated(good, of: 20_000), "failing"),
            ("an endless body", .endless(good), "failing"),
            ("a slow body", .slow(good, perSecond: 20), "failing"),
            ("silence", .silent, "failing"),
            ("another encoding", .octets([0xFF, 0xFE] + good.utf8.flatMap { [$0, 0] }), "failing"),
            ("half the size", .list(list(140)), "held"),
            ("five times the size", .list(list(1501)), "held"),
            ("bad lines", .list(good + String(repeating: "-bad-.example\n", count: 100)), "held"),
            ("a name that everybody needs", .list(good + "github.com\n"), "held"),
            ("a name that is allowed", .list(good + "corp.example\n"), "held"),
        ] as [(String, FeedServer.Answer, String)])
    func `blocking goes on while a source misbehaves`(
        case name: String, answer: FeedServer.Answer, condition: String
    ) throws {
        let feeds = try FeedServer(["/list": .list(Self.good)])
        let server = try start(feeds, "allow: [allow.txt]", files: ["allow.txt": "corp.example\n"])
        let load = try QueryLoad(
            200, to: server.endpoint,
            [("name7.example", .nxDomain), ("a.name299.example", .nxDomain), ("corp.example", .noError)])
        feeds.set("/list", answer)
        server.process.signal(SIGHUP)
        let expected = "feed mine: \(condition == "held" ? "held back" : "not refreshed")"
        #expect(eventually(.seconds(20)) { server.log.contains(expected) }, "\(name)\n\(server.log)")
        let status = try run(["status", "--json"], with: server)
        #expect(status.exit == .code(1))
        #expect(status.output.contains("\"condition\" : \"\(condition)\""), "\(name): \(status.output)")
        #expect(server.process.peakMemory < 300_000, "\(name): \(server.process.peakMemory) KiB")
        let report = load.stop()
        #expect(report.sent > 20 && report.answered == report.sent && report.wrong == 0, "\(name): \(report)")
        feeds.set("/list", .list(Self.good + "more.example\n"))
        server.process.signal(SIGHUP)
        #expect(try eventually(.seconds(20)) { try server.ask("more.example").rcode == .nxDomain }, "\(name)")
    }

    @Test func `blocking goes on while nobody takes the connection, and from the first query after a restart`() throws {
        let feeds = try FeedServer(["/list": .list(Self.good)])
        let directory = try TemporaryDirectory()
        do {
            let server = try start(feeds, in: directory)
            feeds.stop()
            server.process.signal(SIGHUP)
            #expect(eventually(.seconds(15)) { server.log.contains("feed mine: not refreshed") })
            #expect(try server.ask("name7.example").rcode == .nxDomain)
        }
        let again = try Sekisho(configuration(feeds), upstreams: [try upstream()], in: directory)
        #expect(try again.ask("name7.example").rcode == .nxDomain)
        #expect(again.log.contains("feed mine: 300 names"))
    }

    /// The name has a label of 64 characters, so that it fails without anybody being asked.
    @Test func `a feed whose host has no address lets the server start, and others block`() throws {
        let feeds = try FeedServer(["/list": .list(Self.good)])
        let host = String(repeating: "a", count: 64)
        let server = try start(feeds, "alert: [\"feed:dead\"]", feed: "dead: { url: \"http://\(host).example/\" }")
        #expect(eventually(.seconds(15)) { server.log.contains("feed dead: not refreshed") })
        #expect(try server.ask("name7.example").rcode == .nxDomain)
    }

    @Test func `a first start without a copy says so, and blocks as soon as there is one`() throws {
        let feeds = try FeedServer(["/list": .status(503)])
        let server = try Sekisho(configuration(feeds), upstreams: [try upstream()])
        #expect(server.log.contains("feed mine: no copy yet"))
        #expect(try server.ask("name7.example").rcode == .noError)
        feeds.set("/list", .list(Self.good))
        server.process.signal(SIGHUP)
        #expect(try eventually(.seconds(15)) { try server.ask("name7.example").rcode == .nxDomain })
    }

    @Test func `commands reach a running server through the state directory`() throws {
        let feeds = try FeedServer(["/list": .list(Self.good)])
        let server = try start(feeds)
        feeds.set("/list", .list(list(100) + "new.example\n"))
        #expect(try run(["refresh"], with: server).exit == .code(1))
        #expect(try run(["status"], with: server).output.contains("101 names, after 300: less than 50 %"))
        #expect(try server.ask("new.example").rcode == .noError)
        #expect(try run(["accept", "mine"], with: server).exit == .code(0))
        #expect(try eventually { try server.ask("new.example").rcode == .nxDomain })
        #expect(try server.ask("name200.example").rcode == .noError)
        #expect(try run(["rollback", "mine"], with: server).output.contains("back to the copy of 300 names"))
        #expect(try eventually { try server.ask("name200.example").rcode == .nxDomain })
        #expect(try run(["rollback", "mine"], with: server).exit == .code(1))
        #expect(try run(["refresh"], with: server).output == "mine: unchanged\n")
        #expect(try run(["status"], with: server).exit == .code(0))
    }

    @Test func `a reload keeps what feeds block, and a feed that is named then is fetched`() throws {
        let feeds = try FeedServer(["/list": .list(Self.good), "/two": .list("two.example\n")])
        let server = try start(feeds)
        try server.rewrite(
            configuration(feeds, "alert: []", feed: "two: { url: \"\(feeds.url("/two"))\" }", block: "two"))
        server.process.signal(SIGHUP)
        #expect(try eventually(.seconds(15)) { try server.ask("two.example").rcode == .nxDomain })
        #expect(try server.ask("name7.example").rcode == .nxDomain)
    }

    @Test func `feeds are taken beside what the API keeps`() throws {
        let feeds = try FeedServer(["/list": .list(Self.good)])
        let server = try start(feeds, "admin: { listen: '127.0.0.1:0' }")
        let api = APIClient(try #require(server.endpoints.last))
        let list = try api.create("CreateFirewallDomainList", "FirewallDomainList", ["Name": "list"])
        try api.call(
            "UpdateFirewallDomains",
            ["FirewallDomainListId": list, "Operation": "ADD", "Domains": ["api.example"]])
        let group = try api.create("CreateFirewallRuleGroup", "FirewallRuleGroup", ["Name": "group"])
        _ = try api.create(
            "CreateFirewallRule", "FirewallRule",
            [
                "FirewallRuleGroupId": group, "FirewallDomainListId": list, "Priority": 1, "Action": "BLOCK",
                "BlockResponse": "NODATA", "Name": "rule",
            ])
        _ = try api.create(
            "AssociateFirewallRuleGroup", "FirewallRuleGroupAssociation",
            ["FirewallRuleGroupId": group, "VpcId": "vpc-00000000", "Priority": 101, "Name": "association"])
        feeds.set("/list", .list(Self.good + "more.example\n"))
        #expect(try run(["refresh"], with: server).exit == .code(0))
        #expect(try eventually(.seconds(15)) { try server.ask("more.example").rcode == .nxDomain })
        #expect(try server.ask("api.example").answers.isEmpty)
        #expect(try server.ask("free.example").answers.count == 1)
    }

    @Test func `a file and a folder are watched`() throws {
        let text = """
            block: ["feed:file", "feed:folder"]
            feeds: { file: { url: "file:list.txt" }, folder: { url: "file:lists" } }
            """
        let server = try Sekisho(
            text, files: ["list.txt": "a.example\n", "lists/b.txt": "b.example\n"], upstreams: [try upstream()])
        #expect(try eventually(.seconds(15)) { try server.ask("b.example").rcode == .nxDomain })
        #expect(try eventually(.seconds(15)) { try server.ask("a.example").rcode == .nxDomain })
        try server.directory.write("c.example\n", to: "list.txt")
        try server.directory.write("d.example\n", to: "lists/a.txt")
        #expect(try eventually(.seconds(15)) { try server.ask("d.example").rcode == .nxDomain })
        #expect(try eventually(.seconds(15)) { try server.ask("c.example").rcode == .nxDomain })
        #expect(try server.ask("a.example").rcode == .noError)
        #expect(try server.ask("b.example").rcode == .nxDomain)
    }

    @Test func `a feed that only its file's name tells the format of is read so, and read so by explain`() throws {
        let feeds = try FeedServer([
            "/list": .list(Self.good), "/two.rpz": .list("plain.example\nads.example CNAME .\n"),
        ])
        let server = try start(
            feeds, "alert: []\nquarantine: { bad_lines_percent: 100 }",
            feed: "two: { url: \"\(feeds.url("/two.rpz"))\", format: rpz }", block: "two")
        #expect(try eventually(.seconds(15)) { try server.ask("ads.example").rcode == .nxDomain }, "\(server.log)")
        #expect(try server.ask("www.ads.example").rcode == .noError)
        #expect(try server.ask("plain.example").rcode == .noError)
        let explanation = try Finished(
            running: try Sekisho.executable(), ["explain", "ads.example", "-c", Sekisho.configurationName],
            in: server.directory)
        #expect(explanation.output.contains("state/feeds/two/current:2: ads.example"), "\(explanation.output)")
    }

    @Test func `explain and the extended log name the feed, and the line in its copy`() throws {
        let feeds = try FeedServer(["/list": .list("# mine\n" + Self.good)])
        let server = try start(feeds, "query_log: [{ destination: stdout, format: extended }]")
        #expect(try server.ask("www.name7.example").rcode == .nxDomain)
        #expect(eventually { server.process.output.contains("\"list_name\":\"mine\"") })
        #expect(server.process.output.contains("\"rule_name\":\"block mine\""))
        #expect(server.process.output.contains("\"matched_entry\":\"name7.example"))
        let explanation = try Finished(
            running: try Sekisho.executable(), ["explain", "www.name7.example", "-c", Sekisho.configurationName],
            in: server.directory)
        #expect(explanation.output.contains("block mine: RULE_MATCHED"))
        #expect(explanation.output.contains("state/feeds/mine/current:9: name7.example"))
    }
}

extension FeedTests {
    /// A server that has fetched the feed `mine` and blocks what it names.
    private func start(
        _ feeds: FeedServer, _ more: String = "", feed: String = "", block: String? = nil,
        files: [String: String] = [:],
        in directory: TemporaryDirectory? = nil
    ) throws -> Sekisho {
        let server = try Sekisho(
            configuration(feeds, more, feed: feed, block: block), files: files, upstreams: [try upstream()],
            in: directory)
        let isBlocking = try eventually(.seconds(20)) { try server.ask("name7.example").rcode == .nxDomain }
        try #require(isBlocking, "\(server.log)")
        return server
    }

    /// - Parameters:
    ///   - feed: a second one, which `block` may name.
    private func configuration(
        _ feeds: FeedServer, _ more: String = "", feed: String = "", block: String? = nil
    ) -> String {
        """
        block: ["feed:mine"\(block.map { ", \"feed:\($0)\"" } ?? "")]
        feeds:
          mine: { url: "\(feeds.url("/list"))", timeout: 2s, max_mb: 1 }
          \(feed)
        \(more)
        """
    }

    private func upstream() throws -> ScriptedUpstream {
        try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
    }

    /// Runs a `feeds` command beside the server.
    private func run(_ words: [String], with server: Sekisho) throws -> Finished {
        try Finished(
            running: try Sekisho.executable(), ["feeds"] + words + ["-c", Sekisho.configurationName],
            in: server.directory)
    }
}

/// A plain list of so many names.
private func list(_ count: Int) -> String { (0..<count).map { "name\($0).example\n" }.joined() }
