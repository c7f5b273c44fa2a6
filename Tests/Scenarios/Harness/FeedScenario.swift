import DNSWire
import Foundation
import TestSupport
import Testing

/// A server whose feed `mine` is at `/list` of a feed server.
enum FeedScenario {
    /// `name0.example` to `name299.example`.
    static let good = list(300)

    /// A plain list of so many names.
    static func list(_ count: Int) -> String { (0..<count).map { "name\($0).example\n" }.joined() }

    /// A server that has fetched the feed `mine` and blocks what it names.
    static func start(
        _ feeds: FeedServer, _ more: String = "", feed: String = "", block: String? = nil, seconds: Int = 20,
        files: [String: String] = [:], in directory: TemporaryDirectory? = nil
    ) throws -> Sekisho {
        let server = try Sekisho(
            configuration(feeds, more, feed: feed, block: block, seconds: seconds), files: files,
            upstreams: [try upstream()], in: directory)
        let isBlocking = try blocks("name7.example", server)
        try #require(isBlocking, "\(server.log)")
        return server
    }

    /// - Parameters:
    ///   - feed: a second one, which `block` may name.
    ///   - seconds: how long a fetch may take. Only a test that waits for the end of it wants a few: on a busy machine a
    ///     good answer may take as long.
    static func configuration(
        _ feeds: FeedServer, _ more: String = "", feed: String = "", block: String? = nil, seconds: Int = 20
    ) -> String { configuration(feeds.url("/list"), more, feed: feed, block: block, seconds: seconds) }

    static func configuration(
        _ url: String, _ more: String = "", feed: String = "", block: String? = nil, seconds: Int = 20
    ) -> String {
        """
        block: ["feed:mine"\(block.map { ", \"feed:\($0)\"" } ?? "")]
        feeds:
          mine: { url: "\(url)", timeout: \(seconds)s, max_mb: 1 }
          \(feed)
        \(more)
        """
    }

    static func upstream() throws -> ScriptedUpstream {
        try ScriptedUpstream(otherwise: .answer(["@ 60 IN A 192.0.2.10"]))
    }

    /// Waits until the server blocks `name`, and has it ask its feeds now and then meanwhile.
    static func blocks(_ name: String, _ server: Sekisho) throws -> Bool {
        for _ in 0..<6 {
            if try eventually(.seconds(6), { try server.ask(name).rcode == .nxDomain }) { return true }
            server.process.signal(SIGHUP)
        }
        return false
    }

    /// Runs a `feeds` command beside the server.
    static func run(_ words: [String], with server: Sekisho) throws -> Finished {
        try Finished(
            running: try Sekisho.executable(), ["feeds"] + words + ["-c", Sekisho.configurationName],
            in: server.directory, timeout: .seconds(30))
    }
}
