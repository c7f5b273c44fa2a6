import ArgumentParser
import DNSWire
import FirewallPolicy
import PolicyStore
import ServerConfiguration

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what would happen to a name, and why.",
        discussion: "Works from the configuration and the lists alone; no query is sent.")

    @Argument(help: "The name that a client asks for.")
    var name: String

    @Option(name: [.customShort("t"), .long], help: "The type that it asks for.")
    var type = RRType.a

    @Option(help: ArgumentHelp("The client's address. Default: 127.0.0.1.", valueName: "ip"))
    var client: IPAddress?

    @Option(help: ArgumentHelp("The client's VPC, instead of its address.", valueName: "id"))
    var vpc: String?

    @Option(name: .customLong("answer"), help: ArgumentHelp("An address that the answer would have.", valueName: "ip"))
    var answers: [IPAddress] = []

    @OptionGroup var policy: PolicyOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func validate() throws {
        if client != nil, vpc != nil { throw ValidationError("--client and --vpc exclude each other") }
        if (try? DomainName(name)) == nil { throw ValidationError("\"\(name)\" is not a domain name") }
    }

    mutating func run() throws {
        let name = try DomainName(name)
        let policy = policy
        let loaded = try Output.checkingConfiguration { () throws(ConfigurationError) in
            let configuration = try policy.configuration()
            return try configuration.loadPolicy(
                saved: SavedLists(stateDirectory: configuration.startup.stateDirectory))
        }
        let address = vpc == nil ? client ?? IPAddress(v4: 0x7F00_0001) : nil
        let explanation = Explanation(
            of: name, qtype: type, client: address, vpc: try vpcIndex(loaded.policy, address), answers: answers,
            under: loaded)
        if json { try Output.json(explanation) } else { print(explanation) }
    }

    private func vpcIndex(_ policy: PolicySnapshot, _ address: IPAddress?) throws -> VPCIndex {
        if let address { return policy.vpc(of: address) }
        guard let index = policy.names.vpcs.firstIndex(where: { $0.id == vpc }) else {
            let known = policy.names.vpcs.map(\.id).joined(separator: ", ")
            Output.error("there is no VPC \"\(vpc ?? "")\"; there are \(known)")
            throw ExitStatus.usage
        }
        return VPCIndex(index)
    }
}
