import DomainFeeds
import Logging
import ServerConfiguration

extension RunningServer {
    /// An updater of the feeds that the configuration uses, which asks nobody before it is started.
    static func makeFeedUpdater(_ configuration: ServerConfiguration, _ logger: Logger) -> FeedUpdater {
        let updater = FeedUpdater(stateDirectory: configuration.startup.stateDirectory) { feed, result in
            switch result {
            case .unchanged: logger.debug("feed \(feed.name): unchanged")
            case .taken(let copy): logger.info("feed \(feed.name): fetched, \(counted(copy.entryCount, "name"))")
            case .held(let held):
                logger.warning(
                    "feed \(feed.name): held back: \(held.reasons.joined(separator: "; ")); see `sekisho feeds status`")
            case .failed(let reason):
                logger.warning("feed \(feed.name): not refreshed, the last good copy stays: \(reason)")
            }
            Limits.returnFreedMemory()
        }
        updater.configure(configuration)
        return updater
    }

    /// What a feed's copy in force holds.
    static func feedSummary(_ report: ListReport) -> String {
        guard report.isEmpty else {
            let addresses = report.addressCount > 0 ? ", \(report.addressCount) addresses" : ""
            return "\(counted(report.entryCount, "name"))\(addresses)"
        }
        return "no copy yet, so nothing is on it until it has been fetched"
    }
}

extension FeedUpdater {
    func configure(_ configuration: ServerConfiguration) {
        let settings = configuration.policy
        configure(settings.usedFeeds, settings.feedRefresher(stateDirectory: stateDirectory))
    }
}
