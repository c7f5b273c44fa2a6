import ArgumentParser
import DNSWire
import Foundation
import Logging
import ServerConfiguration
import ServiceNotifications
import Sockets

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answer queries.",
        discussion: """
            Prints one line `ready …` on standard error when, and only when, queries are answered.
            Sockets that a service manager passes (LISTEN_FDS) take the place of --listen. One that wants to hear how \
            it goes does (NOTIFY_SOCKET, WATCHDOG_USEC).
            SIGHUP reads the configuration and lists again, SIGUSR1 opens log files anew, SIGTERM ends.
            """)

    @OptionGroup var options: ServerOptions

    mutating func run() throws {
        let options = options
        LoggingSystem.bootstrap { _ in StandardErrorLog() }
        let passed = try ServeCommand.passedSockets()
        let endpoints = passed?.addresses.map(\.endpoint) ?? []
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment, processID: getpid())
        let server = try RunningServer(passed: passed, manager: manager) { () throws(ConfigurationError) in
            try options.configuration(passed: endpoints)
        }
        server.runUntilTold()
    }

    private static func passedSockets() throws(ExitStatus) -> PassedSockets? {
        do throws(PassedSocketError) {
            return try PassedSockets.take(from: ProcessInfo.processInfo.environment, processID: getpid())
        } catch {
            Output.error(error)
            throw .usage
        }
    }
}
