import Foundation
import FoundationXML
import PolicyCases
import SourceFiles
import Testing

@Suite struct JUnitReportTests {
    /// Collects what a report says, through another reader of XML.
    private final class Collector: NSObject, XMLParserDelegate {
        var cases: [[String: String]] = []
        var failures: [String] = []
        var texts: [String] = []
        var suite: [String: String] = [:]

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            switch name {
            case "testcase": cases.append(attributes)
            case "failure": failures.append(attributes["message"] ?? "")
            case "testsuite": suite = attributes
            default: break
            }
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) { texts.append(text) }
    }

    private func collected(_ report: JUnitReport) throws -> Collector {
        let parser = XMLParser(data: Data(report.xml.utf8))
        let collector = Collector()
        parser.delegate = collector
        #expect(parser.parse(), "\(String(describing: parser.parserError))\n\(report.xml)")
        return collector
    }

    private func result(about: String, mismatches: [CaseResult.Mismatch] = []) throws -> CaseResult {
        var policyCase = try #require(
            try CaseReader.cases(in: "- { name: a.example, action: BLOCK }\n", file: "c.yaml").first)
        policyCase.about = about
        return CaseResult(policyCase, nil, mismatches: mismatches)
    }

    @Test func `passed and failed cases are counted and placed`() throws {
        let mismatch = CaseResult.Mismatch(subject: .action, expected: "BLOCK", actual: "ALLOW")
        let results = [try result(about: "one"), try result(about: "two", mismatches: [mismatch])]
        let found = try collected(JUnitReport(results, file: "c.yaml"))
        #expect(found.suite["tests"] == "2" && found.suite["failures"] == "1")
        #expect(found.cases.map { $0["name"] } == ["one", "two"])
        #expect(found.cases.map { $0["line"] } == ["1", "1"])
        #expect(found.failures == ["action is ALLOW, not BLOCK"])
    }

    @Test(arguments: ["<a href=\"x\">&amp;'</a>", "]]>", "a\u{1}b", "tab\there\nand there", "é\u{FFFF}😀"])
    func `any text is well-formed, and comes back but for what XML has no place for`(text: String) throws {
        let mismatch = CaseResult.Mismatch(subject: .rule, expected: text, actual: "x")
        let found = try collected(JUnitReport([try result(about: text, mismatches: [mismatch])], file: text))
        let shown = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\u{1}" || $0 == "\u{FFFF}" ? "\u{FFFD}" : $0 }))
        #expect(found.cases.first?["name"] == shown)
        #expect(found.failures == ["rule is x, not \(shown)"])
    }
}
