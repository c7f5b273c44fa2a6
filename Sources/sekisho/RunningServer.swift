import AnswerCache
import DNSWire
import Dispatch
import DomainFeeds
import FirewallPolicy
import Forwarding
import Foundation
import Logging
import PolicyStore
import QueryLog
import RecentDecisions
import ResolverEngine
import ServerConfiguration
import ServiceNotifications
import Sockets
import SourceFiles
import Synchronization

/// The resolver as a process: started from a configuration, told what to do by signals.
final class RunningServer: Sendable {
    private let server: ResolverServer
    private let log: QueryLogWriter?
    private let logger = Logger(label: "sekisho")
    /// Reads the configuration anew, as it was read at the start.
    private let loadConfiguration: @Sendable () throws(ConfigurationError) -> ServerConfiguration
    private let startup: StartupSettings
    /// What is in force.
    private let configuration: Mutex<ServerConfiguration>
    private let feeds: FeedUpdater
    private let savedLists: SavedLists
    private let reloads: ReloadHistory
    private let control: ControlPlane?
    private let registry = RouteRegistry()
    /// What the service manager is told through; nil without one.
    private let service: ServiceReporter?
    /// What the `ready` line says of the policy.
    private let summary: String
    /// Reloads, one after another.
    private let reloadQueue = DispatchQueue(label: "sekisho.reload", qos: .utility)

    /// - Parameters:
    ///   - passed: sockets in the place of those that the configuration would have.
    ///   - manager: who wants to hear how it goes.
    init(
        passed: PassedSockets?, manager: ServiceManager?,
        _ loadConfiguration: @escaping @Sendable () throws(ConfigurationError) -> ServerConfiguration
    ) throws(ExitStatus) {
        self.loadConfiguration = loadConfiguration
        // Until there is something to reload, a request to do so must not end the process.
        for number in [SIGPIPE, SIGHUP, SIGUSR1] { signal(number, SIG_IGN) }
        let openFiles = Limits.raiseOpenFiles()
        Limits.keepLargeBlocksApart()
        let (sockets, configuration) = try RunningServer.bind(passed, loadConfiguration, logger)
        for warning in configuration.warnings { logger.warning("\(warning)") }
        feeds = RunningServer.makeFeedUpdater(configuration, logger)
        savedLists = SavedLists(stateDirectory: configuration.startup.stateDirectory)
        let loaded = try Output.checkingConfiguration { [savedLists] () throws(ConfigurationError) in
            try configuration.loadPolicy(saved: savedLists)
        }
        RunningServer.report(loaded, to: logger)
        reloads = ReloadHistory(listedNames: loaded.nameCount)
        // Before the caches are made, which would otherwise lie on pages that are in use.
        Limits.returnFreedMemory()
        startup = configuration.startup
        self.configuration = Mutex(configuration)
        let decisions = RecentDecisions(wantsExtension: configuration.startup.queryLog.isEmpty)
        log = try RunningServer.openLog(configuration, decisions, logger)
        let policy: PolicySnapshot
        let serving = ServingSettings(configuration, registry, workers: startup.workers)
        (control, policy) = try RunningServer.openControlPlane(
            configuration, loaded, serving, decisions, feeds, logger)
        do {
            server = try ResolverServer(
                RunningServer.settings(configuration, openFiles: openFiles, logger), on: sockets,
                state: ServingState(policy: policy, settings: serving), log: log,
                onLoop: RunningServer.loopReporter(logger),
                onUpstreamTrouble: { [notices = UpstreamNotices(logger)] in notices.note($0, $1) })
        } catch {
            throw RunningServer.report(error, configuration)
        }
        control?.start(
            server, metrics: ServerMetrics(server: server, log: log, feeds: feeds, reloads: reloads))
        let status = ServiceStatus(server, feeds, reloads)
        service = manager.map { ServiceReporter($0, status: status.line) }
        let api = control.map { ", API on \($0.endpoint)" } ?? ""
        summary = "\(loaded.summary), \(counted(startup.workers, "worker"))\(api)"
        save(loaded.unsaved)
        findPlaces(in: loaded)
        if Privileges.isRoot { logger.warning("runs as root, which nothing here needs: name another user (--user)") }
    }

    /// The API, where it is wanted, and the policy with what it keeps.
    private static func openControlPlane(
        _ configuration: ServerConfiguration, _ loaded: PolicyLoader.Loaded, _ serving: ServingSettings,
        _ decisions: RecentDecisions, _ feeds: FeedUpdater, _ logger: Logger
    ) throws(ExitStatus) -> (ControlPlane?, PolicySnapshot) {
        guard let admin = configuration.startup.admin else { return (nil, loaded.policy) }
        do {
            let control = try ControlPlane(
                configuration, loaded, serving, on: admin, watching: decisions, feeds, logger: logger)
            return (control, try control.policy())
        } catch {
            Output.error("admin.listen: \(error)")
            throw .usage
        }
    }

