import Foundation
import HTTPDownload

/// What a source had to say.
package enum FetchedFeed: Sendable {
    /// Nothing that it had not said before.
    case unchanged
    /// A whole body, unpacked.
    case body([UInt8], FeedValidators)
}

/// Gets a feed from its source, within bounds of size, time and redirections. It blocks its caller meanwhile.
struct FeedFetcher: Sendable {
    private static let redirectionLimit = 5
    /// How long a server may be silent.
    private static let idleSeconds = 30

    /// - Parameter validators: of the body that is known already; nil asks for the body whatever it is.
    func fetch(_ feed: Feed, unlike validators: FeedValidators?) throws(FeedError) -> FetchedFeed {
        let known = validators.flatMap { $0.source == feed.source.description ? $0 : nil }
        switch feed.source {
        case .local(let path): return try LocalFeed(path: path).read(unlike: known, octetLimit: feed.octetLimit)
        case .web(let url): return try fetch(feed, url, known)
        }
    }

    private func fetch(_ feed: Feed, _ url: URL, _ known: FeedValidators?) throws(FeedError) -> FetchedFeed {
        var download = Download(octetLimit: feed.octetLimit)
        if let etag = known?.etag { download.headers.append(("If-None-Match", etag)) }
        if let date = known?.lastModified { download.headers.append(("If-Modified-Since", date)) }
        download.totalSeconds = feed.timeoutSeconds
        download.idleSeconds = min(FeedFetcher.idleSeconds, feed.timeoutSeconds)
        download.redirectionLimit = FeedFetcher.redirectionLimit
        let answer = try FeedFetcher.answer(to: download, url)
        switch answer.status {
        case 200:
            let validators = FeedValidators(
                source: feed.source.description, etag: answer.etag, lastModified: answer.lastModified)
            return .body(answer.octets, validators)
        case 304 where known?.etag != nil || known?.lastModified != nil: return .unchanged
        default: throw FeedError("the server answered \(answer.status)")
        }
    }

    private static func answer(to download: Download, _ url: URL) throws(FeedError) -> Download.Answer {
        do {
            return try download.run(url)
        } catch {
            throw FeedError(error.description)
        }
    }
}
