import SourceFiles

/// Results in the XML that CI servers read (JUnit's, as Jenkins and GitLab take it).
package struct JUnitReport {
    private let file: String
    private let results: [CaseResult]

    package init(_ results: [CaseResult], file: String) {
        self.file = file
        self.results = results
    }

    package var xml: String {
        let failures = results.count { !$0.isPassed }
        let counts = "tests=\"\(results.count)\" failures=\"\(failures)\" errors=\"0\" skipped=\"0\""
        let lines =
            ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites \(counts)>"]
            + ["  <testsuite name=\"\(JUnitReport.escaped(file))\" \(counts)>"] + results.map(element)
            + ["  </testsuite>", "</testsuites>"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func element(_ result: CaseResult) -> String {
        var attributes = [("name", result.policyCase.title), ("classname", file), ("file", file)]
        if let line = result.policyCase.place.line { attributes.append(("line", "\(line)")) }
        let head = "    <testcase " + attributes.map { "\($0)=\"\(JUnitReport.escaped($1))\"" }.joined(separator: " ")
        guard !result.isPassed else { return head + "/>" }
        let message = result.mismatches.map(\.description).joined(separator: "; ")
        let body = JUnitReport.escaped(result.description, keepingLines: true)
        return """
            \(head)>
                  <failure message="\(JUnitReport.escaped(message))">\(body)</failure>
                </testcase>
            """
    }

    /// Text for an attribute or an element; what XML 1.0 has no place for becomes U+FFFD.
    private static func escaped(_ text: String, keepingLines keepsLines: Bool = false) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t", "\r":
                result += keepsLines ? String(scalar) : "&#\(scalar.value);"
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result.unicodeScalars.append("\u{FFFD}")
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
