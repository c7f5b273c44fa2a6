import DomainFeeds
import Foundation
import TestSupport
import Testing

/// Servers that misbehave: the last good copy stays, byte for byte, and the state says what went wrong.
@Suite struct FailingFeedTests {
    private static let good = list(300)
    private static let markup = "<!DOCTYPE html>\n<html><body>Please log in. ads.example</body></html>\n"
    private static let utf16 = Array("\u{FEFF}ads.example\n".utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }

    @Test(
        arguments: [
            ("404", .status(404), "404"),
            ("500 with a list", .status(500, body: good), "500"),
            ("304 without being asked", .status(304), "304"),
            ("HTML", .list(markup), "HTML"),
            ("HTML behind a blank line and a byte order mark", .list("\u{FEFF}\n \(markup)"), "HTML"),
            ("an empty body", .list(""), "empty"),
            ("blank lines", .list("\n\n  \n"), "empty"),
            ("comments only", .list("# gone\n"), "no names"),
            ("a body that is cut off", .truncated(good, of: good.utf8.count * 2), "remaining|octets"),
            ("an endless body", .endless(good), "larger than 1 MiB"),
            ("a slow body", .slow(good, perSecond: 20), "2 s"),
            ("silence", .silent, "2 s"),
            ("UTF-16", .octets(utf16), "UTF-8"),
            ("a packed file", .octets([0x1F, 0x8B, 8, 0, 0, 0]), "packed"),
            ("a packed body that is cut off", .octets([0x1F, 0x8B, 8], headers: ["Content-Encoding: gzip"]), "empty"),
            (
                "a body that is not packed as it says", .octets([1, 2, 3], headers: ["Content-Encoding: gzip"]),
                "unencoding"
            ),
            ("a redirection to nowhere", .redirect(""), "answered"),
        ] as [(String, FeedServer.Answer, String)])
    func `the last good copy stays`(case name: String, answer: FeedServer.Answer, expected: String) throws {
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .list(Self.good)]))
        #expect(folder.refresh(server).takenCount == 300)
        server.set("/list", answer)
        let start = ContinuousClock.now
        let failure = try #require(folder.refresh(server).failure, "\(name)")
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(failure.contains(try Regex(expected)), "\(name): \(failure)")
        #expect(folder.current == Self.good)
        #expect(folder.state.failure == failure && folder.state.failureCount == 1)
        #expect(folder.state.current?.entryCount == 300 && folder.state.held == nil)
        server.set("/list", .list(Self.good + "more.example\n"))
        #expect(folder.refresh(server).takenCount == 301)
        #expect(folder.state.failure == nil && folder.state.failureCount == 0)
    }

    @Test func `the last good copy stays when nobody takes the connection`() throws {
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .list(Self.good)]))
        #expect(folder.refresh(server).takenCount == 300)
        server.stop()
        #expect(folder.refresh(server).failure?.contains("connection") == true)
        #expect(folder.current == Self.good)
    }

    /// The name has a label of 64 characters, so that it fails without anybody being asked.
    @Test func `a host that has no address is a failure like others`() {
        let folder = FeedFolder()
        let failure = folder.refresh(webFeed("http://\(String(repeating: "a", count: 64)).example/list")).failure
        #expect(failure?.contains("address") == true, "\(failure ?? "")")
        #expect(folder.current == nil && folder.state.failureCount == 1)
    }

    @Test func `attempts come half a minute after the first failure, then later and later up to the usual time`() {
        let now = Date(timeIntervalSince1970: 1_000_000)
        func wait(_ failures: Int, _ jitter: Double) -> Double {
            FeedSchedule.next(after: now, refreshSeconds: 3600, failureCount: failures, jitter: jitter)
                .timeIntervalSince(now)
        }
        #expect([1, 2, 3, 7, 8, 100].map { wait($0, 1) } == [30, 60, 120, 1920, 3600, 3600])
        #expect([1, 2, 3, 7, 8, 100].map { wait($0, 0) } == [15, 30, 60, 960, 1800, 1800])
        #expect((wait(0, 0) * 1000).rounded() == 3_240_000 && (wait(0, 1) * 1000).rounded() == 3_960_000)
    }

    @Test func `two feeds that fail at the same moment are not asked again at the same moment`() throws {
        let now = Date(timeIntervalSince1970: 1_000_000)
        let times = (0..<20).map { _ in
            let folder = FeedFolder()
            _ = folder.refresh(webFeed("http://127.0.0.1:1/"), at: now)
            return folder.state.nextAttempt
        }
        #expect(Set(times).count > 5)
        #expect(times.allSatisfy { (15...30).contains($0?.timeIntervalSince(now) ?? 0) })
    }

    @Test func `a damaged state is told anew from the copy in force`() throws {
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .list(Self.good)]))
        #expect(folder.refresh(server).takenCount == 300)
        try Data("{".utf8).write(to: URL(filePath: folder.directory.statePath))
        #expect(folder.state.current?.entryCount == 300)
        server.set("/list", .list(list(100)))
        #expect(folder.refresh(server).reasons != nil)
        #expect(folder.current == Self.good)
    }

    @Test func `a folder that can't be written is a failure and no crash`() throws {
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .list(Self.good)]))
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: "\(folder.path)/feeds"))
        #expect(folder.refresh(server).failure?.contains("feeds/mine") == true)
        let updater = FeedUpdater(stateDirectory: folder.path) { _, _ in }
        updater.configure([webFeed(server.url("/list"))], folder.refresher)
        updater.start { _ in }
        Thread.sleep(forTimeInterval: 3)
        #expect(server.requests.count == 2, "a server is not to be asked every second")
    }
    @Test func `a feed is asked again when the clock has been set back by more than it ever waits`() throws {
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .list(Self.good)]))
        _ = folder.refresh(webFeed(server.url("/list")), at: .now + 400 * 86_400)
        #expect(server.requests.count == 1)
        let updater = FeedUpdater(stateDirectory: folder.path) { _, _ in }
        updater.configure([webFeed(server.url("/list"))], folder.refresher)
        updater.start { _ in }
        let end = ContinuousClock.now + .seconds(5)
        while server.requests.count < 2, ContinuousClock.now < end { usleep(10_000) }
        #expect(server.requests.count == 2)
    }
}
