import ArgumentParser
import DNSWire
import Foundation
import PolicyStore
import ServerConfiguration

/// The file, and the flags that say which policy holds.
struct PolicyOptions: ParsableArguments {
    @Option(name: [.customShort("c"), .customLong("config")], help: "The configuration file.")
    var file: String?

    @Option(
        help: ArgumentHelp("A list of names to block: a file, or starter:NAME. May be repeated.", valueName: "list"))
    var block: [String] = []

    @Option(help: ArgumentHelp("A list of names that are never blocked. May be repeated.", valueName: "list"))
    var allow: [String] = []

    @Option(help: ArgumentHelp("A list of names to answer and log as alerts. May be repeated.", valueName: "list"))
    var alert: [String] = []

    @Option(help: "How blocked names are answered: nxdomain, nodata, or a name for a CNAME to it.")
    var blockResponse: String?

    var flags: ConfigurationFlags {
        var flags = ConfigurationFlags()
        flags.block = block
        flags.allow = allow
        flags.alert = alert
        flags.blockResponse = blockResponse
        return flags
    }

    /// Whether the command line says anything of the policy.
    var isGiven: Bool { file != nil || flags != ConfigurationFlags() }

    /// The effective configuration of a command that judges names and answers nobody.
    func configuration() throws(ConfigurationError) -> ServerConfiguration { try configuration(flags) }

    func configuration(_ flags: ConfigurationFlags) throws(ConfigurationError) -> ServerConfiguration {
        try PolicyOptions.configuration(file: file, flags)
    }

    static func configuration(
        file: String?, _ flags: ConfigurationFlags = ConfigurationFlags()
    ) throws(ConfigurationError) -> ServerConfiguration {
        var environment = HostEnvironment.current()
        environment.asksUpstreams = false
        return try ServerConfiguration.load(path: file, flags: flags, environment: environment)
    }
}

/// Everything that `serve` can be told.
struct ServerOptions: ParsableArguments {
    @OptionGroup var policy: PolicyOptions

    @Option(help: ArgumentHelp("Where to listen, UDP and TCP. May be repeated.", valueName: "address"))
    var listen: [String] = []

    @Option(
        help: ArgumentHelp(
            "Who is asked: ADDRESS, tcp://ADDRESS or tls://NAME@ADDRESS. May be repeated.", valueName: "address"))
    var upstream: [String] = []

    @Option(
        help: ArgumentHelp("Where AWS's API, health and metrics are served; a loopback address.", valueName: "address"))
    var admin: String?

    @Option(help: "How many workers serve. Default: as many as CPUs.")
    var workers: Int?

    @Option(help: "Who the process becomes once it listens, if it was started as root.")
    var user: String?

    @Option(help: "Where what the API keeps is stored.")
    var stateDirectory: String?

    @Option(
        help: ArgumentHelp(
            "Where queries are logged: stdout, none, file:PATH, s3-layout:DIR, syslog:…, dnstap:… or a URL. May be repeated.",
            valueName: "dest"))
    var queryLog: [String] = []

    /// The effective configuration.
    /// - Parameters:
    ///   - templates: in the place of those that the file names.
    ///   - passed: where sockets were passed.
    func configuration(
        templates: [String] = [], passed: [Endpoint] = []
    ) throws(ConfigurationError) -> ServerConfiguration {
        var flags = policy.flags
        flags.templates = templates
        flags.listen = listen
        flags.upstreams = upstream
        flags.admin = admin
        flags.workers = workers
        flags.user = user
        flags.stateDirectory = stateDirectory
        flags.queryLog = queryLog
        var environment = HostEnvironment.current()
        environment.passedEndpoints = passed
        return try ServerConfiguration.load(path: policy.file, flags: flags, environment: environment)
    }
}

extension ServerConfiguration {
    /// Loads the policy that the configuration describes; an error says where the configuration names what is wrong.
    /// - Parameter saved: where compiled lists may be; without it the files are read.
    func loadPolicy(saved: SavedLists? = nil) throws(ConfigurationError) -> PolicyLoader.Loaded {
        let templates = try templatePolicy()
        do {
            return try PolicyLoader.load(
                policy.plainPolicy, managed: policy.managedDomainLists, templates: templates, saved: saved)
        } catch {
            throw policy.located(error)
        }
    }

    /// Loads the policy as `serve` has it in force: where the API is served, with what it keeps. A running server's store is
    /// read as it is, and never changed.
    /// - Returns: also why what the API keeps is not in it, if it should be.
    func loadPolicyInForce(
        saved: SavedLists? = nil
    ) throws(ConfigurationError) -> (loaded: PolicyLoader.Loaded, storeProblem: String?) {
        let loaded = try loadPolicy(saved: saved)
        let path = startup.storePath
        guard startup.admin != nil, FileManager.default.fileExists(atPath: path) else { return (loaded, nil) }
        do {
            let identity = AccountIdentity(region: startup.aws.region, accountID: startup.aws.accountID)
            let store = try ResolverStore(
                copyOf: path, identity: identity, quotas: startup.aws.quotas, readOnly: ReadOnlyObjects(loaded))
            return (try loaded.adding(store), nil)
        } catch {
            return (loaded, "what the API keeps can't be read: \(error)")
        }
    }
}

extension RRType: ExpressibleByArgument {
    public init?(argument: String) { self.init(mnemonic: argument) }
    public var defaultValueDescription: String { mnemonic }
}

extension IPAddress: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

/// A server's address as an argument; port 53 unless given.
struct ServerArgument: ExpressibleByArgument {
    var endpoint: Endpoint

    init?(argument: String) {
        guard let endpoint = Endpoint(argument, defaultPort: 53) else { return nil }
        self.endpoint = endpoint
    }

    /// Where `sekisho serve` serves unless told otherwise.
    static let standard = Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 5300)
}
