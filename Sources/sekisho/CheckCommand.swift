import ArgumentParser
import DomainFeeds
import Foundation
import PolicyLint
import PolicyStore
import ServerConfiguration
import SourceFiles

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration, and the lists and templates that it names.",
        discussion: """
            Exits 0 when all is well, 1 when something deserves a look, 2 when `serve` would refuse it. What is only good to \
            know (a note) changes nothing. Docs/Lint.md has every kind of finding.
            """)

    @Argument(help: "CloudFormation templates to check in the place of those that the file names.")
    var templates: [String] = []

    @OptionGroup var options: ServerOptions

    @Flag(help: "Ask the upstreams where names of allow lists redirect, and whether that is blocked.")
    var resolve = false

    @Option(
        name: .customLong("ignore"),
        help: ArgumentHelp("Leave findings of a kind out, such as exact-name. May be repeated.", valueName: "id"))
    var ignored: [LintRule] = []

    @Option(help: ArgumentHelp("Write the findings as SARIF 2.1.0 to a file, or - for here.", valueName: "file"))
    var sarif: String?

    @Flag(help: "Print JSON.")
    var json = false

    mutating func validate() throws {
        if json, sarif == "-" { throw ValidationError("--json and --sarif - exclude each other") }
        if ignored.contains(.invalid) { throw ValidationError("what is invalid can't be ignored") }
    }

    mutating func run() throws {
        var result = CheckResult()
        do throws(ConfigurationError) {
            let configuration = try options.configuration(templates: templates)
            result = try check(configuration)
        } catch {
            result.findings = error.findings.map { LintFinding($0, .invalid) }
            Output.error(error)
        }
        try report(result)
        if result.hasErrors { throw ExitStatus.usage }
        if result.hasWarnings { throw ExitStatus.failed }
    }

    private func check(_ configuration: ServerConfiguration) throws(ConfigurationError) -> CheckResult {
        let (loaded, storeProblem) = try configuration.loadPolicyInForce()
        let linter = PolicyLinter(configuration, loaded)
        let probe = resolve ? UpstreamProbe(configuration, loaded.policy) : nil
        let findings = linter.findings(resolving: probe.map { $0.resolution(of:in:) })
        let ofStore = storeProblem.map {
            LintFinding(.configuration, at: .file(configuration.startup.storePath), $0)
        }
        return CheckResult(loaded, ([ofStore].compactMap(\.self) + findings).filter { !ignored.contains($0.rule) })
    }

    private func report(_ result: CheckResult) throws {
        if let sarif {
            let log = SARIFLog(
                result.findings, programVersion: Version.current, directory: FileManager.default.currentDirectoryPath)
            if sarif == "-" { return try Output.json(log) }
            try Output.write(try Output.text(json: log) + "\n", to: sarif)
        }
        if json { try Output.json(result) } else if !result.hasErrors { print(result) }
    }
}

extension LintRule: ExpressibleByArgument {}

/// What `check` found.
private struct CheckResult: Encodable, CustomStringConvertible {
    struct List: Encodable {
        var file: String
        var format: String
        var names: Int
        var skipped: Int
    }

    struct Entry: Encodable {
        var id: String
        var level: LintLevel
        var file: String
        var line: Int?
        var column: Int?
        var message: String
    }

    private enum CodingKeys: CodingKey {
        case errors, warnings, notes, lists, findings
    }

    var findings: [LintFinding] = []
    var lists: [List] = []

    init() {}

    init(_ loaded: PolicyLoader.Loaded, _ findings: [LintFinding]) {
        self.findings = findings
        lists = loaded.lists.map { list in
            let report = list.report
            return List(
                file: list.origin.path, format: report.format.rawValue, names: report.entryCount,
                skipped: report.skippedCount)
        }
        lists += (loaded.templates?.domainLists ?? []).map {
            List(file: "\($0.resource.place)", format: "CloudFormation", names: $0.entries.count, skipped: 0)
        }
    }

    var hasErrors: Bool { findings.contains { $0.level == .error } }
    var hasWarnings: Bool { findings.contains { $0.level == .warning } }

    func encode(to encoder: any Encoder) throws {
        func lines(_ level: LintLevel) -> [String] {
            findings.filter { $0.level == level }.map { "\($0.place): \($0.message)" }
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(lines(.error), forKey: .errors)
        try container.encode(lines(.warning), forKey: .warnings)
        try container.encode(lines(.note), forKey: .notes)
        try container.encode(lists, forKey: .lists)
        try container.encode(findings.map(Entry.init), forKey: .findings)
    }

    var description: String {
        let lines = lists.map { "\($0.file): \(counted($0.names, "name")) (\($0.format)), \($0.skipped) passed over" }
        let count = findings.count { $0.level == .warning }
        return (lines + findings.map(\.description) + [count == 0 ? "ok" : counted(count, "finding")])
            .joined(separator: "\n")
    }
}

extension CheckResult.Entry {
    init(_ finding: LintFinding) {
        id = finding.rule.rawValue
        level = finding.level
        file = finding.place.source
        message = finding.message
        line = finding.place.line
        if case .position(_, _, let column) = finding.place { self.column = column }
    }
}
