package import Foundation

/// A list of names that somebody publishes, and how it is fetched.
package struct Feed: Sendable, Equatable {
    /// What `feed:NAME` calls it: digits, lower-case letters and hyphens, so that it can be a folder's name.
    package var name: String
    package var source: FeedSource
    /// How it is written; nil leaves that to what it holds.
    package var format: ListFormat?
    /// How often its publisher is asked. Seconds. Local files are watched instead.
    package var refreshSeconds: Int
    /// The SHA-256 that a copy must have, 64 hexadecimal digits in lower case. Nil takes any.
    package var sha256: String?
    /// No copy may be larger. Octets, unpacked.
    package var octetLimit: Int
    /// How long fetching may take in all. Seconds.
    package var timeoutSeconds: Int
    /// What the catalogue says of it; nil for a feed of the user's own.
    package var facts: FeedFacts?

    package static let standardRefreshSeconds = 86_400
    package static let standardOctetLimit = 128 << 20
    package static let standardTimeoutSeconds = 120

    package init(
        name: String, source: FeedSource, format: ListFormat? = nil, refreshSeconds: Int = standardRefreshSeconds,
        sha256: String? = nil, octetLimit: Int = standardOctetLimit, timeoutSeconds: Int = standardTimeoutSeconds,
        facts: FeedFacts? = nil
    ) {
        self.name = name
        self.source = source
        self.format = format
        self.refreshSeconds = refreshSeconds
        self.sha256 = sha256
        self.octetLimit = octetLimit
        self.timeoutSeconds = timeoutSeconds
        self.facts = facts
    }

    /// Whether `text` may be a feed's name.
    package static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.first != "-"
            && text.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 || $0 == 0x2D }
    }
}

/// What is known of a public feed.
package struct FeedFacts: Sendable, Equatable {
    package var category: String
    package var licence: String
    /// The managed list of AWS that it can stand in for.
    package var managedList: String?
}

/// Where a feed comes from.
package enum FeedSource: Sendable, Equatable {
    /// `http` or `https`.
    case web(URL)
    /// An absolute path of a file, or of a folder whose files make up the feed.
    case local(path: String)

    /// Takes `https://…`, `http://…`, `file:///path` and `file:path`; nil for anything else.
    /// - Parameter resolve: makes a path absolute.
    package init?(_ text: String, resolve: (String) -> String = { $0 }) {
        if text.hasPrefix("file:") {
            let path = text.dropFirst(text.hasPrefix("file://") ? 7 : 5)
            guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
            self = .local(path: resolve(String(path)))
            return
        }
        guard let url = URL(string: text), FeedSource.isWeb(url) else { return nil }
        self = .web(url)
    }

    /// Whether `url` can be asked: with a host, and without a user, whose password would show up in every log.
    static func isWeb(_ url: URL) -> Bool {
        ["http", "https"].contains(url.scheme?.lowercased()) && url.host?.isEmpty == false && url.user == nil
    }

    /// What the file or folder is called there: its ending may tell the format.
    package var fileName: String {
        switch self {
        case .web(let url): url.lastPathComponent
        case .local(let path): path.split(separator: "/").last.map(String.init) ?? path
        }
    }

    /// The host that is asked; nil for files.
    package var host: String? {
        if case .web(let url) = self { url.host?.lowercased() } else { nil }
    }
}

extension FeedSource: CustomStringConvertible {
    package var description: String {
        switch self {
        case .web(let url): url.absoluteString
        case .local(let path): "file:\(path)"
        }
    }
}
