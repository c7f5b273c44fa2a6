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
    /// The store blocks its caller, which threads of Swift's pool are too few for.
    private let queue = DispatchQueue(label: "sekisho.api")

    init(
        access: AdminServer.Access, api: Route53API, isReady: @escaping @Sendable () -> Bool,
        metrics: @escaping @Sendable () -> String, control: [String: ControlHandler]
    ) {
        self.access = access
        self.api = api
        self.isReady = isReady
        self.metrics = metrics
        self.control = ControlRoutes(access: access, handlers: control)
    }

    func respond(to head: HTTPRequestHead, body: Data) async -> HTTPResponse {
        guard isAddressed(head) else { return .text(421, "this Host is not served here") }
        if head.path.hasPrefix(ControlRoutes.prefix) { return await control.respond(to: head, body: body) }
        switch (head.path, head.method) {
        case ("/", "POST"): return await callAPI(head, body)
        case ("/health", "GET"), ("/health", "HEAD"): return .text(200, "ok")
        case ("/ready", "GET"), ("/ready", "HEAD"): return isReady() ? .text(200, "ready") : .text(503, "not ready")
        case ("/metrics", "GET"), ("/metrics", "HEAD"):
            return HTTPResponse(
                status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
                body: Data(metrics().utf8))
        case ("/", _): return .text(405, "method not allowed", headers: [("Allow", "POST")])
        case ("/health", _), ("/ready", _), ("/metrics", _):
            return .text(405, "method not allowed", headers: [("Allow", "GET, HEAD")])
        default: return .text(404, "not found")
        }
    }

    private func callAPI(_ head: HTTPRequestHead, _ body: Data) async -> HTTPResponse {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: HTTPResponse(answer(head, body))) }
        }
    }

    private func answer(_ head: HTTPRequestHead, _ body: Data) -> APIResponse {
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
