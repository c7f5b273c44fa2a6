import Dispatch
package import Foundation
package import PolicyStore

/// # Route53API
/// Amazon Route 53 Resolver's operations in JSON 1.1: decode, validate, call the store, encode; and SigV4.
/// - Touches: the store; for ImportFirewallDomains the file source that it is given. No sockets of its own.
/// - Threads: `respond(to:)` may be called from any thread and blocks it for as long as the store works; one call is
///   answered after the other. Files are read on a queue of their own.
/// - Costs: a request costs its size and one transaction of the store; a list operation reads all of its kind.

/// What there is to answer: header `X-Amz-Target` and the body of `POST /`.
package struct APIRequest: Sendable {
    package var target: String?
    package var body: Data

    package init(target: String?, body: Data) {
        self.target = target
        self.body = body
    }
}

package struct APIResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: Data
}

/// The API without its transport.
package struct Route53API: Sendable {
    let store: ResolverStore
    let importer: DomainImporter
    /// One user of the store at a time, be it a call or the end of an import: so no call sees what has been committed and
    /// is not in force yet.
    private let turns = DispatchQueue(label: "sekisho.store")

    /// - Parameters:
    ///   - domainFiles: where ImportFirewallDomains finds files; asked in order.
    ///   - reportInternalError: hears what clients are not told: the text of an internal error.
    package init(
        store: ResolverStore, domainFiles: [any DomainFileSource] = [],
        reportInternalError: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.store = store
        self.reportInternalError = reportInternalError
        importer = DomainImporter(store: store, sources: domainFiles, turns: turns, report: reportInternalError)
    }

    private let reportInternalError: @Sendable (String) -> Void

    package func respond(to request: APIRequest) -> APIResponse {
        turns.sync {
            do throws(APIError) {
                return APIResponse(encoding: try perform(request))
            } catch {
                if let reason = error.internalReason { reportInternalError(reason) }
                return APIResponse(error)
            }
        }
    }

    private func perform(_ request: APIRequest) throws(APIError) -> Value {
        // `Route53Resolver.CreateFirewallRule`; the prefix does not matter.
        let name = request.target?.split(separator: ".", omittingEmptySubsequences: false).last.map(String.init)
        guard let operation = name.flatMap({ Operation.all[$0] }) else {
            throw APIError(.unknownOperation, "The requested operation is not recognized by the service.")
        }
        let input = try Input(request.body, operation)
        return try operation.perform(self, Call(operation: operation, input: input))
    }
}
