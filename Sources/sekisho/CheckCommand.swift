import ArgumentParser
import DomainFeeds
import PolicyStore
import ServerConfiguration
import SourceFiles

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration and the lists that it names.",
        discussion: "Exits 0 when all is well, 1 when something deserves a look, 2 when `serve` would refuse it.")

    @OptionGroup var options: ServerOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() throws {
        do {
            let configuration = try options.configuration()
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
            warnings += list.findings
        }
    }

    var description: String {
        let lines = lists.map { "\($0.file): \(counted($0.names, "name")) (\($0.format)), \($0.skipped) passed over" }
        return (lines + warnings + [warnings.isEmpty ? "ok" : counted(warnings.count, "finding")]).joined(
            separator: "\n")
    }
}
