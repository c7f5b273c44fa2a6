import Foundation

/// The fenced blocks of a Markdown document.
package struct MarkdownDocument: Sendable {
    /// What stands between two lines of three backticks.
    package struct Fence: Sendable {
        /// The first word behind the backticks; empty where there is none.
        package let language: String
        /// What follows it: `name="value"`, or a bare name, whose value is empty.
        package let attributes: [String: String]
        /// Of the opening backticks, counted from 1.
        package let line: Int
        /// Without the spaces by which the backticks are indented.
        package fileprivate(set) var lines: [String] = []

        package var text: String { lines.map { $0 + "\n" }.joined() }
    }

    package private(set) var fences: [Fence] = []

    /// A block that is never closed goes to the end of the document.
    package init(_ text: String) {
        var isOpen = false
        var indentation = ""
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if isOpen {
                isOpen = line.wholeMatch(of: #/ *``` */#) == nil
                if isOpen { fences[fences.count - 1].lines.append(String(line.trimmingPrefix(indentation))) }
            } else if let opening = line.wholeMatch(of: #/( *)```([^` ]*)([^`]*)/#) {
                isOpen = true
                indentation = String(opening.1)
                let attributes = MarkdownDocument.attributes(in: opening.3)
                fences.append(Fence(language: String(opening.2), attributes: attributes, line: index + 1))
            }
        }
    }

    private static func attributes(in text: Substring) -> [String: String] {
        let pairs = text.matches(of: /([a-z]+)(?:="([^"]*)")?/).map { (String($0.1), String($0.2 ?? "")) }
        return Dictionary(pairs) { first, _ in first }
    }
}

extension MarkdownDocument {
    /// The documents of the repository, as paths in it.
    package static func all() throws -> [String] {
        let below = try FileManager.default.subpathsOfDirectory(atPath: TestFiles.path("Docs")).sorted()
        return ["README.md", "CONTRIBUTING.md"] + below.filter { $0.hasSuffix(".md") }.map { "Docs/\($0)" }
    }

    /// The document at a path of the repository.
    package init(at path: String) throws { self.init(try TestFiles.text(of: path)) }
}
