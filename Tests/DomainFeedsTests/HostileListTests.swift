import DNSWire
import DomainFeeds
import Foundation
import TestSupport
import Testing

/// Nothing is lost and nothing traps, whatever the octets.
@Suite struct HostileListTests {
    @Test(arguments: 0..<20) func `of random octets each word is an entry or skipped`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<150 {
            let count = Int.random(in: 0...300, using: &generator)
            expectNothingLost(generator.octets(count))
        }
    }

    @Test(arguments: 0..<20) func `of lines that are nearly well formed each word is an entry or skipped`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(100 + seed))
        let pieces = [
            "a", "b-", "-c", ".", ".", "*.", "*", "#", " #", "!", ";", " ", "\t", "\r", "\n", "\n", "0.0.0.0 ", "::1 ",
            "192.0.2.1", "||", "^", "é", "\u{FEFF}", "\0", "example.com", "localhost", "\\", ":", "%",
            String(repeating: "x", count: 60),
        ]
        for _ in 0..<150 {
            let count = Int.random(in: 0...60, using: &generator)
            let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            expectNothingLost(Array(text.utf8))
        }
    }

    @Test(arguments: ListFormat.allCases)
    func `of lines that are nearly well formed nothing traps any reader, and everything is counted`(
        format: ListFormat
    ) {
        var generator = SeededGenerator(seed: 200)
        let pieces = [
            "a.example", "b", ".", "*", "||", "@@", "^", "$", "important", "badfilter", "denyallow=", "dnstype=", "~",
            "|",
            "##", "/", " ", " ", "\t", "\r\n", "\n", "\n", " CNAME ", " A ", "rpz-passthru.", ".rpz-ip", "$ORIGIN ",
            "$TTL ",
            "SOA", "(", ")", ";", "\"", "\\", "\\u00", "{", "}", "[", "]", ":", ",", "zone ", "type ", "master", "/*",
            "*/",
            "address=/", "server=/", "local-zone: ", "local-data: ", "static", "192.0.2.1", "::1", "/24", "http://",
            "host", "deny", "\0", "é", "\u{FEFF}", String(repeating: "x", count: 64),
        ]
        for _ in 0..<1500 {
            let count = Int.random(in: 0...60, using: &generator)
            let octets = Array((0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined().utf8)
            var counts = (entries: 0, addresses: 0)
            let report = ListReader.read(
                octets.span, as: format, onAddress: { _ in counts.addresses += 1 },
                onEntry: { _ in counts.entries += 1 })
            #expect((report.entryCount, report.addressCount) == counts)
            for found in Array(report.skipped.values) + Array(report.converted.values) {
                #expect(found.count > 0 && (1...max(1, report.lineCount)).contains(found.firstLine))
            }
        }
    }

    /// Categories of `messy-lines.jsonl` whose lines give no name, whatever format they were in.
    private static let nameless: Set<String> = [
        "empty-label", "label-over-63", "name-over-253", "adblock-comment-header", "html-junk", "cidr", "bom",
        "rpz-soa-ns-directive",
    ]

    /// Those of browsers' and DNS filters' lists of which none may block a name.
    private static let blockless: Set<String> = ["adblock-exception", "adblock-cosmetic", "adblock-regex", "path"]

    private struct MessyLine: Decodable {
        var category: String
        var format: String
        var octets: Data

        enum CodingKeys: String, CodingKey {
            case category = "cat"
            case format = "fmt"
            case octets = "raw_b64"
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "needs ../shared/data"))
    func `of the odd lines of real lists each word is an entry or skipped, and none is misread`() throws {
        for text in try SharedData.lines(of: "blocklists/messy-lines.jsonl.zst") {
            let line = try JSONDecoder().decode(MessyLine.self, from: Data(text.utf8))
            let entries = expectNothingLost(Array(line.octets))
            if HostileListTests.nameless.contains(line.category) {
                // The host of a URL is one, whatever its path is.
                let isURL = String(decoding: line.octets, as: UTF8.self).contains("://")
                #expect(entries.isEmpty || isURL && entries.allSatisfy { $0.text.hasPrefix("=") }, "\(entries)")
            }
            if line.format == "adblock", HostileListTests.blockless.contains(line.category) {
                #expect(entries.allSatisfy { $0.text.hasSuffix(" exception") }, "\(line): \(entries)")
            }
        }
    }

    /// What is read is a name, with at least two labels unless the format leaves no doubt, and everything has its line.
    @discardableResult private func expectNothingLost(_ octets: [UInt8]) -> [ReadEntry] {
        let list = read(octets)
        let report = list.report
        #expect(list.entries.count == report.entryCount)
        #expect(list.addresses.count == report.addressCount)
        for entry in list.entries { #expect((1...max(1, report.lineCount)).contains(entry.line)) }
        for occurrences in Array(report.skipped.values) + Array(report.converted.values) {
            #expect(occurrences.count > 0)
            #expect((1...max(1, report.lineCount)).contains(occurrences.firstLine))
        }
        return list.entries
    }
}
