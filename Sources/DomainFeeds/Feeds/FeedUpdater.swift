import Dispatch
import Foundation
import Synchronization

/// Keeps a running server's feeds up to date: asks sources when it is time, and says when other copies are in force.
///
/// Once a second it looks whether a local feed or a state file has changed. So what a command does to the state directory
/// (`feeds refresh`, `accept`, `rollback`) reaches the server without either knowing of the other.
package final class FeedUpdater: Sendable {
    package let stateDirectory: String
    private let report: @Sendable (Feed, FeedRefresh) -> Void
    private let state = Mutex(State())
    private let operations = FeedRefresher.makeQueue()
    private let queue = DispatchQueue(label: "sekisho.feeds.watch", qos: .utility)

    private struct State {
        var refresher: FeedRefresher?
        var feeds: [String: WatchedFeed] = [:]
    }

    /// - Parameter report: told what came of each refresh, by any thread.
    package init(stateDirectory: String, report: @escaping @Sendable (Feed, FeedRefresh) -> Void) {
        self.stateDirectory = stateDirectory
        self.report = report
    }

    /// Begins to ask and to watch, and goes on as long as the updater is there.
    /// - Parameter onChange: told the names of feeds that have another copy in force than when they were named, or when
    ///   it was last told.
    package func start(_ onChange: @escaping @Sendable ([String]) -> Void) { look(after: .seconds(0), onChange) }

    private func look(after delay: DispatchTimeInterval, _ onChange: @escaping @Sendable ([String]) -> Void) {
        queue.asyncAfter(deadline: .now() + delay) { [weak self] in
            guard let self else { return }
            let changed = look()
            if !changed.isEmpty { onChange(changed) }
            look(after: .seconds(1), onChange)
        }
    }

    /// Says which feeds are in use from now on. Call it before a policy reads their copies: what changes later is told.
    package func configure(_ feeds: [Feed], _ refresher: FeedRefresher) {
        state.withLock { state in
            state.refresher = refresher
            let old = state.feeds
            state.feeds = [:]
            for feed in feeds {
                let directory = FeedDirectory(stateDirectory: stateDirectory, feed: feed.name)
                var watched = old[feed.name] ?? WatchedFeed(feed, directory)
                // A feed whose source is another one now is asked at once.
                if watched.feed.source != feed.source { watched.isWanted = true }
                watched.feed = feed
                state.feeds[feed.name] = watched
            }
        }
    }

    /// The feeds in use, with what was last seen of their state files: a second ago at most.
    package var states: [(feed: Feed, state: FeedState)] {
        state.withLock { $0.feeds.values.map { (feed: $0.feed, state: $0.lastSeen) } }
    }

    /// Asks every source as soon as possible, whether it is time or not.
    package func refreshNow() {
        state.withLock { state in for name in state.feeds.keys { state.feeds[name]?.isWanted = true } }
    }

    /// Asks one source as soon as possible.
    package func refreshNow(_ name: String) { state.withLock { $0.feeds[name]?.isWanted = true } }

    /// Starts what is due, and returns the names of feeds whose copy is another one.
    private func look() -> [String] {
        let now = Date.now
        let (changed, due, refresher) = state.withLock { state in
            let changed = state.feeds.keys.sorted().filter { state.feeds[$0]?.noticeChange() == true }
            let due = state.feeds.values.compactMap { $0.isDue(now) ? $0.feed : nil }
            for feed in due { state.feeds[feed.name]?.begin() }
            return (changed, due, state.refresher)
        }
        guard let refresher else { return changed }
        for feed in due {
            operations.addOperation { [self] in
                report(feed, refresher.refresh(feed))
                state.withLock { $0.feeds[feed.name]?.end() }
            }
        }
        return changed
    }
}

/// A feed in use, and what was last seen of its files.
private struct WatchedFeed {
    var feed: Feed
    private let directory: FeedDirectory
    private var stamp: String?
    /// What the state file has said.
    private(set) var lastSeen = FeedState()
    private var nextAttempt: Date?
    /// What a local feed was when it was last asked for, whatever came of that.
    private var asked: String?
    /// A refresh is running, or waits for its turn.
    private var isUnderWay = false
    /// Asked for although it may not be time.
    var isWanted = false

    init(_ feed: Feed, _ directory: FeedDirectory) {
        self.feed = feed
        self.directory = directory
        asked = readState().validators?.etag
    }

    @discardableResult private mutating func readState() -> FeedState {
        stamp = stateStamp
        lastSeen = directory.state()
        nextAttempt = lastSeen.nextAttempt
        return lastSeen
    }

    private var stateStamp: String? { LocalFeed(path: directory.statePath).fingerprint }

    /// Looks at the state file; true when it tells of another copy in force.
    mutating func noticeChange() -> Bool {
        guard stateStamp != stamp else { return false }
        let old = lastSeen.current?.sha256
        return readState().current?.sha256 != old
    }

    func isDue(_ now: Date) -> Bool {
        guard !isUnderWay else { return false }
        // Further away than a feed ever waits: the clock has been set back.
        let latest = FeedSchedule.next(after: now, refreshSeconds: feed.refreshSeconds, failureCount: 0, jitter: 1)
        let isTime = nextAttempt.map { $0 <= now || $0 > latest } ?? true
        return isWanted || isTime || localFingerprint != nil && localFingerprint != asked
    }

    /// A refresh starts.
    mutating func begin() {
        (isUnderWay, isWanted) = (true, false)
        asked = localFingerprint
    }

    /// A refresh has ended. When to ask again is in the state file; where that can't be written, not at once.
    mutating func end() {
        isUnderWay = false
        nextAttempt = FeedSchedule.next(
            after: .now, refreshSeconds: feed.refreshSeconds, failureCount: 1, jitter: .random(in: 0...1))
    }

    private var localFingerprint: String? {
        if case .local(let path) = feed.source { LocalFeed(path: path).fingerprint } else { nil }
    }
}
