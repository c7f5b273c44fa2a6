import ArgumentParser
import DNSWire
import Foundation
import ServerConfiguration

/// The running server that `top` and `tail` look at.
struct WatchOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Where its API is served. Default: admin.listen of -c, or 127.0.0.1:8053.", valueName: "url")
    )
    var server: ControlClient?

    @Option(name: [.customShort("c"), .customLong("config")], help: "The configuration file of the server.")
    var file: String?

    func client() throws(ExitStatus) -> ControlClient {
        if let server { return server }
        guard let file else { return WatchOptions.client(of: WatchOptions.usual) }
        let configuration = try Output.checkingConfiguration { () throws(ConfigurationError) in
            var environment = HostEnvironment.current()
            environment.asksUpstreams = false
            return try ServerConfiguration.load(path: file, flags: ConfigurationFlags(), environment: environment)
        }
        guard let admin = configuration.startup.admin else {
            Output.error("\(file): there is no admin.listen, so nobody can look on")
            throw .usage
        }
        return WatchOptions.client(of: admin.listen)
    }

    private static let usual = Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 8053)

    private static func client(of endpoint: Endpoint) -> ControlClient {
        // An address and a port make a URL.
        ControlClient(argument: "http://\(endpoint)")!
    }

    /// Runs `body` until it ends or somebody ends it, which is no failure.
    /// - Parameter cleanUp: puts the terminal in order.
    static func untilInterrupted(cleanUp: @escaping @Sendable () -> Void = {}, _ body: () throws -> Void) throws {
        let queue = DispatchQueue(label: "sekisho.signals")
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { @Sendable in
                cleanUp()
                Foundation.exit(0)
            }
            source.activate()
            return source
        }
        defer { for source in sources { source.cancel() } }
        do {
            defer { cleanUp() }
            try body()
        } catch let error as ControlClientError {
            Output.error(error)
            throw ExitStatus.failed
        }
    }
}
