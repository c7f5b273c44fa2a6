import ArgumentParser
import DomainFeeds
import PolicyStore
import ServerConfiguration
import SourceFiles

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration, and the lists and templates that it names.",
        discussion: "Exits 0 when all is well, 1 when something deserves a look, 2 when `serve` would refuse it.")

    @Argument(help: "CloudFormation templates to check in the place of those that the file names.")
    var templates: [String] = []

    @OptionGroup var options: ServerOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() throws {
        do {
            let configuration = try options.configuration(templates: templates)
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
    /// Feeds without a copy, and resources of templates that mean nothing here.
    var notes: [String] = []

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
        notes = loaded.lists.compactMap { list in
            guard case .feed(let name, _, _) = list.origin, list.report.isEmpty else { return nil }
            return "feed \(name): \(RunningServer.feedSummary(list.report))"
        }
        guard let templates = loaded.templates else { return }
        lists += templates.domainLists.map {
            List(file: "\($0.resource.place)", format: "CloudFormation", names: $0.entries.count, skipped: 0)
        }
        warnings += templates.findings
        notes += templates.notes.map(\.description)
    }

    var description: String {
        let lines = lists.map { "\($0.file): \(counted($0.names, "name")) (\($0.format)), \($0.skipped) passed over" }
        return (lines + notes + warnings + [warnings.isEmpty ? "ok" : counted(warnings.count, "finding")]).joined(
            separator: "\n")
    }
}
