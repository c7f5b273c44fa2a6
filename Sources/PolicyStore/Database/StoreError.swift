/// Why an operation was refused, in the terms of the API: one case for each exception that the store gives reason for.
///
/// `message` is AWS's sentence with its code in brackets, without a trace id.
package enum StoreError: Error, Equatable, Sendable {
    case notFound(message: String, resourceType: String)
    case validation(message: String)
    case conflict(message: String)
    case limitExceeded(message: String, resourceType: String)
    case accessDenied(message: String)
    case resourceExists(message: String, resourceType: String)
    case resourceInUse(message: String, resourceType: String)
    /// An ARN that names nothing (the policy operations of query logging).
    case unknownResource(message: String)
    case invalidRequest(message: String)
    case invalidParameter(message: String, field: String)
    /// SQLite, the disk, or whoever publishes changes has failed; the text is for the log, not for the client.
    case internalError(String)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let message, _), .validation(let message), .conflict(let message),
            .limitExceeded(let message, _),
            .accessDenied(let message), .resourceExists(let message, _), .resourceInUse(let message, _),
            .unknownResource(let message), .invalidRequest(let message), .invalidParameter(let message, _),
            .internalError(let message):
            message
        }
    }
}
