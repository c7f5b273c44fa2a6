import ArgumentParser
import Logging
import ServerConfiguration

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answer queries.",
        discussion: """
            Prints one line `ready …` on standard error when, and only when, queries are answered.
            SIGHUP reads the configuration and lists again, SIGUSR1 opens log files anew, SIGTERM ends.
            """)

    @OptionGroup var policy: PolicyOptions

    @Option(help: ArgumentHelp("Where to listen, UDP and TCP. May be repeated.", valueName: "address"))
    var listen: [String] = []

    @Option(help: ArgumentHelp("Who is asked: ADDRESS or tcp://ADDRESS. May be repeated.", valueName: "address"))
    var upstream: [String] = []

    @Option(help: ArgumentHelp("Where the API, health and metrics are served.", valueName: "address"))
    var admin: String?

    @Option(help: "How many workers serve. Default: as many as CPUs.")
    var workers: Int?

    @Option(help: "Where what outlives the process is kept.")
    var stateDirectory: String?

    @Option(
        help: ArgumentHelp("Where queries are logged: stdout, none or file:PATH. May be repeated.", valueName: "dest"))
    var queryLog: [String] = []

    mutating func run() throws {
        let policy = policy
        var flags = policy.flags
        flags.listen = listen
        flags.upstreams = upstream
        flags.admin = admin
        flags.workers = workers
        flags.stateDirectory = stateDirectory
        flags.queryLog = queryLog
        LoggingSystem.bootstrap { _ in StandardErrorLog() }
        let allFlags = flags
        let server = try RunningServer { () throws(ConfigurationError) in try policy.configuration(flags: allFlags) }
        server.runUntilTold()
    }
}
