import ArgumentParser
import DNSWire
import FirewallPolicy
import Forwarding
import Foundation
import PolicyReplay
import PolicyStore
import RecordedQueries
import ResolverEngine
import ServerConfiguration

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Say what a policy would have done to the queries of a log.",
        discussion: """
            Reads query logs in AWS's format, of Route 53 Resolver or our own, and decides each query once more. Compares \
            with what the log says that happened, or, with --against, the policy with another one. No query is sent.
            """)

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case newlyBlocked = "newly-blocked"
        case newlyAllowed = "newly-allowed"
        case changed

        var difference: Difference {
            switch self {
            case .newlyBlocked: .newlyBlocked
            case .newlyAllowed: .newlyAllowed
            case .changed: .changed
            }
        }
    }

    @Argument(help: "Files, packed with gzip or not, folders of them, or - for standard input.")
    var logs: [String]

    @OptionGroup var policy: PolicyOptions

    @Option(help: ArgumentHelp("Another configuration, to compare the first one with.", valueName: "file"))
    var against: String?

    @Option(help: ArgumentHelp("The VPC of clients that are in none of the configuration's.", valueName: "id"))
    var vpc: String?

    @Option(help: "How many names, rules and clients to show of each kind.")
    var top = 10

    @Option(help: ArgumentHelp("Exit with 1 if there are such differences. May be repeated.", valueName: "kind"))
    var failOn: [Kind] = []

    @Option(help: "How many threads read. Default: as many as CPUs.")
    var jobs: Int?

    @Flag(help: "Print JSON.")
    var json = false

    mutating func validate() throws {
        if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs is 1 to 1024") }
        if top < 0 { throw ValidationError("--top is 0 or more") }
    }

    mutating func run() throws {
        let sides = try loadSides()
        let log = try Output.recordedLog(logs)
        let progress = ProgressLine(octets: log.octetCount)
        let replay = Replay(log, before: sides.before, after: sides.after)
        let result = replay.run(jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount) { progress.advance(by: $0) }
        progress.end()
        try report(result, of: log)
    }

    // MARK: Policies

    private func loadSides() throws -> (before: PolicySide?, after: PolicySide) {
        let policy = policy
        let first = try side { () throws(ConfigurationError) in try policy.configuration() }
        guard let against else { return (nil, first) }
        return (first, try side { () throws(ConfigurationError) in try PolicyOptions.configuration(file: against) })
    }

    private func side(
        _ configuration: () throws(ConfigurationError) -> ServerConfiguration
    ) throws -> PolicySide {
        let (configuration, loaded, problem) = try Output.checkingConfiguration { () throws(ConfigurationError) in
            let configuration = try configuration()
            let saved = SavedLists(stateDirectory: configuration.startup.stateDirectory)
            let (loaded, problem) = try configuration.loadPolicyInForce(saved: saved)
            return (configuration, loaded, problem)
        }
        if let problem { Output.error(problem) }
        let state = ServingState(policy: loaded.policy, settings: ServingSettings(configuration, RouteRegistry()))
        let localNames = LocalNames()
        let judge = RecordJudge(loaded.policy, otherVPC: try vpcIndex(loaded.policy)) { name, qtype, vpc in
            if localNames.contains(name, qtype: qtype) { return .own }
            return state.isUsualRoute(of: name, vpc: vpc) ? .anybodys : .known
        }
        return PolicySide(judge)
    }

    private func vpcIndex(_ policy: PolicySnapshot) throws(ExitStatus) -> VPCIndex? {
        guard let vpc else { return nil }
        guard let index = policy.names.vpcs.firstIndex(where: { $0.id == vpc }) else {
            let known = policy.names.vpcs.map(\.id).joined(separator: ", ")
            Output.error("there is no VPC \"\(vpc)\"; there are \(known)")
            throw .usage
        }
        return VPCIndex(index)
    }

    // MARK: Results

    private func report(_ result: Replay.Result, of log: RecordedLog) throws {
        let report = ReplayReport(result, of: log, top: top)
        if json {
            try Output.json(report)
        } else {
            let names = (policy.file ?? "policy", against)
            print(report.text(before: against == nil ? "log" : names.0, after: names.1 ?? names.0))
        }
        for line in result.badLines(of: log) { Output.error(line) }
        for failure in result.failures { Output.error(failure) }
        if report.queries == 0 { Output.error("no record of a query") }
        let found = failOn.filter { result.tally.count($0.difference) > 0 }
        if !found.isEmpty || !result.failures.isEmpty || report.queries == 0 { throw ExitStatus.failed }
    }
}
