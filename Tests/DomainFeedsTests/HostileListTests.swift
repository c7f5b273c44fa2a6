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

    /// Categories of `messy-lines.jsonl` whose lines name nothing that a plain list or a hosts file could.
    private static let nameless: Set<String> = [
        "ipv6-literal", "cidr", "port", "url", "path", "empty-label", "label-over-63", "name-over-253", "hyphen-edge",
        "single-label", "leading-dot", "wildcard-inside", "unicode-idn", "adblock-exception", "adblock-modifier",
        "adblock-important-badfilter-dnsrewrite-dnstype-client-denyallow", "adblock-cosmetic", "adblock-regex",
        "adblock-pipe-start", "adblock-no-caret", "adblock-comment-header",
    ]

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
            if line.format != "hosts", HostileListTests.nameless.contains(line.category) {
                #expect(entries == [], "\(line.category)")
            }
        }
    }

    /// An entry is also a name, with at least two labels unless it is a wildcard.
    @discardableResult private func expectNothingLost(_ octets: [UInt8]) -> [ReadEntry] {
        let (entries, report) = read(octets)
        #expect(entries.count == report.entryCount)
        #expect(entries.count + report.skippedCount == words(of: octets, format: report.format).count, "\(octets)")
        for entry in entries {
            let isWildcard = entry.text.hasPrefix("*.")
            let name = try? DomainName(isWildcard ? String(entry.text.dropFirst(2)) : entry.text)
            #expect((name?.labelCount ?? 0) >= (isWildcard ? 1 : 2), "\(entry.text)")
            #expect((1...report.lineCount).contains(entry.line))
        }
        for skipped in report.skipped.values {
            #expect(skipped.count > 0)
            #expect((1...report.lineCount).contains(skipped.firstLine))
        }
        return entries
    }
}
