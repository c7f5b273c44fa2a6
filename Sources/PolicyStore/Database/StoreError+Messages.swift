// Sentences that more than one operation says. Codes in brackets are AWS's, where its sentence is known.

extension StoreError {
    static func unknownID(_ id: String, _ kind: String) -> StoreError {
        .notFound(message: "[RSLVR-02025] Can’t find the resource with ID \"\(id)\".", resourceType: kind)
    }

    static func unknownARN(_ arn: String) -> StoreError {
        .unknownResource(message: "Can’t find the resource \"\(arn)\", or it has no policy.")
    }

    static func quota(_ limit: Int, of what: String, _ kind: String) -> StoreError {
        .limitExceeded(message: "The limit of \(limit) \(what) has been reached.", resourceType: kind)
    }

    /// A write to an object that is not the API's.
    static func readOnly(_ id: String, _ origin: RecordOrigin) -> StoreError {
        switch origin {
        case .template(let file):
            .accessDenied(message: "\(id) comes from the template \(file) and can be changed only there.")
        case .managed, .api:
            .accessDenied(
                message: "\(id) is a managed domain list: it can't be changed, and its domains can't be listed.")
        }
    }
}
