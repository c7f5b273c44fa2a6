import DNSWire
import Foundation
import TestSupport
import Testing

/// Feeds of a running server.
@Suite struct FeedTests {
    /// The name has a label of 64 characters, so that it fails without anybody being asked.
    @Test func `a feed whose host has no address lets the server start, and others block`() throws {
        let feeds = try FeedServer(["/list": .list(FeedScenario.good)])
        let host = String(repeating: "a", count: 64)
        let server = try FeedScenario.start(
            feeds, "alert: [\"feed:dead\"]", feed: "dead: { url: \"http://\(host).example/\" }")
        #expect(eventually(.seconds(20)) { server.log.contains("feed dead: not refreshed") })
        #expect(try server.ask("name7.example").rcode == .nxDomain)
    }

    @Test func `a first start without a copy says so, and blocks as soon as there is one`() throws {
        let feeds = try FeedServer(["/list": .status(503)])
        let server = try Sekisho(FeedScenario.configuration(feeds), upstreams: [try FeedScenario.upstream()])
        #expect(server.log.contains("feed mine: no copy yet"))
        #expect(try server.ask("name7.example").rcode == .noError)
        feeds.set("/list", .list(FeedScenario.good))
        server.process.signal(SIGHUP)
        #expect(try eventually(.seconds(20)) { try server.ask("name7.example").rcode == .nxDomain })
    }

