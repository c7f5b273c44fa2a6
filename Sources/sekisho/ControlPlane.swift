import AdminServer
import DNSWire
import FirewallPolicy
import Foundation
import Logging
import PolicyStore
import ResolverEngine
import Route53API
import ServerConfiguration
import Synchronization

/// AWS's API over HTTP, with what it keeps: there when `admin.listen` is set.
///
/// A call that changes the policy has been compiled and published when it returns.
final class ControlPlane: Sendable {
    private let store: ResolverStore
    private let live: LivePolicy
    private let server: AdminServer
    private let serving: Serving

    /// Where it is served.
    var endpoint: Endpoint { server.endpoint }

    /// Opens the store and listens; nothing is served before `start`.
    init(
        _ configuration: ServerConfiguration, _ loaded: PolicyLoader.Loaded, on endpoint: Endpoint, logger: Logger
    ) throws {
        let serving = Serving(clients: configuration.policy.clients)
        let directory = configuration.startup.stateDirectory
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        store = try ResolverStore(
            path: "\(directory)/policy.sqlite",
            identity: StoreIdentity(
                region: configuration.startup.aws.region, accountID: configuration.startup.aws.accountID),
            readOnly: ControlPlane.readOnlyObjects(loaded)
        ) { changes, _ in try serving.follow(changes) }
        live = try LivePolicy(configured: loaded.source, store: store)
        let directories = configuration.policy.domainFiles.mappings.map { ($0.urlPrefix, $0.directory) }
        let api = Route53API(
            store: store,
            domainFiles: [LocalDomainFiles(directories: Dictionary(directories) { first, _ in first })],
            reportInternalError: { logger.error("API: \($0)") })
        server = try AdminServer(
            listen: endpoint, access: .loopback, api: api, isReady: { true }, metrics: serving.metrics)
        self.serving = serving
    }

    /// The policy with what the store keeps.
    func policy() throws -> PolicySnapshot { try live.snapshot() }

    /// Serves; from now on every change is put in force in `resolver`.
    func start(_ resolver: ResolverServer) {
        serving.begin(resolver, live)
        server.start()
    }

    /// Takes a reloaded configuration and puts it in force, together with what the store keeps.
    func replace(_ configuration: ServerConfiguration, _ loaded: PolicyLoader.Loaded) throws {
        try store.replaceReadOnlyObjects(ControlPlane.readOnlyObjects(loaded))
        serving.publish(try live.replace(configured: loaded.source), clients: configuration.policy.clients)
    }

    private static func readOnlyObjects(_ loaded: PolicyLoader.Loaded) -> ReadOnlyObjects {
        ReadOnlyObjects(vpcIDs: loaded.policy.names.vpcs.map(\.id))
    }
}

/// The resolver that changes are published to, known only after the store has been opened.
private final class Serving: Sendable {
    private let state: Mutex<State>

    private struct State {
        var clients: [CIDR]
        var resolver: ResolverServer?
        var live: LivePolicy?
    }

    init(clients: [CIDR]) { state = Mutex(State(clients: clients)) }

    func begin(_ resolver: ResolverServer, _ live: LivePolicy) {
        state.withLock { ($0.resolver, $0.live) = (resolver, live) }
    }

    func follow(_ changes: [StoreChange]) throws {
        guard let live = state.withLock({ $0.live }) else { return }
        let policy = try live.follow(changes)
        publish(policy, clients: state.withLock { $0.clients })
    }

    func publish(_ policy: PolicySnapshot, clients: [CIDR]) {
        state.withLock { state in
            state.clients = clients
            state.resolver?.publish(ServingState(policy: policy, clients: clients))
        }
    }

    /// Prometheus text format 0.0.4.
    func metrics() -> String {
        let counters = state.withLock { $0.resolver }?.counters() ?? WorkerCounters()
        let rows: [(name: String, help: String, value: UInt64)] = [
            ("queries", "Well-formed queries of served clients.", counters.queries),
            ("blocked", "Queries answered by a BLOCK rule.", counters.blocked),
            ("alerted", "Queries on which an ALERT rule acted.", counters.alerted),
            ("cache_hits", "Queries answered from the cache.", counters.cacheHits),
            ("forwarded", "Queries that waited for an upstream.", counters.forwarded),
            ("refused", "Queries answered REFUSED.", counters.refused),
            ("malformed", "Queries answered FORMERR, NOTIMP or BADVERS.", counters.malformed),
            ("servfail", "Queries answered SERVFAIL.", counters.servFail),
        ]
        return rows.map { name, help, value in
            "# HELP sekisho_\(name)_total \(help)\n# TYPE sekisho_\(name)_total counter\nsekisho_\(name)_total \(value)\n"
        }.joined()
    }
}
