package import Foundation

/// Files of the repository that tests read.
package enum TestFiles {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    package static func path(_ name: String) -> String { root.appending(path: name).path }

    package static func text(of name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    /// The CloudFormation templates for this firewall in a folder and in those below it.
    package static func templates(in folder: String) -> [URL] {
        let names = FileManager.default.enumerator(atPath: path(folder))?.compactMap { $0 as? String } ?? []
        return names.sorted().map { root.appending(path: folder).appending(path: $0) }.filter { file in
            guard ["yaml", "yml", "json"].contains(file.pathExtension) else { return false }
            return (try? String(contentsOf: file, encoding: .utf8))?.contains("AWS::Route53Resolver::") == true
        }
    }
}
