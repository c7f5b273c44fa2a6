import DomainFeeds
import TestSupport
import Testing

/// What becomes of every real list, as Docs/Formats.md shows it.
@Suite(.enabled(if: SharedData.isPresent, "needs ../shared/data"))
struct FormatTableTests {
    @Test func `the table of real lists in the documentation is what reading them gives`() throws {
        let isSame = try GeneratedFile("Docs/Formats.md").holds("real lists", try FormatTableTests.table())
        #expect(isSame, "make docs writes it anew")
    }

    private static func table() throws -> String {
        var lines = [
            "| list | format | lines | names | addresses | converted | skipped |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
        var reasons = ["| skipped or converted | in | as in |", "| --- | --- | --- |"]
        var seen: Set<String> = []
        for file in try SharedData.files(below: "blocklists") where file.hasSuffix(".zst") && !file.contains(".jsonl") {
            let octets = try SharedData.octets(of: file)
            let name = String(file.dropFirst("blocklists/".count).dropLast(".zst".count))
            let report = ListReader.read(octets.span, fileName: name) { _ in }
            let skipped = report.skipped.map { ("\($0.key)", $0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
            let converted = report.converted.map { ("\($0.key)", $0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
            func cell(_ all: [(String, String, ListReport.Occurrences)]) -> String {
                all.map { "\($0.2.count) \($0.0)" }.joined(separator: ", ")
            }
            lines.append(
                "| \(name) | \(report.format) | \(report.lineCount) | \(report.entryCount) | \(report.addressCount) | "
                    + "\(cell(converted)) | \(cell(skipped)) |")
            for (key, reason, occurrences) in converted + skipped where seen.insert(key).inserted {
                let example = occurrences.example.replacing("|", with: "\\|").replacing("`", with: "'")
                reasons.append("| `\(key)`: \(reason) | \(name):\(occurrences.firstLine) | `\(example)` |")
            }
        }
        return (lines + [""] + reasons).map { $0 + "\n" }.joined()
    }
}
