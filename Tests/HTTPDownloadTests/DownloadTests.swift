import Foundation
import HTTPDownload
import TestSupport
import Testing

/// What the feeds' tests do not show: headers, and where they go.
@Suite struct DownloadTests {
    private func url(_ server: FeedServer, _ path: String = "/file") throws -> URL {
        try #require(URL(string: server.url(path)))
    }

    private func download(_ octetLimit: Int = 1 << 20, change: (inout Download) -> Void = { _ in }) -> Download {
        var download = Download(octetLimit: octetLimit)
        change(&download)
        return download
    }

    @Test func `headers are sent as they are given`() throws {
        let server = try FeedServer(["/file": .list("a.example\n")])
        let answer = try download {
            $0.headers = [("authorization", "AWS4-HMAC-SHA256 x=y, z"), ("x-amz-security-token", "a/b+c==")]
        }.run(try url(server))
        #expect(answer.status == 200 && answer.octets == Array("a.example\n".utf8))
        let headers = try #require(server.requests.first).headers
        #expect(headers["authorization"] == "AWS4-HMAC-SHA256 x=y, z")
        #expect(headers["x-amz-security-token"] == "a/b+c==")
        #expect(headers["user-agent"] == "sekisho")
    }

    @Test func `where no redirection is to be followed, it is the answer`() throws {
        let other = try FeedServer(["/file": .list("a.example\n")])
        let server = try FeedServer(["/file": .redirect(other.url("/file"))])
        let answer = try download {
            $0.headers = [("x-amz-security-token", "secret")]
            $0.redirectionLimit = 0
        }.run(try url(server))
        #expect(answer.status == 302)
        #expect(server.requests.count == 1 && other.requests.isEmpty)
    }

    @Test func `a redirection takes no Authorization to another host`() throws {
        let other = try FeedServer(["/file": .list("a.example\n")])
        let server = try FeedServer(["/file": .redirect(other.url("/file"))])
        let answer = try download { $0.headers = [("Authorization", "secret")] }.run(try url(server))
        #expect(answer.status == 200)
        #expect(server.requests.first?.headers["authorization"] == "secret")
        #expect(other.requests.count == 1 && other.requests[0].headers["authorization"] == nil)
    }

    @Test(arguments: [(10, true), (11, true), (9, false), (0, false)])
    func `a body may be as large as the limit, and no larger`(limit: Int, isTaken: Bool) throws {
        let server = try FeedServer(["/file": .list("a.example\n")])
        let url = try url(server)
        if isTaken {
            #expect(try download(limit).run(url).octets.count == 10)
        } else {
            #expect(throws: DownloadError.tooLarge(octetLimit: limit)) { try download(limit).run(url) }
        }
    }
}
