import Foundation

/// A file of the repository that is made from the code, as a whole or between marks: `make docs` writes it, and a test
/// fails while it differs.
package struct GeneratedFile {
    private let path: String

    package init(_ path: String) { self.path = path }

    /// Whether to write what differs.
    private static let isWriting = ProcessInfo.processInfo.environment["SEKISHO_WRITE_TABLES"] != nil

    /// Whether the file has this text, now that it may have been written.
    package func holds(_ text: String) throws -> Bool {
        if GeneratedFile.isWriting { try Data(text.utf8).write(to: URL(filePath: TestFiles.path(path))) }
        return try TestFiles.text(of: path) == text
    }

    /// The same for a part of it.
    /// - Parameter part: what stands in the comments of HTML before and after the text.
    package func holds(_ part: String, _ text: String) throws -> Bool {
        let whole = try TestFiles.text(of: path)
        guard let start = whole.range(of: "<!-- \(part): written by make docs -->\n")?.upperBound,
            let end = whole.range(of: "<!-- end of \(part) -->")?.lowerBound
        else { return false }
        return try holds(whole[..<start] + "\n" + text + "\n" + whole[end...])
    }
}
