import AdminServer
import DNSWire
import DomainFeeds
import Explanations
import FirewallPolicy
import Forwarding
import Foundation
import Logging
import PolicyStore
import RecentDecisions
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
    private let domainFiles: MappedDomainFiles
    private let server: AdminServer
    private let serving: Serving
    private let view: LiveView
    private let feeds: FeedControl

    /// Where it is served.
    var endpoint: Endpoint { server.endpoint }

    /// Opens the store and listens; nothing is served before `start`.
    init(
        _ configuration: ServerConfiguration, _ loaded: PolicyLoader.Loaded, _ settings: ServingSettings,
        on admin: AdminSettings, watching decisions: RecentDecisions, _ updater: FeedUpdater, logger: Logger
    ) throws {
        let startup = configuration.startup
        let serving = Serving(Serving.Configured(settings: settings, entries: EntryFinder(loaded)))
        feeds = FeedControl(configuration.policy, updater)
        view = LiveView(decisions, feeds)
        try FileManager.default.createDirectory(atPath: startup.stateDirectory, withIntermediateDirectories: true)
        store = try ResolverStore(
            path: startup.storePath,
            identity: AccountIdentity(region: startup.aws.region, accountID: startup.aws.accountID),
            quotas: startup.aws.quotas, readOnly: ReadOnlyObjects(loaded)
        ) { changes, _ in try serving.follow(changes) }
        live = try LivePolicy(configured: loaded.source, store: store)
        domainFiles = MappedDomainFiles(configuration.policy.domainFiles)
        let bucket = startup.aws.s3.map { S3DomainFileSource($0, region: startup.aws.region) }
        let api = Route53API(
            store: store, domainFiles: [domainFiles] + [bucket].compactMap(\.self),
            reportInternalError: { logger.error("API: \($0)") })
        server = try AdminServer(
            listen: admin.listen, access: AdminServer.Access(admin.access, region: startup.aws.region), api: api,
            isReady: { true }, metrics: { serving.metrics },
            control: view.handlers.merging([
                "explain": { [store] parameters in
                    try serving.explanation(ExplainRequest(parameters), store).json()
                }
            ]) { first, _ in first },
            live: view.interface)
        self.serving = serving
    }

    /// The policy with what the store keeps.
    func policy() throws -> PolicySnapshot { try live.snapshot() }

    /// Serves; from now on every change is put in force in `resolver`.
    func start(_ resolver: ResolverServer, metrics: ServerMetrics) {
        serving.begin(resolver, live, metrics)
        view.start { resolver.counters }
        server.start()
    }

    /// Takes a reloaded configuration and puts it in force, together with what the store keeps.
    func replace(
        _ configuration: ServerConfiguration, _ loaded: PolicyLoader.Loaded, _ settings: ServingSettings
    ) throws {
        let configured = Serving.Configured(settings: settings, entries: EntryFinder(loaded))
        let (oldPolicy, old) = (live.configure(loaded.source), serving.configure(configured))
        do {
            // The change that this is to the store puts all of it in force.
            try store.replaceReadOnlyObjects(ReadOnlyObjects(loaded))
        } catch {
            _ = (live.configure(oldPolicy), serving.configure(old))
            throw error
        }
        domainFiles.replace(configuration.policy.domainFiles)
        feeds.configure(configuration.policy)
    }
}

// MARK: - From configuration to settings

extension AdminServer.Access {
    fileprivate init(_ access: AdminSettings.Access, region: String) {
        switch access {
        case .loopback: self = .loopback
        case .unsigned: self = .open
        case .signed(let keys):
            self = .signed(SignatureVerifier(credentials: keys.map(AWSCredential.init), region: region))
        }
    }
}

extension AWSCredential {
    init(_ key: AccessKey) { self.init(accessKeyID: key.id, secretAccessKey: key.secret) }
}

extension S3DomainFileSource {
    fileprivate init(_ settings: S3Settings, region: String) {
        self.init(endpoint: settings.endpoint, signer: RequestSigner(settings, region: region))
    }
}

/// `policy.domain_files`, as it is now.
private final class MappedDomainFiles: DomainFileSource {
    private let files: Mutex<LocalDomainFiles>

    init(_ files: DomainFiles) { self.files = Mutex(LocalDomainFiles(files)) }

    func replace(_ files: DomainFiles) { self.files.withLock { $0 = LocalDomainFiles(files) } }

    func octets(at location: DomainFileLocation) throws(DomainFileError) -> Data? {
        try files.withLock { $0 }.octets(at: location)
    }
}

extension LocalDomainFiles {
    fileprivate init(_ files: DomainFiles) {
        self.init(directories: Dictionary(files.mappings.map { ($0.urlPrefix, $0.directory) }) { first, _ in first })
    }
}

// MARK: - In force

/// The resolver that changes are published to, known only after the store has been opened.
private final class Serving: Sendable {
    private let state: Mutex<State>

    /// What a configuration gives beside the policy.
    struct Configured {
        var settings: ServingSettings
        /// Of its lists and templates.
        var entries: EntryFinder
    }

    /// What was published last, and of what it was made.
    private struct Published {
        var state: ServingState
        var source: FirewallPolicy
        var configured: Configured
    }

    private struct State {
        var configured: Configured
        var resolver: ResolverServer?
        var live: LivePolicy?
        var published: Published?
        var metrics: ServerMetrics?
    }

    init(_ configured: Configured) { state = Mutex(State(configured: configured)) }

    func begin(_ resolver: ResolverServer, _ live: LivePolicy, _ metrics: ServerMetrics) {
        // What is served was made of it, so it can be had once more.
        let source = try? live.policy()
        state.withLock { state in
            (state.resolver, state.live, state.metrics) = (resolver, live, metrics)
            state.published = source.map { [configured = state.configured] in
                Published(state: resolver.state, source: $0, configured: configured)
            }
        }
    }

    /// Takes what holds with the next change, and returns what it replaces.
    func configure(_ configured: Configured) -> Configured {
        state.withLock { state in
            defer { state.configured = configured }
            return state.configured
        }
    }

    /// Compiles and publishes; the store calls it for one change after the other.
    func follow(_ changes: [StoreChange]) throws {
        guard let live = state.withLock({ $0.live }) else { return }
        let policy = try live.follow(changes)
        let source = try live.policy()
        state.withLock { state in
            let next = ServingState(policy: policy, settings: state.configured.settings)
            state.published = Published(state: next, source: source, configured: state.configured)
            state.resolver?.publish(next)
        }
    }

    /// Explains under what is in force.
    func explanation(_ request: ExplainRequest, _ store: ResolverStore) throws -> Explanation {
        guard let published = state.withLock({ $0.published }) else { throw ControlError("nothing is served yet") }
        var entries = published.configured.entries
        entries.store = store
        let explainer = Explainer(
            state: published.state, settings: published.configured.settings, source: published.source,
            entries: entries, unenforced: try store.unenforcedRules())
        do {
            return try request.explanation(by: explainer)
        } catch {
            throw ControlError(error.description)
        }
    }

    /// Prometheus' text; empty before it serves.
    var metrics: String { state.withLock { $0.metrics }?.text ?? "" }
}
