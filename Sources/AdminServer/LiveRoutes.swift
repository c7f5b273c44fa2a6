import Dispatch
package import Foundation
package import RecentDecisions
import Route53API

/// What somebody who has signed may do about a feed.
package enum FeedChange: String, Sendable {
    /// Ask its publisher now.
    case refresh
    /// Put the copy in force that is held back.
    case accept
    /// Throw away the copy that is held back, or go back to the one before.
    case rollback
}

/// What those who look on ask of a running server, besides what a `ControlHandler` answers.
package struct LiveInterface: Sendable {
    package var decisions: RecentDecisions
    /// Returns JSON; a `ControlError` says why it can't be done. Called on a queue that it may block.
    package var changeFeed: @Sendable (_ feed: String, FeedChange) throws -> Data

    package init(
        decisions: RecentDecisions, changeFeed: @escaping @Sendable (_ feed: String, FeedChange) throws -> Data
    ) {
        self.decisions = decisions
        self.changeFeed = changeFeed
    }
}

/// The stream of decisions, and what changes something.
struct LiveRoutes: Sendable {
    static let streamPath = "\(ControlRoutes.prefix)stream"
    private static let feedPrefix = "\(ControlRoutes.prefix)feeds/"
    /// What one who comes new is shown at most, unless he asks for less.
    private static let usualRecent = 50

    private let access: AdminServer.Access
    private let live: LiveInterface
    private let queue = DispatchQueue(label: "sekisho.control.changes")

    init(access: AdminServer.Access, live: LiveInterface) {
        self.access = access
        self.live = live
    }

    func stream(_ head: HTTPRequestHead, _ body: Data) -> HTTPReply {
        guard head.method == "GET" else {
            return .whole(.json(405, ControlError("method not allowed"), headers: [("Allow", "GET")]))
        }
        do {
            try access.admit(head, body)
        } catch {
            return .whole(.json(error.status, ControlError(error.message)))
        }
        guard let parameters = QueryParameters(head.query) else {
            return .whole(.json(400, ControlError("the query can't be read")))
        }
        do throws(DecisionFilterError) {
            let filter = try DecisionFilter(parameters.all)
            let recent = parameters["recent"].flatMap { Int($0) } ?? LiveRoutes.usualRecent
            guard let stream = live.decisions.open(filter, recent: recent) else {
                let error = ControlError(
                    "\(RecentDecisions.streamLimit) streams are open, which is as many as there may be")
                return .whole(.json(503, error, headers: [("Retry-After", "5")]))
            }
            return .events(EventStream(decisions: live.decisions, stream: stream))
        } catch {
            return .whole(.json(400, ControlError("\(error)")))
        }
    }

    /// Whether a path is one of a change.
    func isChange(_ head: HTTPRequestHead) -> Bool { head.path.hasPrefix(LiveRoutes.feedPrefix) }

    /// `POST /api/v1/feeds/NAME/accept`: for those alone who sign, so that nobody changes anything by looking on.
    func change(_ head: HTTPRequestHead, _ body: Data) async -> HTTPResponse {
        let words = head.path.dropFirst(LiveRoutes.feedPrefix.count).split(
            separator: "/", omittingEmptySubsequences: false)
        guard words.count == 2, let feed = words[0].removingPercentEncoding,
            let change = FeedChange(rawValue: String(words[1]))
        else {
            return .json(404, ControlError("not found"))
        }
        guard head.method == "POST" else {
            return .json(405, ControlError("method not allowed"), headers: [("Allow", "POST")])
        }
        if let refusal = refusal(head, body) { return refusal }
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: answer(feed, change)) }
        }
    }

    /// A page of somebody else's can make a browser send a form here; it can neither sign nor send this content type.
    private func refusal(_ head: HTTPRequestHead, _ body: Data) -> HTTPResponse? {
        guard case .signed = access else {
            return .json(403, ControlError("this server takes changes only where aws.credentials are set, and signed"))
        }
        guard head.headers["content-type"]?.lowercased().hasPrefix("application/json") == true else {
            return .json(415, ControlError("send application/json"))
        }
        if let origin = head.headers["origin"], !isOwn(origin, head.headers["host"]) {
            return .json(403, ControlError("another origin changes nothing here"))
        }
        do {
            try access.admit(head, body)
            return nil
        } catch {
            return .json(error.status, ControlError(error.message))
        }
    }

    private func isOwn(_ origin: String, _ host: String?) -> Bool {
        guard let host else { return false }
        return ["http://\(host)", "https://\(host)"].contains(origin.lowercased())
    }

    private func answer(_ feed: String, _ change: FeedChange) -> HTTPResponse {
        do {
            return .json(200, body: try live.changeFeed(feed, change))
        } catch let error as ControlError {
            return .json(400, error)
        } catch {
            return .json(500, ControlError("\(error)"))
        }
    }
}
