import Foundation
import FoundationNetworking
import Synchronization

/// What a source had to say.
package enum FetchedFeed: Sendable {
    /// Nothing that it had not said before.
    case unchanged
    /// A whole body, unpacked.
    case body([UInt8], FeedValidators)
}

/// Gets a feed from its source, within bounds of size, time and redirections. It blocks its caller meanwhile.
struct FeedFetcher: Sendable {
    /// How long a server may be silent. Seconds.
    var idleSeconds = 30.0

    /// - Parameter validators: of the body that is known already; nil asks for the body whatever it is.
    func fetch(_ feed: Feed, unlike validators: FeedValidators?) throws(FeedError) -> FetchedFeed {
        let known = validators.flatMap { $0.source == feed.source.description ? $0 : nil }
        switch feed.source {
        case .local(let path): return try LocalFeed(path: path).read(unlike: known, octetLimit: feed.octetLimit)
        case .web(let url): return try fetch(feed, url, known)
        }
    }

    private func fetch(_ feed: Feed, _ url: URL, _ known: FeedValidators?) throws(FeedError) -> FetchedFeed {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = min(idleSeconds, Double(feed.timeoutSeconds))
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        let download = Download(octetLimit: feed.octetLimit)
        let session = URLSession(configuration: configuration, delegate: download, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        var request = URLRequest(url: url)
        request.setValue("sekisho", forHTTPHeaderField: "User-Agent")
        if let etag = known?.etag { request.setValue(etag, forHTTPHeaderField: "If-None-Match") }
        if let date = known?.lastModified { request.setValue(date, forHTTPHeaderField: "If-Modified-Since") }
        session.dataTask(with: request).resume()
        let answer = try download.wait(seconds: feed.timeoutSeconds)
        switch answer.status {
        case 200:
            let validators = FeedValidators(
                source: feed.source.description, etag: answer.etag, lastModified: answer.lastModified)
            return .body(answer.octets, validators)
        case 304 where known?.etag != nil || known?.lastModified != nil: return .unchanged
        default: throw FeedError("the server answered \(answer.status)")
        }
    }
}

/// Collects one response. Redirections are followed to http and https only, never from https to http, and not for ever.
private final class Download: NSObject, URLSessionDataDelegate, Sendable {
    struct Answer {
        var octets: [UInt8] = []
        var status = 0
        var etag: String?
        var lastModified: String?
        /// What the head announced, where nothing was packed.
        var announcedCount: Int?
        var redirections = 0
        var failure: String?
    }

    private static let redirectionLimit = 5
    private let octetLimit: Int
    private let answer = Mutex(Answer())
    private let finished = DispatchSemaphore(value: 0)

    init(octetLimit: Int) { self.octetLimit = octetLimit }

    func wait(seconds: Int) throws(FeedError) -> Answer {
        let isInTime = finished.wait(timeout: .now() + .seconds(seconds)) == .success
        guard isInTime else { throw FeedError("not there after \(seconds) s") }
        let answer = answer.withLock { $0 }
        if let failure = answer.failure { throw FeedError(failure) }
        if let announced = answer.announcedCount, answer.octets.count != announced, answer.status == 200 {
            throw FeedError("only \(answer.octets.count) of \(announced) octets came")
        }
        return answer
    }

    private func fail(_ reason: String) { answer.withLock { $0.failure = $0.failure ?? reason } }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        let count = answer.withLock { answer in
            answer.redirections += 1
            return answer.redirections
        }
        let isDowngrade = response.url?.scheme == "https" && request.url?.scheme != "https"
        if count > Download.redirectionLimit {
            fail("more than \(Download.redirectionLimit) redirections")
        } else if let url = request.url, FeedSource.isWeb(url), !isDowngrade {
            return completionHandler(request)
        } else {
            fail("redirected to \(request.url?.absoluteString ?? "nowhere"), which is not followed")
        }
        completionHandler(nil)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        guard let response = response as? HTTPURLResponse else { return completionHandler(.cancel) }
        let isPacked = response.value(forHTTPHeaderField: "Content-Encoding") != nil
        answer.withLock { answer in
            answer.status = response.statusCode
            answer.etag = response.value(forHTTPHeaderField: "ETag")
            answer.lastModified = response.value(forHTTPHeaderField: "Last-Modified")
            answer.announcedCount =
                isPacked ? nil : response.value(forHTTPHeaderField: "Content-Length").flatMap { Int($0) }
        }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooLarge = answer.withLock { answer in
            guard answer.octets.count + data.count <= octetLimit else { return true }
            answer.octets.append(contentsOf: data)
            return false
        }
        if isTooLarge {
            fail("larger than \(octetLimit >> 20) MiB")
            dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error { fail(Download.reason(error)) }
        finished.signal()
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? URLError)?.code {
        case .cannotFindHost, .dnsLookupFailed: "its host has no address"
        case .cannotConnectToHost: "its host does not take the connection"
        case .timedOut: "its host has stopped answering"
        case .networkConnectionLost: "the connection broke off"
        default: error.localizedDescription
        }
    }
}
