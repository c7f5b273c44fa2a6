import Foundation

/// A request's members after validation, or one structure inside it.
struct Input: Sendable {
    let members: [String: Value]

    /// Reads and validates a request body.
    /// - Throws: SerializationException for what is no JSON or has the wrong types; the family's own exception for
    ///   values that the model forbids.
    init(_ body: Data, _ operation: Operation) throws(APIError) {
        // A missing body is an empty object: some clients send none where nothing is required.
        let body = body.isEmpty ? Data("{}".utf8) : body
        let shape = Shape.structure(operation.members)
        let value: Value
        do {
            value = try JSONDecoder().decode(Value.self, from: body, configuration: shape)
        } catch {
            throw APIError(.serialization, SerializationProblem(error).description)
        }
        var violations = Violations()
        violations.check(value, shape, at: "")
        if let message = violations.message {
            // ValidationException has no FieldName.
            let field = operation.family == .resolver ? violations.firstMember : nil
            throw APIError(operation.family.invalid, message, fieldName: field)
        }
        self.init(value)
    }

    /// The members of a structure; none for any other value.
    init(_ value: Value) {
        if case .structure(let members) = value { self.members = members } else { members = [:] }
    }

    func text(_ name: String) -> String? {
        if case .text(let text)? = members[name] { text } else { nil }
    }

    func integer(_ name: String) -> Int? {
        if case .integer(let integer)? = members[name] { integer } else { nil }
    }

    func texts(_ name: String) -> [String]? {
        guard case .list(let values)? = members[name] else { return nil }
        return values.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    func structure(_ name: String) -> Input? { members[name].map(Input.init) }

    func structures(_ name: String) -> [Input]? {
        guard case .list(let values)? = members[name] else { return nil }
        return values.map(Input.init)
    }

    /// A member that the shape requires, so that validation has made sure of it.
    func required<Wanted>(_ name: String, _ read: (Input) -> (String) -> Wanted?) throws(APIError) -> Wanted {
        guard let value = read(self)(name) else {
            throw APIError(.internalServiceError, "member \(name) was not validated")
        }
        return value
    }

    func requiredText(_ name: String) throws(APIError) -> String { try required(name, Input.text) }
}

/// AWS's words for a body that is not the JSON that it should be.
private struct SerializationProblem: CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        guard case DecodingError.typeMismatch(let wanted, let context) = error else {
            description = "The request body is not valid JSON"
            return
        }
        let place = context.codingPath.map { $0.intValue.map { String($0 + 1) } ?? $0.stringValue }
        let type: String
        switch wanted {
        case is String.Type: type = "a String"
        case is Int.Type: type = "an Integer"
        case is [Any].Type: type = "a List"
        default: type = "a Structure"
        }
        description = "The value at '\(place.joined(separator: "."))' can not be converted to \(type)"
    }
}
