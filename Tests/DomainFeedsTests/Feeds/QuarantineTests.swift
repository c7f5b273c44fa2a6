import DomainFeeds
import Foundation
import TestSupport
import Testing

/// Copies that are held back, and what becomes of them.
@Suite struct QuarantineTests {
    /// Refreshes with one list, then with another; what came of the second.
    private func refresh(
        _ first: String, then second: String, in folder: FeedFolder = FeedFolder()
    ) throws -> (folder: FeedFolder, server: FeedServer, result: FeedRefresh) {
        let server = try FeedServer(["/list": .list(first)])
        #expect(folder.refresh(server).takenCount != nil)
        server.set("/list", .list(second))
        return (folder, server, folder.refresh(server))
    }

    @Test(
        arguments: [
            (300, 150, true), (300, 149, false), (300, 1200, true), (300, 1201, false), (300, 1, false),
            (99, 1, true), (100, 49, false), (10, 400, true), (10, 401, false), (1, 1, true),
        ] as [(Int, Int, Bool)])
    func `a copy of less than half or more than four times the names is held back, but for small lists`(
        before: Int, after: Int, isTaken: Bool
    ) throws {
        let (folder, _, result) = try refresh(list(before), then: list(after, "other"))
        #expect((result.takenCount != nil) == isTaken)
        #expect((result.reasons?.first?.contains("\(after) names, after \(before)") ?? false) == !isTaken)
        #expect(folder.current == (isTaken ? list(after, "other") : list(before)))
    }

    @Test(arguments: [(80, 20, true), (79, 21, false), (4, 1, true), (3, 1, false)] as [(Int, Int, Bool)])
    func `a copy of which more than a fifth can't be read is held back`(names: Int, bad: Int, isTaken: Bool) throws {
        let junk = (0..<bad).map { "-bad\($0).example\n" }.joined()
        let server = try FeedServer(["/list": .list(list(names) + junk)])
        let folder = FeedFolder()
        let result = folder.refresh(server)
        #expect((result.takenCount == names) == isTaken)
        #expect(isTaken || result.reasons?.first?.contains("\(bad) bad lines beside \(names) names") == true)
        #expect((folder.current != nil) == isTaken)
    }

