import DNSWire
import Dispatch
import Foundation
import Route53API

/// What is found where.
struct AdminRoutes: Sendable {
    private let access: AdminServer.Access
    private let api: Route53API
    private let isReady: @Sendable () -> Bool
    private let metrics: @Sendable () -> String
    private let control: ControlRoutes
    private let live: LiveRoutes
    /// The store blocks its caller, which threads of Swift's pool are too few for.
    private let queue = DispatchQueue(label: "sekisho.api")

    init(
        access: AdminServer.Access, api: Route53API, isReady: @escaping @Sendable () -> Bool,
        metrics: @escaping @Sendable () -> String, control: [String: ControlHandler],
        live: LiveInterface
    ) {
        self.access = access
        self.api = api
        self.isReady = isReady
        self.metrics = metrics
        self.control = ControlRoutes(access: access, handlers: control)
        self.live = LiveRoutes(access: access, live: live)
    }

    func respond(to head: HTTPRequestHead, body: Data) async -> HTTPReply {
        guard isAddressed(head) else { return .whole(.text(421, "this Host is not served here")) }
        if head.path == LiveRoutes.streamPath { return live.stream(head, body) }
        if live.isChange(head) { return .whole(await live.change(head, body)) }
        if head.path.hasPrefix(ControlRoutes.prefix) { return .whole(await control.respond(to: head, body: body)) }
        return .whole(await answer(head, body))
    }

    private func answer(_ head: HTTPRequestHead, _ body: Data) async -> HTTPResponse {
        switch (head.path, head.method) {
        case ("/", "POST"): return await callAPI(head, body)
        case ("/health", "GET"), ("/health", "HEAD"): return .text(200, "ok")
        case ("/ready", "GET"), ("/ready", "HEAD"): return isReady() ? .text(200, "ready") : .text(503, "not ready")
        case ("/metrics", "GET"), ("/metrics", "HEAD"):
            return HTTPResponse(
                status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
                body: Data(metrics().utf8))
        case ("/health", _), ("/ready", _), ("/metrics", _):
            return .text(405, "method not allowed", headers: [("Allow", "GET, HEAD")])
        default: return page(head)
        }
    }

    private func page(_ head: HTTPRequestHead) -> HTTPResponse {
        guard let page = HTTPResponse(pageAt: head.path) else { return .text(404, "not found") }
        guard ["GET", "HEAD"].contains(head.method) else {
            let methods = head.path == "/" ? "GET, HEAD, POST" : "GET, HEAD"
            return .text(405, "method not allowed", headers: [("Allow", methods)])
        }
        return page
    }

    private func callAPI(_ head: HTTPRequestHead, _ body: Data) async -> HTTPResponse {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: HTTPResponse(apiResponse(head, body))) }
        }
    }

    private func apiResponse(_ head: HTTPRequestHead, _ body: Data) -> APIResponse {
        do {
            try access.admit(head, body)
            return api.respond(to: APIRequest(target: head.headers["x-amz-target"], body: body))
        } catch {
            return APIResponse(error)
        }
    }

    /// A page in a browser can have its own name resolve to a loopback address and so reach what only listens there;
    /// the name in `Host` gives it away. Where everybody or nobody but key holders may come, any name will do.
    private func isAddressed(_ head: HTTPRequestHead) -> Bool {
        guard case .loopback = access else { return true }
        guard let host = head.headers["host"] else { return true }
        let name = host.lowercased().prefix { $0 != ":" }
        return name == "localhost" || name.hasSuffix(".localhost") || Endpoint(host, defaultPort: 0) != nil
    }
}

extension HTTPResponse {
    fileprivate init(_ response: APIResponse) {
        self.init(status: response.status, headers: response.headers, body: response.body)
    }
}
