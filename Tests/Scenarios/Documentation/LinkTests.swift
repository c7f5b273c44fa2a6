import Foundation
import TestSupport
import Testing

/// Links between documents.
@Suite struct LinkTests {
    private static let documents =
        DocumentationTests.documents + ["ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md", "Blocklists/README.md"]

    @Test(arguments: documents)
    func `every link leads to a file and a heading of the repository`(path: String) throws {
        let text = try TestFiles.text(of: path)
        for link in text.matches(of: /\]\(([^)\s]+)\)/).map(\.1) where !link.contains("://") {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let target = parts[0].isEmpty ? path : LinkTests.resolve(parts[0], from: path)
            #expect(FileManager.default.fileExists(atPath: TestFiles.path(target)), "\(path): \(link)")
            guard parts.count == 2, target.hasSuffix(".md") else { continue }
            #expect(try LinkTests.anchors(in: target).contains(parts[1]), "\(path): \(link)")
        }
    }

    @Test func `every document is in an index`() throws {
        let index = try TestFiles.text(of: "Docs/README.md")
        let decisions = try TestFiles.text(of: "Docs/Decisions/README.md")
        for path in DocumentationTests.documents where path.hasPrefix("Docs/") && !path.hasSuffix("README.md") {
            let name = path.dropFirst("Docs/".count)
            let isListed =
                name.hasPrefix("Decisions/")
                ? decisions.contains("(\(name.dropFirst("Decisions/".count)))") : index.contains("(\(name))")
            #expect(isListed, "\(path)")
        }
    }

    private static func resolve(_ link: String, from path: String) -> String {
        let folder = URL(filePath: "/" + path).deletingLastPathComponent()
        return String(folder.appending(path: link).standardized.path.dropFirst())
    }

    /// As code hosts make them of headings: small letters, hyphens for spaces, and no other signs.
    private static func anchors(in path: String) throws -> Set<String> {
        let headings = try TestFiles.text(of: path).matches(of: /(?m)^#+ (.+)$/).map { $0.1.lowercased() }
        return Set(
            headings.map { heading in
                heading.filter { $0.isLetter || $0.isNumber || " -_".contains($0) }.replacing(" ", with: "-")
            })
    }
}