    @Test func `commands reach a running server through the state directory`() throws {
        let feeds = try FeedServer(["/list": .list(FeedScenario.good)])
        let server = try FeedScenario.start(feeds)
        feeds.set("/list", .list(FeedScenario.list(100) + "new.example\n"))
        #expect(try FeedScenario.run(["refresh"], with: server).exit == .code(1))
        #expect(try FeedScenario.run(["status"], with: server).output.contains("101 names, after 300: less than 50 %"))
        #expect(try server.ask("new.example").rcode == .noError)
        #expect(try FeedScenario.run(["accept", "mine"], with: server).exit == .code(0))
        #expect(try eventually(.seconds(20)) { try server.ask("new.example").rcode == .nxDomain })
        #expect(try server.ask("name200.example").rcode == .noError)
        #expect(
            try FeedScenario.run(["rollback", "mine"], with: server).output.contains("back to the copy of 300 names"))
        #expect(try eventually(.seconds(20)) { try server.ask("name200.example").rcode == .nxDomain })
        #expect(try FeedScenario.run(["rollback", "mine"], with: server).exit == .code(1))
        #expect(try FeedScenario.run(["refresh"], with: server).output == "mine: unchanged\n")
        #expect(try FeedScenario.run(["status"], with: server).exit == .code(0))
    }

    @Test(
        arguments: [
            ("\"v1\"", nil, "if-none-match"), (nil, "Sat, 21 Nov 2026 12:00:00 GMT", "if-modified-since"),
        ] as [(String?, String?, String)])
    func `after a restart a source is asked for what is new since its copy, and not before it is time`(
        etag: String?, date: String?, header: String
    ) throws {
        let feeds = try FeedServer(["/list": .list(FeedScenario.good, etag: etag, lastModified: date)])
        let directory = try TemporaryDirectory()
        do { _ = try FeedScenario.start(feeds, in: directory) }
        #expect(feeds.requests.count == 1)
        let again = try Sekisho(
            FeedScenario.configuration(feeds), upstreams: [try FeedScenario.upstream()], in: directory)
        #expect(try again.ask("name7.example").rcode == .nxDomain)
        // The updater looks once a second for what is due.
        Thread.sleep(forTimeInterval: 1.5)
        #expect(feeds.requests.count == 1)
        again.process.signal(SIGHUP)
        #expect(eventually(.seconds(20)) { feeds.requests.count == 2 })
        #expect(feeds.requests[1].headers[header] == etag ?? date)
        #expect(try eventually(.seconds(20)) { try FeedScenario.run(["status"], with: again).exit == .code(0) })
        #expect(try again.ask("name7.example").rcode == .nxDomain)
        feeds.set("/list", .list(FeedScenario.good + "more.example\n", etag: "\"v2\""))
        #expect(try FeedScenario.blocks("more.example", again), "\(again.log)")
    }

    @Test func `a reload keeps what feeds block, and a feed that is named then is fetched`() throws {
        let feeds = try FeedServer(["/list": .list(FeedScenario.good), "/two": .list("two.example\n")])
        let server = try FeedScenario.start(feeds)
        try server.rewrite(
            FeedScenario.configuration(feeds, "alert: []", feed: "two: { url: \"\(feeds.url("/two"))\" }", block: "two")
        )
        server.process.signal(SIGHUP)
        #expect(try eventually(.seconds(20)) { try server.ask("two.example").rcode == .nxDomain })
        #expect(try server.ask("name7.example").rcode == .nxDomain)
    }

    @Test func `feeds are taken beside what the API keeps`() throws {
        let feeds = try FeedServer(["/list": .list(FeedScenario.good)])
        let server = try FeedScenario.start(feeds, "admin: { listen: '127.0.0.1:0' }")
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
        feeds.set("/list", .list(FeedScenario.good + "more.example\n"))
        #expect(try FeedScenario.run(["refresh"], with: server).exit == .code(0))
        #expect(try eventually(.seconds(20)) { try server.ask("more.example").rcode == .nxDomain })
        #expect(try server.ask("api.example").answers.isEmpty)
        #expect(try server.ask("free.example").answers.count == 1)
    }

    @Test func `a file and a folder are watched`() throws {
        let text = """
            block: ["feed:file", "feed:folder"]
            feeds: { file: { url: "file:list.txt" }, folder: { url: "file:lists" } }
            """
        let server = try Sekisho(
            text, files: ["list.txt": "a.example\n", "lists/b.txt": "b.example\n"],
            upstreams: [try FeedScenario.upstream()])
        #expect(try eventually(.seconds(20)) { try server.ask("b.example").rcode == .nxDomain })
        #expect(try eventually(.seconds(20)) { try server.ask("a.example").rcode == .nxDomain })
        try server.directory.write("c.example\n", to: "list.txt")
        try server.directory.write("d.example\n", to: "lists/a.txt")
        #expect(try eventually(.seconds(20)) { try server.ask("d.example").rcode == .nxDomain })
        #expect(try eventually(.seconds(20)) { try server.ask("c.example").rcode == .nxDomain })
        #expect(try server.ask("a.example").rcode == .noError)
        #expect(try server.ask("b.example").rcode == .nxDomain)
    }

    @Test func `a feed that only its file's name tells the format of is read so, and read so by explain`() throws {
        let feeds = try FeedServer([
            "/list": .list(FeedScenario.good), "/two.rpz": .list("plain.example\nads.example CNAME .\n"),
        ])
        let server = try FeedScenario.start(
            feeds, "alert: []\nquarantine: { bad_lines_percent: 100 }",
            feed: "two: { url: \"\(feeds.url("/two.rpz"))\", format: rpz }", block: "two")
        #expect(try eventually(.seconds(20)) { try server.ask("ads.example").rcode == .nxDomain }, "\(server.log)")
        #expect(try server.ask("www.ads.example").rcode == .noError)
        #expect(try server.ask("plain.example").rcode == .noError)
        let explanation = try Finished(
            running: try Sekisho.executable(), ["explain", "ads.example", "-c", Sekisho.configurationName],
            in: server.directory)
        #expect(explanation.output.contains("state/feeds/two/current:2: ads.example"), "\(explanation.output)")
    }

    @Test func `explain and the extended log name the feed, and the line in its copy`() throws {
        let feeds = try FeedServer(["/list": .list("# mine\n" + FeedScenario.good)])
        let server = try FeedScenario.start(feeds, "query_log: [{ destination: stdout, format: extended }]")
        #expect(try server.ask("www.name7.example").rcode == .nxDomain)
        #expect(eventually(.seconds(20)) { server.process.output.contains("\"list_name\":\"mine\"") })
        #expect(server.process.output.contains("\"rule_name\":\"block mine\""))
        #expect(server.process.output.contains("\"matched_entry\":\"name7.example"))
        let explanation = try Finished(
            running: try Sekisho.executable(), ["explain", "www.name7.example", "-c", Sekisho.configurationName],
            in: server.directory)
        #expect(explanation.output.contains("block mine: RULE_MATCHED"))
        #expect(explanation.output.contains("state/feeds/mine/current:9: name7.example"))
    }
}
