package import Foundation

/// What is known of a feed's copies, and of how fetching them went: `state.json` in the feed's folder.
package struct FeedState: Codable, Sendable, Equatable {
    /// The copy in force.
    package var current: FeedCopy?
    /// The one that was in force before it.
    package var previous: FeedCopy?
    /// One that is not in force until somebody has looked at it.
    package var held: HeldCopy?
    /// What the source said of the last body that was looked at.
    package var validators: FeedValidators?
    package var lastAttempt: Date?
    /// When the source last had a copy that could be taken, or said that nothing has changed.
    package var lastSuccess: Date?
    package var nextAttempt: Date?
    /// Why the last attempt failed; nil when it did not.
    package var failure: String?
    /// Attempts that failed since the last one that did not.
    package var failureCount = 0
    /// Protected names that the feed may block, because somebody has accepted a copy that does.
    package var acceptedNames: [String] = []
    /// The SHA-256 of a copy that somebody has thrown away; it is not taken again.
    package var refusedDigest: String?

    package init() {}
}

/// One copy of a feed.
package struct FeedCopy: Codable, Sendable, Equatable {
    /// The URL or path that it came from.
    package var source: String
    package var fetched: Date
    /// 64 hexadecimal digits in lower case.
    package var sha256: String
    package var octetCount: Int
    /// Names, and addresses where there are any.
    package var entryCount: Int
    /// Lines and words that gave no entry.
    package var skippedCount: Int
}

/// A copy in quarantine.
package struct HeldCopy: Codable, Sendable, Equatable {
    package var copy: FeedCopy
    /// Why, one sentence each; never empty.
    package var reasons: [String]
    /// Protected names that it would block.
    package var protectedNames: [String]
}

/// By what a source knows whether it has something new.
package struct FeedValidators: Codable, Sendable, Equatable {
    /// Whose they are: another URL is asked without them.
    package var source: String
    /// For files, what `stat` says of them.
    package var etag: String?
    package var lastModified: String?

    package init(source: String, etag: String? = nil, lastModified: String? = nil) {
        self.source = source
        self.etag = etag
        self.lastModified = lastModified
    }
}

/// When a feed is asked again.
package enum FeedSchedule {
    private static let firstRetrySeconds = 30.0

    /// After a success in the feed's own time, give or take a tenth; after failures in half a minute, doubled with each
    /// one up to the feed's own time, and up to half of it earlier: servers that were down are not asked by everybody at
    /// the same moment.
    /// - Parameter jitter: 0 to 1, random.
    package static func next(after now: Date, refreshSeconds: Int, failureCount: Int, jitter: Double) -> Date {
        let usual = Double(refreshSeconds)
        guard failureCount > 0 else { return now + usual * (0.9 + 0.2 * jitter) }
        let doubled = firstRetrySeconds * exp2(Double(min(failureCount - 1, 20)))
        return now + min(doubled, usual) * (0.5 + 0.5 * jitter)
    }
}
