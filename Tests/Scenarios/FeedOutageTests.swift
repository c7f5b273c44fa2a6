import DNSWire
import Foundation
import TestSupport
import Testing

/// A source that misbehaves never stops the blocking: a server is asked before, while and after it does.
@Suite struct FeedOutageTests {
    private static let good = FeedScenario.good
    /// 1.2 MB: one more than the configuration's `max_mb`.
    private static let large = FeedScenario.list(70_000)

    @Test(
        arguments: [
            ("404", .status(404), "the server answered 404"),
            ("500", .status(500, body: good), "the server answered 500"),
            ("304 without being asked", .status(304), "the server answered 304"),
            ("HTML", .list("<html><body>ads</body></html>"), "HTML or XML"),
            ("an empty 200", .list(""), "empty"),
            ("comments and no names", .list("# moved\n# elsewhere\n"), "no names"),
            ("a body that is cut off", .truncated(good, of: 20_000), ""),
            ("a packed body that is damaged", .octets(gzip(good, checksum: 1), headers: packed), ""),
            (
                "a packed body that is cut off", .octets(Array(gzip(good).dropLast(1000)), headers: packed + [tooMuch]),
                ""
            ),
            ("a body that is not packed, though it says so", .octets(Array(good.utf8), headers: packed), ""),
            ("a packed file", .octets(gzip(good)), "packed, not a list"),
            ("a body that is too large", .list(large), "larger than 1 MiB"),
            ("an endless body", .endless(good), "larger than 1 MiB"),
            ("a slow body", .slow(good, perSecond: 20), "not there after 2 s"),
            ("silence", .silent, "not there after 2 s"),
            ("redirections in a circle", .redirect("/list"), "more than 5 redirections"),
            ("a redirection to a file", .redirect("file:///etc/hosts"), ""),
            ("another encoding", .octets([0xFF, 0xFE] + good.utf8.flatMap { [$0, 0] }), "UTF-16"),
        ] as [(String, FeedServer.Answer, String)])
    func `blocking goes on while a source fails`(case name: String, answer: FeedServer.Answer, reason: String) throws {
        try disturb(name, answer, "feed mine: not refreshed, the last good copy stays: \(reason)", "failing")
    }

    @Test(
        arguments: [
            ("half the size", .list(FeedScenario.list(140)), "140 names, after 300: less than 50 %"),
            ("five times the size", .list(FeedScenario.list(1501)), "1501 names, after 300: more than 400 %"),
            ("bad lines", .list(good + String(repeating: "-bad-.example\n", count: 100)), "100 bad lines beside 300"),
            ("a name that everybody needs", .list(good + "github.com\n"), "would block"),
            ("a name that is allowed", .list(good + "corp.example\n"), "would block corp.example"),
        ] as [(String, FeedServer.Answer, String)])
    func `blocking goes on while a copy is held back`(case name: String, answer: FeedServer.Answer, reason: String)
        throws
    {
        try disturb(name, answer, "feed mine: held back: \(reason)", "held")
    }

    private static let packed = ["Content-Encoding: gzip"]
    private static let tooMuch = "Content-Length: \(gzip(good).count)"

    private func disturb(_ name: String, _ answer: FeedServer.Answer, _ expected: String, _ condition: String) throws {
        let feeds = try FeedServer(["/list": .list(Self.good)])
        let seconds = answer.takesForEver ? 2 : 20
        let server = try FeedScenario.start(
            feeds, "allow: [allow.txt]", seconds: seconds, files: ["allow.txt": "corp.example\n"])
        let load = try load(on: server)
        feeds.set("/list", answer)
        server.process.signal(SIGHUP)
        #expect(eventually(.seconds(30)) { server.log.contains(expected) }, "\(name)\n\(server.log)")
        try expect(condition, of: server, name)
        #expect(server.process.peakMemory < 300_000, "\(name): \(server.process.peakMemory) KiB")
        feeds.set("/list", .list(Self.good + "more.example\n"))
        server.process.signal(SIGHUP)
        #expect(try FeedScenario.blocks("more.example", server), "\(name)\n\(server.log)")
        expectNothingLost(load, name)
    }

    @Test func `blocking goes on while nobody takes the connection, and from the first query after a restart`() throws {
        let feeds = try FeedServer(["/list": .list(Self.good)])
        let directory = try TemporaryDirectory()
        do {
            let server = try FeedScenario.start(feeds, in: directory)
            let load = try load(on: server)
            feeds.stop()
            server.process.signal(SIGHUP)
            #expect(
                eventually(.seconds(30)) {
                    server.log.contains("the last good copy stays: its host does not take the connection")
                })
            try expect("failing", of: server, "refused")
            expectNothingLost(load, "refused")
        }
        let again = try Sekisho(
            FeedScenario.configuration(feeds), upstreams: [try FeedScenario.upstream()], in: directory)
        #expect(try again.ask("name7.example").rcode == .nxDomain)
        #expect(again.log.contains("feed mine: 300 names"))
    }

    /// The name has a label of 64 characters, so that it fails without anybody being asked.
    @Test func `blocking goes on while a source's host has no address`() throws {
        let feeds = try FeedServer(["/list": .list(Self.good)])
        let server = try FeedScenario.start(feeds)
        let load = try load(on: server)
        try server.rewrite(FeedScenario.configuration("http://\(String(repeating: "a", count: 64)).example/list"))
        server.process.signal(SIGHUP)
        #expect(
            eventually(.seconds(30)) {
                server.log.contains("feed mine: not refreshed, the last good copy stays: its host has no address")
            })
        try expect("failing", of: server, "no address")
        feeds.set("/list", .list(Self.good + "more.example\n"))
        try server.rewrite(FeedScenario.configuration(feeds))
        server.process.signal(SIGHUP)
        #expect(try FeedScenario.blocks("more.example", server))
        expectNothingLost(load, "no address")
    }
}

extension FeedOutageTests {
    private func load(on server: Sekisho) throws -> QueryLoad {
        try QueryLoad(
            200, to: server.endpoint,
            [("name7.example", .nxDomain), ("a.name299.example", .nxDomain), ("corp.example", .noError)])
    }

    private func expectNothingLost(_ load: QueryLoad, _ name: String) {
        let report = load.stop()
        #expect(report.sent > 20 && report.answered == report.sent && report.wrong == 0, "\(name): \(report)")
    }

    private func expect(_ condition: String, of server: Sekisho, _ name: String) throws {
        let status = try FeedScenario.run(["status", "--json"], with: server)
        #expect(status.exit == .code(1))
        #expect(status.output.contains("\"condition\" : \"\(condition)\""), "\(name): \(status.output)")
    }
}

extension FeedServer.Answer {
    /// Only a time-out ends it.
    fileprivate var takesForEver: Bool {
        switch self {
        case .slow, .silent: true
        default: false
        }
    }
}

/// A text as gzip has it (RFC 1952), in stored blocks (RFC 1951 §3.2.4).
/// - Parameter checksum: of the text; computed when nil.
private func gzip(_ text: String, checksum: UInt32? = nil) -> [UInt8] {
    let octets = Array(text.utf8)
    precondition(octets.count < 1 << 16)
    let length = UInt16(octets.count)
    var crc = UInt32.max
    for octet in octets {
        crc ^= UInt32(octet)
        for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
    func littleEndian(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 1] + littleEndian(length) + littleEndian(~length) + octets
        + littleEndian(checksum ?? ~crc) + littleEndian(UInt32(octets.count))
}