    @Test func `addresses, and the names that a hosts file begins with, are no bad lines`() throws {
        let hosts = "127.0.0.1 localhost\n::1 ip6-localhost\n255.255.255.255 broadcasthost\n0.0.0.0 ads.example\n"
        #expect(FeedFolder().refresh(try FeedServer(["/list": .list(hosts)])).takenCount == 1)
        #expect(
            FeedFolder().refresh(try FeedServer(["/list": .list("192.0.2.1\n192.0.2.2\na.example\n")])).takenCount == 3)
    }

    @Test func `an exception blocks nothing, and rules for browsers are no bad lines`() throws {
        let rules = "||ads.example^\n@@||github.com^\n" + (0..<20).map { "site\($0).example##.banner\n" }.joined()
        #expect(FeedFolder().refresh(try FeedServer(["/list": .list(rules)])).takenCount == 2)
        let held = FeedFolder().refresh(try FeedServer(["/list": .list(rules + "||kernel.org^$important\n")]))
        #expect(held.reasons == ["would block kernel.org"])
    }

    @Test func `a copy in another format than the feed's is held back`() throws {
        let server = try FeedServer(["/list": .list("0.0.0.0 ads.example\n")])
        let reasons = FeedFolder().refresh(server) { $0.format = .domains }.reasons
        #expect(reasons?.first == "written as hosts, not as domains")
        #expect(FeedFolder().refresh(server) { $0.format = .hosts }.takenCount == 1)
    }

    /// One line speaks for each of two formats.
    @Test(arguments: [
        ("/list.rpz", nil), ("/a/list.ZONE?version=1.txt", nil), ("/list.txt", "domains"), ("/rpz/list", "domains"),
    ])
    func `a file's name at its source tells the format where its content does not`(path: String, other: String?) throws
    {
        let folder = FeedFolder()
        folder.limits.badLinesPercent = 100
        let server = try FeedServer([path: .list("plain.example\nads.example CNAME .\n")])
        var feed = webFeed(server.url(path))
        feed.format = .rpz
        let result = folder.refresh(feed)
        #expect((result.takenCount == 1) == (other == nil), "\(result)")
        #expect(result.reasons == other.map { ["written as \($0), not as rpz"] })
    }

    @Test(arguments: [
        ("https://a.example/b/c.csv", "c.csv"), ("https://a.example/b%20c.rpz?x=y.csv#z.txt", "b c.rpz"),
        ("https://a.example/", "/"), ("https://a.example/lists/", "lists"), ("file:///a/b.hosts", "b.hosts"),
        ("file:/", "/"),
    ])
    func `a source's file name is the end of its path`(source: String, name: String) {
        #expect(FeedSource(source)?.fileName == name)
    }

    @Test(arguments: [
        ("google.com", true), ("com", false), ("*.com", true), ("www.google.com", true), ("ads.google.com", false),
        ("corp.example", true), ("example", false), ("*.example", true), ("x.corp.example", false),
        ("wild.test", true), ("*.wild.test", true), ("a.wild.test", false), ("feeds.test", true),
    ])
    func `a copy that covers a protected name is held back`(entry: String, isHeld: Bool) throws {
        let folder = FeedFolder()
        folder.protected.add(entriesOf: Array("corp.example\n*.wild.test\n".utf8))
        folder.protected.insert("feeds.test")
        let result = folder.refresh(try FeedServer(["/list": .list("ads.test\n\(entry)\nmore.test\n")]))
        #expect((result.reasons?.first?.hasPrefix("would block") ?? false) == isHeld, "\(result)")
    }

    @Test func `a feed that blocks nothing may name what it likes`() throws {
        let folder = FeedFolder()
        folder.blocking = []
        #expect(folder.refresh(try FeedServer(["/list": .list("google.com\n")])).takenCount == 1)
    }

    @Test func `an accepted copy is in force, and its protected names are not asked about again`() throws {
        let (folder, server, result) = try refresh("ads.example\n", then: "ads.example\nkernel.org\n")
        #expect(result.reasons == ["would block kernel.org"])
        #expect(folder.current == "ads.example\n")
        #expect(try folder.directory.accept().entryCount == 2)
        #expect(folder.current == "ads.example\nkernel.org\n")
        #expect(folder.state.held == nil && folder.state.previous?.entryCount == 1)
        server.set("/list", .list("ads.example\nkernel.org\nmore.example\n"))
        #expect(folder.refresh(server).takenCount == 3)
        server.set("/list", .list("ads.example\nkernel.org\ngnu.org\n"))
        #expect(folder.refresh(server).reasons == ["would block gnu.org"])
    }

    @Test func `a copy that was thrown away does not come back until it is another one`() throws {
        let (folder, server, result) = try refresh(list(300), then: list(100, "other"))
        #expect(result.reasons != nil)
        guard case .droppedHeld = try folder.directory.rollBack() else { return #expect(Bool(false)) }
        #expect(folder.state.held == nil)
        #expect(folder.refresh(server).isUnchanged)
        #expect(folder.state.held == nil && folder.current == list(300))
        server.set("/list", .list(list(101, "other")))
        #expect(folder.refresh(server).reasons != nil)
    }

    @Test func `going back puts the previous copy in force, and the other one does not come back`() throws {
        let (folder, server, result) = try refresh(list(300), then: list(301))
        #expect(result.takenCount == 301)
        guard case .restored(let copy, let other) = try folder.directory.rollBack() else {
            return #expect(Bool(false))
        }
        #expect(copy.entryCount == 300 && other?.entryCount == 301)
        #expect(folder.current == list(300))
        #expect(folder.refresh(server).isUnchanged)
        #expect(folder.current == list(300))
        server.set("/list", .list(list(302)))
        #expect(folder.refresh(server).takenCount == 302)
    }

    @Test func `there is nothing to accept or to go back to at first`() throws {
        let folder = FeedFolder()
        #expect(throws: FeedError("nothing is held back")) { try folder.directory.accept() }
        #expect(throws: FeedError("there is no copy to go back to")) { try folder.directory.rollBack() }
    }

    @Test func `a good copy takes the place of one that is held back`() throws {
        let (folder, server, result) = try refresh(list(300), then: list(10))
        #expect(result.reasons != nil)
        server.set("/list", .list(list(299)))
        #expect(folder.refresh(server).takenCount == 299)
        #expect(folder.state.held == nil)
    }

    @Test func `a source that is back to the copy in force leaves nothing held back`() throws {
        let (folder, server, result) = try refresh(list(300), then: list(10))
        #expect(result.reasons != nil)
        server.set("/list", .list(list(300)))
        #expect(folder.refresh(server).isUnchanged)
        #expect(folder.state.held == nil)
    }

    @Test func `limits can be wider or narrower`() throws {
        let folder = FeedFolder()
        folder.limits.minPercent = 90
        folder.limits.smallList = 0
        #expect(try refresh(list(10), then: list(8), in: folder).result.reasons != nil)
        let other = FeedFolder()
        other.limits.badLinesPercent = 100
        #expect(other.refresh(try FeedServer(["/list": .list("a.example\n-\n-\n-\n")])).takenCount == 1)
    }
}
