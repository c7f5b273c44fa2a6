import AdminServer
import DomainFeeds
import ServerConfiguration
import Synchronization

/// The feeds of a running server: how they are, and what somebody may do about them.
final class FeedControl: Sendable {
    private let updater: FeedUpdater
    private let policy: Mutex<PolicySettings>

    init(_ policy: PolicySettings, _ updater: FeedUpdater) {
        self.policy = Mutex(policy)
        self.updater = updater
    }

    /// Takes what another configuration says of feeds.
    func configure(_ settings: PolicySettings) { policy.withLock { $0 = settings } }

    /// Those in use.
    func reports() -> [FeedReport] {
        let settings = settings
        return settings.policy.usedFeeds.map { settings.state($0) }
    }

    /// Changes a feed's copies as `sekisho feeds` does: the updater notices it. A refresh has only been asked for when this
    /// returns.
    func change(_ name: String, _ change: FeedChange) throws(ControlError) -> FeedReport {
        let settings = settings
        guard let feed = settings.policy.usedFeeds.first(where: { $0.name == name }) else {
            throw ControlError("no feed \(name.debugDescription) is in use")
        }
        do {
            switch change {
            case .refresh: updater.refreshNow(name)
            case .accept: try settings.directory(feed).accept()
            case .rollback: _ = try settings.directory(feed).rollBack()
            }
        } catch {
            throw ControlError("\(name): \(error)")
        }
        return settings.state(feed)
    }

    private var settings: FeedsSettings {
        FeedsSettings(policy: policy.withLock { $0 }, stateDirectory: updater.stateDirectory)
    }
}
