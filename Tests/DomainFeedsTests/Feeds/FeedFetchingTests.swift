import DomainFeeds
import Foundation
import TestSupport
import Testing

/// Fetching from a server, by the bodies and requests that it sees.
@Suite struct FeedFetchingTests {
    @Test func `the first copy is put in force as it was sent`() throws {
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .list("# mine\nads.example\n")]))
        #expect(folder.refresh(server).takenCount == 1)
        #expect(folder.current == "# mine\nads.example\n")
        #expect(folder.state.current?.octetCount == 19)
        #expect(folder.state.current?.sha256 == (try sha256("# mine\nads.example\n")))
    }

    @Test func `a copy is asked for by its ETag, and 304 leaves it`() throws {
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .list("ads.example\n", etag: "\"v1\"")]))
        #expect(folder.refresh(server).takenCount == 1)
        #expect(folder.refresh(server).isUnchanged)
        #expect(server.requests.map { $0.headers["if-none-match"] } == [nil, "\"v1\""])
        server.set("/list", .list("ads.example\nmore.example\n", etag: "\"v2\""))
        #expect(folder.refresh(server).takenCount == 2)
    }

    @Test func `a copy without ETag is asked for by its date`() throws {
        let date = "Sat, 21 Nov 2026 12:00:00 GMT"
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .list("ads.example\n", lastModified: date)]))
        #expect(folder.refresh(server).takenCount == 1)
        #expect(folder.refresh(server).isUnchanged)
        #expect(server.requests.map { $0.headers["if-modified-since"] } == [nil, date])
    }

    @Test func `what is known of one URL is not told to another`() throws {
        let answer = FeedServer.Answer.list("ads.example\n", etag: "\"v1\"")
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": answer, "/other": answer]))
        #expect(folder.refresh(server).takenCount == 1)
        #expect(folder.refresh(webFeed(server.url("/other"))).isUnchanged)
        #expect(server.requests.last?.headers["if-none-match"] == nil)
    }

    @Test func `a copy that is lost is fetched again, whatever its ETag`() throws {
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .list("ads.example\n", etag: "\"v1\"")]))
        #expect(folder.refresh(server).takenCount == 1)
        try FileManager.default.removeItem(atPath: folder.directory.currentPath)
        _ = folder.refresh(server)
        #expect(server.requests.last?.headers["if-none-match"] == nil)
        #expect(folder.current == "ads.example\n")
    }

    @Test func `a packed body is unpacked`() throws {
        let packed = try gzip(list(300))
        let answer = FeedServer.Answer.octets(packed, headers: ["Content-Encoding: gzip"])
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": answer]))
        #expect(folder.refresh(server).takenCount == 300)
        #expect(server.requests[0].headers["accept-encoding"]?.contains("gzip") == true)
        #expect(packed.count < list(300).utf8.count)
    }

    @Test func `a packed body of which a part is missing is a failure`() throws {
        let packed = try gzip(list(300))
        let half = Array(packed[..<(packed.count / 2)])
        let headers = ["Content-Encoding: gzip", "Content-Length: \(packed.count)"]
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .octets(half, headers: headers)]))
        #expect(folder.refresh(server).failure != nil)
        #expect(folder.current == nil)
    }

    @Test func `a few redirections are followed, and many are not`() throws {
        let (folder, server) = (FeedFolder(), try FeedServer(["/end": .list("ads.example\n")]))
        server.set("/list", .redirect(server.url("/next")))
        server.set("/next", .redirect(server.url("/end")))
        #expect(folder.refresh(server).takenCount == 1)
        server.set("/end", .redirect(server.url("/list")))
        #expect(folder.refresh(server).failure?.contains("5 redirections") == true)
        #expect(server.requests.count == 3 + 6)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/list", "http://user:secret@127.0.0.1:1/"])
    func `a redirection to what is no plain URL of the web is not followed`(target: String) throws {
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .redirect(target)]))
        #expect(folder.refresh(server).failure != nil)
        #expect(folder.current == nil)
    }

    @Test func `a copy must have the pinned SHA-256`() throws {
        let (folder, server) = (FeedFolder(), try FeedServer(["/list": .list("ads.example\n")]))
        let digest = try sha256("ads.example\n")
        let other = String(digest.reversed())
        #expect(folder.refresh(server) { $0.sha256 = other }.failure?.contains(digest) == true)
        #expect(folder.current == nil)
        #expect(folder.refresh(server) { $0.sha256 = digest }.takenCount == 1)
    }

    @Test func `several feeds are asked at once, and never more than four`() throws {
        let server = try FeedServer()
        let names = (0..<12).map { "feed\($0)" }
        for name in names { server.set("/\(name)", .slow("a.example\n", perSecond: 40)) }
        let folder = FeedFolder()
        let feeds = names.map { Feed(name: $0, source: FeedSource(server.url("/\($0)"))!) }
        let start = ContinuousClock.now
        let results = folder.refresher.refresh(feeds)
        let seconds: Double = (ContinuousClock.now - start) / .seconds(1)
        #expect(results.map(\.feed.name) == names)
        #expect(results.allSatisfy { $0.result.takenCount == 1 })
        // Each takes a quarter of a second: one after the other three seconds, four at a time three quarters.
        #expect(seconds > 0.7 && seconds < 2.5, "\(seconds)")
    }
}

/// What `gzip` makes of a text.
private func gzip(_ text: String) throws -> [UInt8] { try filter("gzip", ["-c"], text) }

private func sha256(_ text: String) throws -> String {
    String(String(decoding: try filter("sha256sum", [], text), as: UTF8.self).prefix(64))
}

private func filter(_ program: String, _ arguments: [String], _ text: String) throws -> [UInt8] {
    let (process, input, output) = (Process(), Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try input.fileHandleForWriting.close()
    let octets = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Array(octets)
}
