import ArgumentParser
import DNSWire

struct HealthcheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck", abstract: "Ask a running server for a sign of life.",
        discussion: """
            Exits 0 when the server answers with a verdict, 1 when it does not. The name it is asked for never goes \
            upstream, so a dead upstream is no dead server.
            """)

    @Option(help: ArgumentHelp("Whom to ask. Default: 127.0.0.1:5300.", valueName: "address"))
    var server: ServerArgument?

    @Flag(help: "Print JSON.")
    var json = false

    private struct Result: Encodable {
        var healthy: Bool
        var server: String
        var detail: String
    }

    /// What a server is asked that is to give a sign of life.
    static let name = "healthcheck.sekisho.test"

    /// A policy may block the name: that is an answer too.
    static func isHealthy(_ reply: DNSReply) -> Bool { reply.rcode == "NOERROR" || reply.rcode == "NXDOMAIN" }

    mutating func run() throws {
        let client = DNSClient(server: server?.endpoint ?? ServerArgument.standard, timeoutMilliseconds: 2000)
        var result = Result(healthy: false, server: client.server.description, detail: "")
        do {
            let reply = try client.ask(HealthcheckCommand.name, type: .a)
            result.healthy = HealthcheckCommand.isHealthy(reply)
            result.detail = "\(reply.rcode) in \(reply.milliseconds) ms"
        } catch {
            result.detail = "\(error)"
        }
        if json {
            try Output.json(result)
        } else {
            print("\(result.healthy ? "healthy" : "unhealthy"): \(result.server): \(result.detail)")
        }
        if !result.healthy { throw ExitStatus.failed }
    }
}
