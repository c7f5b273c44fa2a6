import DNSWire
import Foundation
import TestSupport
import Testing

/// The live page in a headless browser: `Tests/Oracles/live_page.py` looks at it as people do.
///
/// Its screenshots are kept in `SEKISHO_SCREENSHOTS`, or else in `.build/screenshots`, for people to look at.
@Suite(.serialized) struct LivePageTests {
    /// What the script has looked for.
    private struct Finding: Decodable {
        var what: String
        var isFound: Bool
        var detail: String
    }

    private static let screenshots =
        ProcessInfo.processInfo.environment["SEKISHO_SCREENSHOTS"] ?? TestFiles.path(".build/screenshots")

    private func visit(_ kind: String, _ server: Sekisho, expecting count: Int) async throws {
        let admin = try #require(server.endpoints.last)
        let arguments = [kind, "http://\(admin)/", "\(server.endpoint)", Self.screenshots]
        let result = try await PythonOracle.runAside(script: "live_page.py", arguments)
        let findings = try result.output.split(separator: "\n").map {
            try JSONDecoder().decode(Finding.self, from: Data($0.utf8))
        }
        for finding in findings { #expect(finding.isFound, "\(finding.what): \(finding.detail)") }
        #expect(result.status == 0 && findings.count >= count, "\(findings.map(\.what))")
        #expect(server.process.poll() == nil)
    }

    @Test(.enabled(if: PythonOracle.hasBrowser, "there is no chromium"))
    func `the page shows what is decided, to everybody, and nothing in a name gets out of its place`() async throws {
        let feeds = try FeedServer(["/list": .list(FeedScenario.good)])
        let server = try Sekisho(
            """
            admin: { listen: '127.0.0.1:0' }
            block: ["names.txt", "<b>odd.txt", "feed:mine"]
            alert: ["watch.txt"]
            feeds: { mine: { url: "\(feeds.url("/list"))" } }
            """,
            files: [
                "names.txt": "block.example\n", "<b>odd.txt": "odd.example\n", "watch.txt": "alert.example\n",
            ], upstreams: [try FeedScenario.upstream()])
        try await visit("open", server, expecting: 45)
    }

    @Test(.enabled(if: PythonOracle.hasBrowser, "there is no chromium"))
    func `with credentials the page asks for a key, shows nothing without, and changes feeds with it`() async throws {
        let feeds = try FeedServer(["/list": .list("github.com\nads.block.example\n")])
        let server = try Sekisho(
            """
            admin: { listen: '127.0.0.1:0' }
            aws: { credentials: [{ access_key_id: AKIDEXAMPLE, secret_access_key: 'secret/+ of <test>' }] }
            block: ["names.txt", "feed:mine"]
            alert: ["watch.txt"]
            feeds: { mine: { url: "\(feeds.url("/list"))" } }
            """,
            files: ["names.txt": "block.example\n", "watch.txt": "alert.example\n"],
            upstreams: [try FeedScenario.upstream()])
        try await visit("signed", server, expecting: 10)
    }
}
