import ArgumentParser
import DNSMessage
import DNSWire
import Sockets

struct QueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Ask a server, and show its answer, extended errors and time.")

    @Argument(help: "The name to ask for.")
    var name: String

    @Option(name: [.customShort("t"), .long], help: "The type to ask for.")
    var type = RRType.a

    @Option(help: ArgumentHelp("Whom to ask. Default: 127.0.0.1:5300.", valueName: "address"))
    var server: ServerArgument?

    @Flag(help: "Ask over TCP.")
    var tcp = false

    @Option(help: ArgumentHelp("How long to wait, in seconds.", valueName: "seconds"))
    var timeout: Double = 5

    @Flag(help: "Print JSON.")
    var json = false

    mutating func validate() throws {
        if (try? DomainName(name)) == nil { throw ValidationError("\"\(name)\" is not a domain name") }
        if !(timeout > 0 && timeout <= 3600) { throw ValidationError("--timeout takes 0 to 3600 seconds") }
    }

    mutating func run() throws {
        let client = DNSClient(
            server: server?.endpoint ?? ServerArgument.standard, timeoutMilliseconds: Int(timeout * 1000))
        do {
            let reply = try client.ask(name, type: type, overTCP: tcp)
            if json { try Output.json(reply) } else { print(reply) }
        } catch let error as ExchangeError {
            Output.error("\(client.server): \(error)")
            throw ExitStatus.failed
        } catch let error as MessageError {
            Output.error("\(client.server): \(error)")
            throw ExitStatus.failed
        }
    }
}
