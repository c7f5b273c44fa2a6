import ArgumentParser
import DNSWire
import Forwarding
import Foundation
import PolicyCases
import PolicyStore
import ResolverEngine
import ServerConfiguration
import SourceFiles

struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Test the policy with a table of names and what must become of them.",
        discussion: """
            Works from the configuration, its lists and what the API has kept; no query is sent. Exits 0 when every case \
            is as expected, 1 when one is not, 2 when the cases or the configuration can't be used. Docs/Policy-tests.md \
            says what a case can have. With --init, writes cases from query logs: what the log says is what they expect.
            """)

    @Argument(help: "The file of cases. With --init, query logs: files, folders of them, or - for standard input.")
    var files: [String]

    @OptionGroup var policy: PolicyOptions

    @Option(help: ArgumentHelp("Write the results as JUnit's XML to a file, or - for here.", valueName: "file"))
    var junit: String?

    @Flag(help: "Say which rules and entries no case touched.")
    var coverage = false

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(name: .customLong("init"), help: "Write cases from query logs.")
    var writesCases = false

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("With --init: the file that the cases are written to. Default: here.", valueName: "file"))
    var output: String?

    @Option(help: "With --init: at most so many cases, of the most frequent questions. Default: 100.")
    var limit: Int?

    private static let largestLimit = 10_000

    mutating func validate() throws {
        if json, junit == "-" { throw ValidationError("--json and --junit - exclude each other") }
        if writesCases {
            if json || coverage || junit != nil {
                throw ValidationError("--init tests nothing: it has no --json, --junit and --coverage")
            }
        } else if files.count > 1 {
            throw ValidationError("give one file of cases, or --init")
        } else if output != nil || limit != nil {
            throw ValidationError("--output and --limit belong to --init")
        }
        if let limit, !(1...TestCommand.largestLimit).contains(limit) {
            throw ValidationError("--limit is 1 to \(TestCommand.largestLimit)")
        }
    }

    mutating func run() throws {
        if writesCases {
            let (_, loaded) = try Output.checkingConfiguration(loadPolicy)
            return try CasesFromLogs(logs: files, limit: limit ?? 100, output: output).write(under: loaded)
        }
        let (cases, loadPolicy) = (cases, loadPolicy)
        let (policyCases, (configuration, loaded)) = try Output.checkingConfiguration {
            () throws(ConfigurationError) in
            let path = URL(filePath: cases).path
            let text = try TextFile.read(
                path, named: cases, kind: "file of cases", octetLimit: CaseReader.octetLimit)
            return (try CaseReader.cases(in: text, file: cases), try loadPolicy())
        }
        let state = ServingState(policy: loaded.policy, settings: ServingSettings(configuration, RouteRegistry()))
        let judge = CaseJudge(state: state, loaded: loaded)
        let report = TestReport(policyCases.map(judge.result), coverageOf: coverage ? loaded : nil)
        try publish(report)
        if report.failed > 0 { throw ExitStatus.failed }
    }

    /// Without `--init`, where there is exactly one.
    private var cases: String { files.first ?? "" }

    private func loadPolicy() throws(ConfigurationError) -> (ServerConfiguration, PolicyLoader.Loaded) {
        let configuration = try policy.configuration()
        let saved = SavedLists(stateDirectory: configuration.startup.stateDirectory)
        let (loaded, storeProblem) = try configuration.loadPolicyInForce(saved: saved)
        if let storeProblem { Output.error(storeProblem) }
        return (configuration, loaded)
    }

    private func publish(_ report: TestReport) throws {
        if let junit {
            let xml = JUnitReport(report.results, file: cases).xml
            if junit == "-" { return print(xml, terminator: "") }
            try Output.write(xml, to: junit)
        }
        if json { try Output.json(report) } else { print(report) }
    }
}

/// What came of all cases.
private struct TestReport: Encodable, CustomStringConvertible {
    var passed: Int
    var failed: Int
    var results: [CaseResult]
    var coverage: CaseCoverage?

    init(_ results: [CaseResult], coverageOf loaded: PolicyLoader.Loaded?) {
        self.results = results
        passed = results.count(where: \.isPassed)
        failed = results.count - passed
        coverage = loaded.map { CaseCoverage(results, of: $0) }
    }

    var description: String {
        var lines = results.filter { !$0.isPassed }.map(\.description)
        if let coverage { lines.append(coverage.description) }
        let total = counted(results.count, "case")
        lines.append(failed == 0 ? "\(total) as expected" : "\(failed) of \(total) not as expected")
        return lines.joined(separator: "\n")
    }
}