    /// What is logged, and what people look on at where there is a page for it.
    private static func openLog(
        _ configuration: ServerConfiguration, _ decisions: RecentDecisions, _ logger: Logger
    ) throws(ExitStatus) -> QueryLogWriter? {
        let isLogging = !configuration.startup.queryLog.isEmpty
        let observers = configuration.startup.admin == nil ? [] : [decisions]
        guard isLogging || !observers.isEmpty else { return nil }
        do {
            return try QueryLogWriter(
                QueryLogSettings(configuration.startup), observers: observers, workers: configuration.startup.workers,
                ringOctets: isLogging ? 4 << 20 : 256 << 10
            ) { notice in
                switch notice {
                case .dropped(let count): logger.warning("query log: \(count) records dropped, its buffer was full")
                case .failed(let reason, let count):
                    logger.error("\(reason)\(count > 0 ? "; \(counted(count, "record")) lost" : "")")
                case .resumed(let text): logger.info("\(text)")
                }
            }
        } catch {
            Output.error(error)
            throw .usage
        }
    }

    /// What was asked for, with as many TCP connections as there can be.
    private static func settings(
        _ configuration: ServerConfiguration, openFiles: Int, _ logger: Logger
    ) -> ResolverServer.Settings {
        var settings = ResolverServer.Settings(configuration.startup)
        let possible = Limits.connectionsPerWorker(openFiles: openFiles, configuration)
        if settings.limits.connections > possible {
            logger.warning(
                "limits.tcp_connections: \(settings.limits.connections) for each of \(counted(settings.workers, "worker")) are more than \(openFiles) open files allow: \(possible) are; raise the limit (ulimit -n)"
            )
            settings.limits.connections = possible
        }
        return settings
    }

    /// Says it once: every query would have a line of its own.
    private static func loopReporter(_ logger: Logger) -> @Sendable (Endpoint) -> Void {
        let isReported = Mutex(false)
        return { source in
            let isFirst = isReported.withLock { isReported in
                defer { isReported = true }
                return !isReported
            }
            guard isFirst else { return }
            logger.error(
                "forwarding loop: a query of this server came back from \(source.address) and is refused; an upstream there forwards to this server, or is it: change \"upstreams\", \"forwarding_rules\" or a resolver rule"
            )
        }
    }

    /// A line for each list, and one for each thing about it that deserves a look.
    private static func report(_ loaded: PolicyLoader.Loaded, to logger: Logger) {
        for list in loaded.lists {
            switch list.origin {
            case .starter: continue
            case .file(let path): logger.info("\(path): \(counted(list.report.entryCount, "name"))")
            case .feed(let name, _, _): logger.info("feed \(name): \(feedSummary(list.report))")
            }
            for finding in list.findings { logger.warning("\(finding)") }
        }
        if let finding = loaded.savedListsFinding { logger.warning("\(finding)") }
        for note in loaded.templates?.notes ?? [] { logger.info("\(note)") }
        for finding in loaded.templates?.findings ?? [] { logger.warning("\(finding)") }
    }
}

// MARK: - Signals

extension RunningServer {
    /// Says that it is ready, and serves until SIGTERM or SIGINT; then answers what is under way.
    func runUntilTold() {
        let ended = DispatchSemaphore(value: 0)
        let queue = DispatchQueue(label: "sekisho.signals")
        let handlers: [(CInt, @Sendable () -> Void)] = [
            (
                SIGHUP,
                {
                    self.reloadQueue.async {
                        self.service?.reloading()
                        BackgroundThread.run { self.reload() }
                        self.tellReady()
                    }
                    self.feeds.refreshNow()
                }
            ),
            (SIGUSR1, { self.log?.reopen() }),
            (SIGTERM, { ended.signal() }),
            (SIGINT, { ended.signal() }),
        ]
        let registered = DispatchGroup()
        let sources = handlers.map { number, handler in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { @Sendable in handler() }
            registered.enter()
            source.setRegistrationHandler { @Sendable in registered.leave() }
            signal(number, SIG_IGN)
            source.activate()
            return source
        }
        // Only from here on does a signal reach its handler.
        registered.wait()
        Output.error("ready udp+tcp \(server.endpoints.map(\.description).joined(separator: " ")), \(summary)")
        tellReady()
        feeds.start { names in self.reloadQueue.async { BackgroundThread.run { self.takeFeeds(names) } } }
        ended.wait()
        service?.stopping()
        // A second request ends at once.
        signal(SIGTERM, SIG_DFL)
        signal(SIGINT, SIG_DFL)
        let counters = server.drain()
        let answers = counters.answers
        for source in sources { source.cancel() }
        logger.info(
            "ended after \(answers.total) queries: \(answers.count(.block)) blocked, \(answers.count(.alert)) alerted, \(counters.cacheHits) from cache, \(counters.forwarded) forwarded, \(answers.count(.servFail)) SERVFAIL, \(counters.refused) refused, \(counters.malformed) malformed"
        )
    }

