import PolicyStore

/// An exception of the API: what `__type`, `Message` and the modelled extras say.
package struct APIError: Error, Sendable, Equatable {
    package var code: Code
    package var message: String
    package var resourceType: String?
    package var fieldName: String?
    /// What clients are not told; for the log.
    var internalReason: String?

    package init(_ code: Code, _ message: String, resourceType: String? = nil, fieldName: String? = nil) {
        self.code = code
        self.message = message
        self.resourceType = resourceType
        self.fieldName = fieldName
    }

    /// 400 for whatever the service answers, 403 for whom it does not know.
    package var status: Int { code.isAuthentication ? 403 : 400 }
}

extension APIError {
    /// The names of the model, and of those errors that every AWS service has.
    package enum Code: String, Sendable {
        case accessDenied = "AccessDeniedException"
        case conflict = "ConflictException"
        case internalServiceError = "InternalServiceErrorException"
        case invalidNextToken = "InvalidNextTokenException"
        case invalidParameter = "InvalidParameterException"
        case invalidPolicyDocument = "InvalidPolicyDocument"
        case invalidRequest = "InvalidRequestException"
        case invalidTag = "InvalidTagException"
        case limitExceeded = "LimitExceededException"
        case resourceExists = "ResourceExistsException"
        case resourceInUse = "ResourceInUseException"
        case resourceNotFound = "ResourceNotFoundException"
        case unknownResource = "UnknownResourceException"
        case validation = "ValidationException"

        case serialization = "SerializationException"
        case unknownOperation = "UnknownOperationException"

        case incompleteSignature = "IncompleteSignatureException"
        case invalidSignature = "InvalidSignatureException"
        case missingAuthenticationToken = "MissingAuthenticationTokenException"
        case unrecognizedClient = "UnrecognizedClientException"

        var isAuthentication: Bool {
            switch self {
            case .incompleteSignature, .invalidSignature, .missingAuthenticationToken, .unrecognizedClient: true
            default: false
            }
        }
    }
}

extension APIError {
    init(_ error: StoreError) {
        switch error {
        case .notFound(let message, let type): self.init(.resourceNotFound, message, resourceType: type)
        case .validation(let message): self.init(.validation, message)
        case .conflict(let message): self.init(.conflict, message)
        case .limitExceeded(let message, let type): self.init(.limitExceeded, message, resourceType: type)
        case .accessDenied(let message): self.init(.accessDenied, message)
        case .resourceExists(let message, let type): self.init(.resourceExists, message, resourceType: type)
        case .resourceInUse(let message, let type): self.init(.resourceInUse, message, resourceType: type)
        case .unknownResource(let message): self.init(.unknownResource, message)
        case .invalidRequest(let message): self.init(.invalidRequest, message)
        case .invalidParameter(let message, let field): self.init(.invalidParameter, message, fieldName: field)
        case .internalError(let reason):
            self.init(.internalServiceError, "We encountered an internal error. Please try again.")
            internalReason = reason
        }
    }
}

/// Runs an operation of the store and turns what it throws into the API's exception.
func stored<Result>(_ body: () throws(StoreError) -> Result) throws(APIError) -> Result {
    do {
        return try body()
    } catch {
        throw APIError(error)
    }
}
