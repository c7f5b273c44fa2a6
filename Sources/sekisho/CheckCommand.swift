import ArgumentParser
import DomainFeeds
import PolicyStore
import ServerConfiguration
import SourceFiles

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration and the lists that it names.",
        discussion: "Exits 0 when all is well, 1 when something deserves a look, 2 when `serve` would refuse it.")

    @OptionGroup var policy: PolicyOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() throws {
        do {
            let configuration = try policy.configuration()
            let result = CheckResult(configuration, try configuration.loadPolicy())
            if json { try Output.json(result) } else { print(result) }
            if !result.warnings.isEmpty { throw ExitStatus.failed }
        } catch let error as ConfigurationError {
            if json { try Output.json(CheckResult(error)) }
            Output.error(error)
            throw ExitStatus.usage
        }
    }
}

/// What `check` found.
private struct CheckResult: Encodable, CustomStringConvertible {
    struct List: Encodable {
        var file: String
        var format: String
        var names: Int
        var skipped: Int
    }

    var errors: [String]
    var warnings: [String]
    var lists: [List]

    init(_ error: ConfigurationError) {
        errors = error.findings.map(\.description)
        warnings = []
        lists = []
    }

    init(_ configuration: ServerConfiguration, _ loaded: PolicyLoader.Loaded) {
        errors = []
        warnings = configuration.warnings.map(\.description)
        lists = []
        for list in loaded.lists {
            let report = list.report
            lists.append(
                List(
                    file: list.origin.path, format: report.format.rawValue, names: report.entryCount,
                    skipped: report.skippedCount))
            for (reason, skipped) in report.skipped.sorted(by: { $0.value.firstLine < $1.value.firstLine })
            where reason != .localName {
                warnings.append(
                    "\(list.origin.path):\(skipped.firstLine): \(skipped.count) passed over: \(reason.rawValue), as in \"\(skipped.example)\""
                )
            }
        }
    }

    var description: String {
        let lines = lists.map { "\($0.file): \($0.names) names (\($0.format)), \($0.skipped) passed over" }
        return (lines + warnings + [warnings.isEmpty ? "ok" : "\(warnings.count) findings"]).joined(separator: "\n")
    }
}