    private func tellReady() {
        do {
            try service?.ready()
        } catch {
            logger.warning("the service manager can't be told: \(error)")
        }
    }

    /// Puts the policy as it is configured now in force; on any error the old one stays.
    private func reload() {
        let old = configuration.withLock { $0 }
        do {
            var new = try loadConfiguration()
            new.policy.keepFeeds(in: startup.stateDirectory)
            feeds.configure(new)
            for key in new.startup.keys(changedFrom: startup) {
                logger.warning("\(key.rawValue) has changed; that needs a restart")
            }
            try putInForce(new)
            configuration.withLock { $0 = new }
        } catch {
            feeds.configure(old)
            reloads.noteFailure()
            for finding in error.findings { logger.error("not reloaded, the old policy stays: \(finding)") }
        }
    }

    /// Puts other copies of feeds in force, under the configuration that is in force.
    private func takeFeeds(_ names: [String]) {
        do {
            try putInForce(configuration.withLock { $0 })
        } catch {
            reloads.noteFailure()
            for finding in error.findings {
                logger.error("feed \(names.joined(separator: ", ")): not in force, the old policy stays: \(finding)")
            }
        }
    }

    private func servingSettings(_ configuration: ServerConfiguration) -> ServingSettings {
        ServingSettings(configuration, registry, workers: startup.workers)
    }

    private func putInForce(_ configuration: ServerConfiguration) throws(ConfigurationError) {
        let loaded = try configuration.loadPolicy(saved: savedLists)
        RunningServer.report(loaded, to: logger)
        if let control {
            try replace(configuration, loaded, in: control)
        } else {
            server.publish(ServingState(policy: loaded.policy, settings: servingSettings(configuration)))
        }
        reloads.noteSuccess(listedNames: loaded.nameCount)
        logger.info("reloaded: \(loaded.summary)")
        save(loaded.unsaved)
        findPlaces(in: loaded)
        Limits.returnFreedMemory()
        // By then the old policy has been let go of.
        reloadQueue.asyncAfter(deadline: .now() + .seconds(12)) { Limits.returnFreedMemory() }
    }
}

extension RunningServer {
    /// So that the next start finds them compiled. Without them it takes longer, no more.
    private func save(_ lists: UnsavedLists?) {
        guard let lists else { return }
        reloadQueue.async { [savedLists, logger] in
            do {
                try savedLists.save(lists)
            } catch {
                logger.warning("\(savedLists.path): compiled lists are not saved: \(error)")
            }
        }
    }

    /// So that the extended log can say where entries stand; until then it does not.
    private func findPlaces(in loaded: PolicyLoader.Loaded) {
        guard let log, log.wantsExtension, !log.isSampled else { return }
        reloadQueue.async {
            let lines = EntryLines(of: loaded)
            log.use { list, entry, isWildcard in
                lines.place(ofList: list, entry: entry, isWildcard: isWildcard).map(EntryPlace.init)
            }
        }
    }

    private func replace(
        _ configuration: ServerConfiguration, _ loaded: PolicyLoader.Loaded, in control: ControlPlane
    ) throws(ConfigurationError) {
        do {
            try control.replace(configuration, loaded, servingSettings(configuration))
        } catch {
            throw ConfigurationError(.flag("admin.listen"), "\(error)")
        }
    }
}

// MARK: - From configuration to settings

extension PolicyLoader.Loaded {
    private var namesByList: [Int] {
        lists.map(\.report.entryCount) + (templates?.domainLists ?? []).map(\.entries.count)
    }

    /// Names on lists; one of two lists counts twice.
    var nameCount: Int { namesByList.reduce(0, +) }

    /// How many names there are in how many lists.
    var summary: String { "\(counted(nameCount, "name")) in \(counted(namesByList.count, "list"))" }
}

extension EntryPlace {
    init(_ place: EntryLines.Place) {
        let feed: String? = if case .feed(let name, _, _) = place.origin { name } else { nil }
        self.init(file: place.origin.path, line: place.line, feed: feed)
    }
}
