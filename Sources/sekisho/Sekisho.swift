import ArgumentParser
import Foundation

/// # sekisho
/// The program: commands, signals, exit codes.
/// - Touches: arguments, standard streams, signals; the rest through the targets that it starts.
/// - Threads: a command runs on the main thread; `serve` waits there until it is told to end.
/// - Costs: what the command's targets cost.
@main
struct Program {
    static func main() {
        do {
            var command = try Sekisho.parseAsRoot()
            try command.run()
        } catch let status as ExitStatus {
            exit(status.rawValue)
        } catch {
            finish(error)
        }
    }

    /// Prints what ArgumentParser has to say: help and completion scripts are no errors, everything else is usage.
    private static func finish(_ error: any Error) -> Never {
        let isError = Sekisho.exitCode(for: error) != .success
        let text = Sekisho.fullMessage(for: error)
        if !text.isEmpty { if isError { Output.error(text) } else { print(text) } }
        exit(isError ? ExitStatus.usage.rawValue : 0)
    }
}

struct Sekisho: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sekisho",
        abstract: "A DNS firewall resolver that does what Amazon Route 53 Resolver DNS Firewall does.",
        discussion: "Without a configuration file and flags, `sekisho serve` serves on 127.0.0.1:5300.",
        version: Version.current,
        subcommands: [
            ServeCommand.self, CheckCommand.self, ExplainCommand.self, TestCommand.self, ReplayCommand.self,
            QueryCommand.self, ListsCommand.self, FeedsCommand.self, TopCommand.self, TailCommand.self,
            HealthcheckCommand.self, HostCommand.self, VersionCommand.self,
        ])
}

/// How a command ends when it does not end well; its message has been printed.
enum ExitStatus: Int32, Error {
    /// It did not work, or found something.
    case failed = 1
    /// Wrong usage or a bad configuration.
    case usage = 2
}
