package import Foundation
import Synchronization

/// What came of asking a feed's source.
package enum FeedRefresh: Sendable {
    case unchanged
    /// Put in force.
    case taken(FeedCopy)
    case held(HeldCopy)
    /// The copy in force stays.
    case failed(String)
}

/// Fetches feeds, judges what comes, and keeps it in the state directory. It blocks its caller meanwhile.
package final class FeedRefresher: Sendable {
    private let stateDirectory: String
    private let limits: QuarantineLimits
    /// By the names of feeds that block something.
    private let blocking: Set<String>
    private let protected: ProtectedNames
    private let fetcher = FeedFetcher()
    /// One body is judged at a time, since a million names take some memory.
    private let judging = Mutex(())

    /// How many sources are asked at the same time.
    package static let concurrency = 4

    package init(
        stateDirectory: String, limits: QuarantineLimits, blocking: Set<String>, protected: ProtectedNames
    ) {
        self.stateDirectory = stateDirectory
        self.limits = limits
        self.blocking = blocking
        self.protected = protected
    }

    /// Asks the feed's source, and puts what it has in force, or in quarantine.
    package func refresh(_ feed: Feed, at now: Date = .now) -> FeedRefresh {
        let directory = FeedDirectory(stateDirectory: stateDirectory, feed: feed.name)
        let state = directory.state()
        // Without a copy, what was said of one means nothing.
        let validators = state.current == nil && state.held == nil ? nil : state.validators
        do {
            switch try fetcher.fetch(feed, unlike: validators) {
            case .unchanged:
                return try directory.update { state throws(FeedError) in
                    succeed(feed, now, state.validators, &state)
                    return .unchanged
                }
            case .body(let octets, let validators):
                return try judging.withLock { _ throws(FeedError) in
                    try settle(octets, validators, feed, now, directory)
                }
            }
        } catch {
            return fail(error.description, feed, now, directory)
        }
    }

    private func settle(
        _ octets: [UInt8], _ validators: FeedValidators, _ feed: Feed, _ now: Date, _ directory: FeedDirectory
    ) throws(FeedError) -> FeedRefresh {
        try directory.update { state throws(FeedError) in
            let judge = FeedJudge(limits: limits, protected: blocking.contains(feed.name) ? protected : nil)
            let verdict = judge.verdict(on: octets, of: feed, at: now, state: state)
            if case .refused(let reason) = verdict { throw FeedError(reason) }
            succeed(feed, now, validators, &state)
            switch verdict.copy?.sha256 {
            case state.refusedDigest:
                return .unchanged
            case state.current?.sha256:
                directory.drop(&state)
                return .unchanged
            default:
                return try keep(octets, verdict, in: directory, &state)
            }
        }
    }

    private func keep(
        _ octets: [UInt8], _ verdict: FeedVerdict, in directory: FeedDirectory, _ state: inout FeedState
    ) throws(FeedError) -> FeedRefresh {
        switch verdict {
        case .good(let copy):
            try directory.take(octets, copy, &state)
            return .taken(copy)
        case .held(let held):
            try directory.hold(octets, held, &state)
            return .held(held)
        case .refused(let reason):
            throw FeedError(reason)
        }
    }

    private func succeed(_ feed: Feed, _ now: Date, _ validators: FeedValidators?, _ state: inout FeedState) {
        state.validators = validators
        state.lastSuccess = now
        state.failure = nil
        state.failureCount = 0
        schedule(feed, now, &state)
    }

    private func fail(_ reason: String, _ feed: Feed, _ now: Date, _ directory: FeedDirectory) -> FeedRefresh {
        do {
            try directory.update { state throws(FeedError) in
                state.failure = reason
                state.failureCount += 1
                schedule(feed, now, &state)
            }
            return .failed(reason)
        } catch {
            return .failed("\(reason); \(error)")
        }
    }

    private func schedule(_ feed: Feed, _ now: Date, _ state: inout FeedState) {
        state.lastAttempt = now
        state.nextAttempt = FeedSchedule.next(
            after: now, refreshSeconds: feed.refreshSeconds, failureCount: state.failureCount,
            jitter: .random(in: 0...1))
    }
}

extension FeedRefresher {
    /// Refreshes feeds, a few at a time, and returns when all are done.
    /// - Parameter progress: told of each as it is done, by several threads.
    package func refresh(
        _ feeds: [Feed], progress: @escaping @Sendable (Feed, FeedRefresh) -> Void = { _, _ in }
    ) -> [(feed: Feed, result: FeedRefresh)] {
        let results = Mutex<[String: FeedRefresh]>([:])
        let queue = FeedRefresher.makeQueue()
        for feed in feeds {
            queue.addOperation { [self] in
                let result = refresh(feed)
                results.withLock { $0[feed.name] = result }
                progress(feed, result)
            }
        }
        queue.waitUntilAllOperationsAreFinished()
        return results.withLock { results in feeds.map { ($0, results[$0.name] ?? .failed("not asked")) } }
    }

    /// A queue whose threads wait for servers and disks.
    static func makeQueue() -> OperationQueue {
        let queue = OperationQueue()
        queue.name = "sekisho.feeds"
        queue.qualityOfService = .utility
        queue.maxConcurrentOperationCount = concurrency
        return queue
    }
}
