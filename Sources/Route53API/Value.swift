import Foundation

/// A JSON value whose type is the one its shape asks for.
enum Value: Sendable, Equatable {
    case text(String)
    case integer(Int)
    case boolean(Bool)
    case list([Value])
    case structure([String: Value])

    /// A structure of the members that are present: AWS omits absent members.
    static func members(_ members: KeyValuePairs<String, Value?>) -> Value {
        .structure(
            members.reduce(into: [:]) { present, member in
                if let value = member.value { present[member.key] = value }
            })
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
    init(stringLiteral value: String) { self = .text(value) }

    init(dictionaryLiteral elements: (String, Value)...) {
        self = .structure(Dictionary(uniqueKeysWithValues: elements))
    }
}

extension String {
    var value: Value { .text(self) }
}

extension Int {
    var value: Value { .integer(self) }
}

private struct MemberKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Value: DecodableWithConfiguration {
    /// Reads what the shape names and no more: unknown members are skipped, null is the same as absent.
    init(from decoder: any Decoder, configuration shape: Shape) throws {
        switch shape {
        case .text, .choice:
            self = .text(try decoder.singleValueContainer().decode(String.self))
        case .integer:
            self = .integer(try decoder.singleValueContainer().decode(Int.self))
        case .list(let element, _):
            var container = try decoder.unkeyedContainer()
            var values: [Value] = []
            while !container.isAtEnd { values.append(try container.decode(Value.self, configuration: element)) }
            self = .list(values)
        case .structure(let members):
            let container = try decoder.container(keyedBy: MemberKey.self)
            var values: [String: Value] = [:]
            for member in members {
                let key = MemberKey(stringValue: member.name)
                // `decodeIfPresent` with a configuration takes null for a value.
                guard container.contains(key), try !container.decodeNil(forKey: key) else { continue }
                values[member.name] = try container.decode(Value.self, forKey: key, configuration: member.shape)
            }
            self = .structure(values)
        }
    }
}

extension Value: Encodable {
    func encode(to encoder: any Encoder) throws {
        switch self {
        case .text(let text):
            var container = encoder.singleValueContainer()
            try container.encode(text)
        case .integer(let integer):
            var container = encoder.singleValueContainer()
            try container.encode(integer)
        case .boolean(let boolean):
            var container = encoder.singleValueContainer()
            try container.encode(boolean)
        case .list(let values):
            var container = encoder.unkeyedContainer()
            for value in values { try container.encode(value) }
        case .structure(let members):
            var container = encoder.container(keyedBy: MemberKey.self)
            for (name, value) in members { try container.encode(value, forKey: MemberKey(stringValue: name)) }
        }
    }
}
