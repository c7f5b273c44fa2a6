import DomainFeeds
import Foundation
import TestSupport

/// A state directory of one test, and what it takes to refresh feeds there.
final class FeedFolder {
    let path = FileManager.default.temporaryDirectory.appending(path: "feeds-\(UUID().uuidString)").path
    var limits = QuarantineLimits()
    var protected = ProtectedNames()
    var blocking: Set<String> = ["mine"]

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var directory: FeedDirectory { FeedDirectory(stateDirectory: path, feed: "mine") }
    var state: FeedState { directory.state() }

    /// The copy in force; nil without one.
    var current: String? {
        FileManager.default.contents(atPath: directory.currentPath).map { String(decoding: $0, as: UTF8.self) }
    }

    var refresher: FeedRefresher {
        FeedRefresher(stateDirectory: path, limits: limits, blocking: blocking, protected: protected)
    }

    func refresh(_ feed: Feed, at now: Date = .now) -> FeedRefresh { refresher.refresh(feed, at: now) }

    /// Refreshes the feed `mine` from a server's `/list`.
    func refresh(_ server: FeedServer, change: (inout Feed) -> Void = { _ in }) -> FeedRefresh {
        var feed = webFeed(server.url("/list"))
        change(&feed)
        return refresh(feed)
    }
}

/// The feed `mine`, which gives up early.
func webFeed(_ url: String) -> Feed {
    Feed(name: "mine", source: FeedSource(url)!, octetLimit: 1 << 20, timeoutSeconds: 2)
}

/// A plain list of so many names, `PREFIX0.example` and so on.
func list(_ count: Int, _ prefix: String = "name") -> String {
    (0..<count).map { "\(prefix)\($0).example\n" }.joined()
}

extension FeedRefresh {
    var takenCount: Int? { if case .taken(let copy) = self { copy.entryCount } else { nil } }
    var reasons: [String]? { if case .held(let held) = self { held.reasons } else { nil } }
    var failure: String? { if case .failed(let reason) = self { reason } else { nil } }
    var isUnchanged: Bool { if case .unchanged = self { true } else { false } }
}
