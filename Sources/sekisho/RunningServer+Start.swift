import DomainFeeds
import Logging
import QueryLog
import ResolverEngine
import ServerConfiguration
import Sockets
import SourceFiles

extension RunningServer {
    /// Binds the sockets and then becomes the user that the configuration names. Everything else is done as that user,
    /// the configuration read once more, so that what it can't reach shows now and not at the first reload.
    static func bind(
        _ passed: PassedSockets?,
        _ loadConfiguration: @Sendable () throws(ConfigurationError) -> ServerConfiguration, _ logger: Logger
    ) throws(ExitStatus) -> ([ListeningSockets], ServerConfiguration) {
        Privileges.renounceMore()
        let configuration = try Output.checkingConfiguration(loadConfiguration)
        let sockets = try listen(configuration, passed)
        let wasRoot = Privileges.isRoot
        do {
            try Privileges.drop(to: configuration.startup.user)
        } catch {
            Output.error(error)
            throw .usage
        }
        guard wasRoot, configuration.startup.user != nil else { return (sockets, configuration) }
        do {
            let reachable = try loadConfiguration()
            try checkReach(of: reachable, logger)
            return (sockets, reachable)
        } catch {
            for finding in error.findings { Output.error("\(finding) (as user \(Privileges.user))") }
            throw .usage
        }
    }

    /// An address that can't be listened on is told with where it is named.
    static func report(_ error: ResolverStartError, _ configuration: ServerConfiguration) -> ExitStatus {
        let place = configuration.listenPlaces[error.endpoint].map { "\($0): " } ?? ""
        Output.error("\(place)\(error)")
        return .usage
    }

    private static func listen(
        _ configuration: ServerConfiguration, _ passed: PassedSockets?
    ) throws(ExitStatus) -> [ListeningSockets] {
        let settings = ResolverServer.Settings(configuration.startup)
        let (workers, octets) = (settings.workers, settings.limits.datagramBufferOctets)
        do throws(ResolverStartError) {
            if let passed {
                return try passed.addresses.map { address throws(ResolverStartError) in
                    try ListeningSockets(address, workers: workers, bufferOctets: octets)
                }
            }
            return try configuration.startup.listen.map { endpoint throws(ResolverStartError) in
                try ListeningSockets(endpoint, workers: workers, bufferOctets: octets)
            }
        } catch {
            throw report(error, configuration)
        }
    }

    /// Whether files can be made where that is wanted later: in the state directory, and beside log files, which may be
    /// made anew after a rotation. Files that are read, and log files themselves, are opened at the start anyway.
    private static func checkReach(
        of configuration: ServerConfiguration, _ logger: Logger
    ) throws(ConfigurationError) {
        let startup = configuration.startup
        if startup.admin != nil || !configuration.policy.usedFeeds.isEmpty,
            !Privileges.canMakeFiles(in: startup.stateDirectory)
        {
            throw ConfigurationError(.file(startup.stateDirectory), "state_directory: can't be written")
        }
        for destination in startup.queryLog {
            guard case .file(let path) = destination.target else { continue }
            let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/"
            guard !Privileges.canMakeFiles(in: folder.isEmpty ? "/" : folder) else { continue }
            logger.warning("\(path): \(Privileges.user) can't make it anew after a rotation: the folder is not theirs")
        }
    }
}
