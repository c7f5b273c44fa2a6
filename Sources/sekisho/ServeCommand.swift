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

    @OptionGroup var options: ServerOptions

    mutating func run() throws {
        let options = options
        LoggingSystem.bootstrap { _ in StandardErrorLog() }
        let server = try RunningServer { () throws(ConfigurationError) in try options.configuration() }
        server.runUntilTold()
    }
}
