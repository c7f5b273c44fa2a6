import ArgumentParser
import DNSWire
import Explanations
import FirewallPolicy
import Forwarding
import Foundation
import PolicyStore
import ResolverEngine
import ServerConfiguration

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what would happen to a name, and why.",
        discussion: """
            Works from the configuration, its lists and what the API has kept; with --server from what a running server \
            has in force. No query is sent without --resolve.
            """)

    @Argument(help: "The name that a client asks for.")
    var name: String

    @Option(name: [.customShort("t"), .long], help: "The type that it asks for.")
    var type = RRType.a

    @Option(
        help: ArgumentHelp("The client's address. Default: 127.0.0.1, if that is served.", valueName: "ip"))
    var client: IPAddress?

    @Option(help: ArgumentHelp("The client's VPC, instead of its address.", valueName: "id"))
    var vpc: String?

    @Option(
        name: .customLong("cname"),
        help: ArgumentHelp("The names that the answer leads to, in order, between commas.", valueName: "names"))
    var chain: [String] = []

    @Option(name: .customLong("answer"), help: ArgumentHelp("An address that the answer would have.", valueName: "ip"))
    var answers: [IPAddress] = []

    @Option(
        name: .customLong("log"),
        help: ArgumentHelp(
            "A query log, whose newest record of the question says what the answer leads to, and who asks.",
            valueName: "file"))
    var log: String?

    @Flag(help: "Ask who `serve` would ask, and judge what the answer leads to.")
    var resolve = false

    @Option(help: ArgumentHelp("Ask a running server, by where its API is served.", valueName: "url"))
    var server: ControlClient?

    @OptionGroup var policy: PolicyOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func validate() throws {
        if client != nil, vpc != nil { throw ValidationError("--client and --vpc exclude each other") }
        if server != nil, policy.isGiven {
            throw ValidationError("--server asks for the policy in force: no other one can be given")
        }
        if resolve, !chain.isEmpty || !answers.isEmpty {
            throw ValidationError("--resolve asks for what --cname and --answer say")
        }
        if log != nil, resolve || !chain.isEmpty || !answers.isEmpty {
            throw ValidationError("--log says what --cname, --answer and --resolve say")
        }
        for name in [name] + targets where (try? DomainName(name)) == nil {
            throw ValidationError("\"\(name)\" is not a domain name")
        }
    }

    private var targets: [String] { chain.flatMap { $0.split(separator: ",").map(String.init) } }

    mutating func run() throws {
        var request = ExplainRequest(name: try DomainName(name))
        (request.type, request.client, request.vpc, request.resolves) = (type, client, vpc, resolve)
        (request.targets, request.addresses) = (try targets.map { try DomainName($0) }, answers)
        let note = try log.map { try request.take(newestRecordIn: $0) }
        var explanation = try server.map { try asked(request, of: $0) } ?? worked(out: request)
        if let note { explanation.notes.append(note) }
        if json {
            print(String(decoding: try explanation.json(), as: UTF8.self))
        } else {
            print(explanation.text(inColour: Output.isInColour))
        }
    }

    private func asked(_ request: ExplainRequest, of server: ControlClient) throws -> Explanation {
        do {
            let answer = try server.get("explain", request.parameters)
            return try JSONDecoder().decode(Explanation.self, from: answer)
        } catch let error as ControlClientError {
            Output.error(error)
        } catch {
            Output.error("\(server.server): its answer is no explanation that this version understands")
        }
        throw ExitStatus.failed
    }

    private func worked(out request: ExplainRequest) throws -> Explanation {
        let policy = policy
        let (configuration, loaded, problem) = try Output.checkingConfiguration { () throws(ConfigurationError) in
            let configuration = try policy.configuration()
            let saved = SavedLists(stateDirectory: configuration.startup.stateDirectory)
            let (loaded, problem) = try configuration.loadPolicyInForce(saved: saved)
            return (configuration, loaded, problem)
        }
        do {
            var explanation = try request.explanation(by: Explainer(configuration, loaded))
            if let problem { explanation.notes.append(problem) }
            return explanation
        } catch let error as ExplainError {
            Output.error(error)
            throw ExitStatus.usage
        }
    }
}

extension Explainer {
    /// What the policy would be that `serve` has in force.
    fileprivate init(_ configuration: ServerConfiguration, _ loaded: PolicyLoader.Loaded) throws {
        let settings = ServingSettings(configuration, RouteRegistry())
        self.init(
            state: ServingState(policy: loaded.policy, settings: settings), settings: settings, source: loaded.source,
            entries: EntryFinder(loaded),
            unenforced: try loaded.store?.unenforcedRules() ?? loaded.templates?.unenforcedRules ?? [])
    }
}
