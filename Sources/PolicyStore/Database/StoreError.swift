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
