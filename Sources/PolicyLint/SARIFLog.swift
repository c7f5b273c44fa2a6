import SourceFiles

/// Findings in the Static Analysis Results Interchange Format (SARIF 2.1.0), which code hosts show beside the lines.
package struct SARIFLog: Encodable {
    private let version = "2.1.0"
    private let schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
    private let runs: [Run]

    private enum CodingKeys: String, CodingKey {
        case version, runs
        case schema = "$schema"
    }

    /// - Parameters:
    ///   - programVersion: of the program that has found them.
    ///   - directory: paths in it are told relative to it, which is how code hosts know them.
    package init(_ findings: [LintFinding], programVersion: String, directory: String) {
        let rules = LintRule.allCases.filter { rule in findings.contains { $0.rule == rule } }
        let results = findings.map { finding in
            Result(
                ruleId: finding.rule.rawValue, ruleIndex: rules.firstIndex(of: finding.rule) ?? 0, level: finding.level,
                message: Text(text: finding.message), locations: [Location(finding.place, directory)],
                relatedLocations: finding.related.map { Location($0, directory) })
        }
        let driver = Driver(name: "sekisho", semanticVersion: programVersion, rules: rules.map(Descriptor.init))
        runs = [Run(tool: Tool(driver: driver), results: results)]
    }
}

extension SARIFLog {
    private struct Run: Encodable {
        var tool: Tool
        /// As `Place` counts.
        let columnKind = "unicodeCodePoints"
        var results: [Result]
    }

    private struct Tool: Encodable {
        var driver: Driver
    }

    private struct Driver: Encodable {
        var name: String
        var semanticVersion: String
        var rules: [Descriptor]
    }

    private struct Descriptor: Encodable {
        struct Configuration: Encodable {
            var level: LintLevel
        }

        var id: String
        var shortDescription: Text
        var defaultConfiguration: Configuration

        init(_ rule: LintRule) {
            id = rule.rawValue
            shortDescription = Text(text: rule.summary)
            defaultConfiguration = Configuration(level: rule.level)
        }
    }

    private struct Text: Encodable {
        var text: String
    }

    private struct Result: Encodable {
        var ruleId: String
        var ruleIndex: Int
        var level: LintLevel
        var message: Text
        var locations: [Location]
        var relatedLocations: [Location]
    }

    private struct Location: Encodable {
        struct Physical: Encodable {
            var artifactLocation: Artifact
            var region: Region?
        }

        struct Artifact: Encodable {
            var uri: String
        }

        struct Region: Encodable {
            var startLine: Int
            var startColumn: Int?
        }

        struct Logical: Encodable {
            var fullyQualifiedName: String
        }

        /// In a file.
        var physicalLocation: Physical?
        /// A flag of the command line.
        var logicalLocations: [Logical]?

        init(_ place: Place, _ directory: String) {
            var region: Region?
            switch place {
            case .position(_, let line, let column): region = Region(startLine: line, startColumn: column)
            case .line(_, let line): region = Region(startLine: line)
            case .file: break
            case .flag(let name):
                logicalLocations = [Logical(fullyQualifiedName: name)]
                return
            }
            physicalLocation = Physical(
                artifactLocation: Artifact(uri: SARIFLog.uri(of: place.source, directory)), region: region)
        }
    }

    /// A reference as RFC 3986 has it: relative within the directory, else a `file:` URI.
    private static func uri(of path: String, _ directory: String) -> String {
        let folder = directory.hasSuffix("/") ? directory : directory + "/"
        if path.hasPrefix(folder) { return escaped(path.dropFirst(folder.count)) }
        return path.hasPrefix("/") ? "file://" + escaped(path[...]) : escaped(path[...])
    }

    private static func escaped(_ path: Substring) -> String {
        let plain = Set("/-._~".utf8)
        return path.utf8.reduce(into: "") { text, octet in
            let isWord = 0x30...0x39 ~= octet || 0x41...0x5A ~= octet || 0x61...0x7A ~= octet
            if isWord || plain.contains(octet) {
                text.unicodeScalars.append(Unicode.Scalar(octet))
            } else {
                let digits = String(octet, radix: 16, uppercase: true)
                text += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
    }
}
