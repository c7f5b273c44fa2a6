import Dispatch
package import Foundation
import Route53API

/// Answers `GET /api/v1/NAME` with JSON. It is called on a queue that it may block.
package typealias ControlHandler = @Sendable (QueryParameters) throws -> Data

/// What a `ControlHandler` says to who has asked for what there is not; status 400.
package struct ControlError: Error, Sendable, Encodable {
    private let error: String

    package init(_ message: String) { error = message }
}

/// What is found under `/api/v1/`: of this program, not of AWS. Everything here only reads.
struct ControlRoutes: Sendable {
    static let prefix = "/api/v1/"

    private let access: AdminServer.Access
    /// By what stands behind the prefix. Each has a queue of its own, so that one that takes its time keeps no other
    /// waiting.
    private let handlers: [String: (handler: ControlHandler, queue: DispatchQueue)]

    init(access: AdminServer.Access, handlers: [String: ControlHandler]) {
        self.access = access
        self.handlers = Dictionary(
            uniqueKeysWithValues: handlers.map { ($0, ($1, DispatchQueue(label: "sekisho.control.\($0)"))) })
    }

    func respond(to head: HTTPRequestHead, body: Data) async -> HTTPResponse {
        guard let (handler, queue) = handlers[String(head.path.dropFirst(ControlRoutes.prefix.count))] else {
            return .json(404, ControlError("not found"))
        }
        guard head.method == "GET" || head.method == "HEAD" else {
            return .json(405, ControlError("method not allowed"), headers: [("Allow", "GET, HEAD")])
        }
        do {
            try access.admit(head, body)
        } catch {
            return .json(error.status, ControlError(error.message))
        }
        guard let parameters = QueryParameters(head.query) else {
            return .json(400, ControlError("the query can't be read"))
        }
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: answer(handler, parameters)) }
        }
    }

    private func answer(_ handler: ControlHandler, _ parameters: QueryParameters) -> HTTPResponse {
        do {
            return .json(200, body: try handler(parameters))
        } catch let error as ControlError {
            return .json(400, error)
        } catch {
            return .json(500, ControlError("\(error)"))
        }
    }
}

extension AdminServer.Access {
    /// Lets pass who may use the API, and what is under `/api/v1/`.
    func admit(_ head: HTTPRequestHead, _ body: Data) throws(APIError) {
        guard case .signed(let verifier) = self else { return }
        try verifier.verify(
            SignatureVerifier.Request(
                method: head.method, path: head.path, parameters: QueryParameters(head.query)?.all ?? [],
                headers: head.headers, body: body))
    }
}

extension HTTPResponse {
    static func json(
        _ status: Int, _ error: ControlError, headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        // One text: nothing that JSON can't say.
        json(status, body: (try? JSONEncoder().encode(error)) ?? Data("{}".utf8), headers: headers)
    }

    /// What changes from one moment to the next is kept by no cache, and is what it says it is.
    static func json(
        _ status: Int, body: Data, headers: [(name: String, value: String)] = []
    ) -> HTTPResponse {
        let fixed = [
            ("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
        ]
        return HTTPResponse(status: status, headers: fixed + headers, body: body)
    }
}
