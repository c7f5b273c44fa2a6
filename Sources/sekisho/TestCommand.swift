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
            says what a case can have.
            """)

    @Argument(help: "The file of cases.")
    var cases: String

    @OptionGroup var policy: PolicyOptions

    @Option(help: ArgumentHelp("Write the results as JUnit's XML to a file, or - for here.", valueName: "file"))
    var junit: String?

    @Flag(help: "Say which rules and entries no case touched.")
    var coverage = false

    @Flag(help: "Print JSON.")
    var json = false

    mutating func validate() throws {
        if json, junit == "-" { throw ValidationError("--json and --junit - exclude each other") }
    }

    mutating func run() throws {
        let (cases, policy) = (cases, policy)
        let (policyCases, configuration, loaded) = try Output.checkingConfiguration { () throws(ConfigurationError) in
            let path = URL(filePath: cases).path
            let text = try TextFile.read(
                path, named: cases, kind: "file of cases", octetLimit: CaseReader.octetLimit)
            let policyCases = try CaseReader.cases(in: text, file: cases)
            let configuration = try policy.configuration()
            let saved = SavedLists(stateDirectory: configuration.startup.stateDirectory)
            let (loaded, storeProblem) = try configuration.loadPolicyInForce(saved: saved)
            if let storeProblem { Output.error(storeProblem) }
            return (policyCases, configuration, loaded)
        }
        let state = ServingState(policy: loaded.policy, settings: ServingSettings(configuration, RouteRegistry()))
        let judge = CaseJudge(state: state, loaded: loaded)
        let report = TestReport(policyCases.map(judge.result), coverageOf: coverage ? loaded : nil)
        try publish(report)
        if report.failed > 0 { throw ExitStatus.failed }
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
