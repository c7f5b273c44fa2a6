/// What `ConfigurationKey.reference` says, as a JSON Schema (draft 2020-12) for editors.
package enum ConfigurationSchema {
    package static var text: String {
        var schema: Members = [
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            ("title", .text("sekisho.yaml")),
            (
                "description",
                .text(
                    "Configuration of the Sekisho DNS firewall. Every key is optional; paths are relative to the file.")
            ),
        ]
        schema += mapping(of: ConfigurationKey.allCases.filter { $0.parent == nil })
        schema.append(("$defs", .object(definitions)))
        return SchemaNode.object(schema).printed(indentedBy: 0) + "\n"
    }

    private static let definitions: Members = [
        ("text", .object([("type", .types("string", "null")), ("minLength", .literal("1"))])),
        (
            "texts",
            .object([
                ("description", .text("A list; one value may stand without its brackets.")),
                ("type", .types("array", "string", "null")),
                ("items", .object([("type", .text("string")), ("minLength", .literal("1"))])),
                ("minLength", .literal("1")),
            ])
        ),
        (
            "duration",
            .object([
                ("description", .text("Seconds, or a number with s, m, h, d or w; at most a week.")),
                ("type", .types("integer", "string", "null")),
                ("minimum", .literal("0")), ("maximum", .literal("\(ValueSyntax.secondsLimit)")),
                ("pattern", .text("^[0-9]+[smhdw]?$")),
            ])
        ),
    ]

    /// A mapping with these keys and no other.
    private static func mapping(of keys: [ConfigurationKey], orNull: Bool = true) -> Members {
        let required = keys.filter { $0.reference.standard == .required }.map { SchemaNode.text(String($0.name)) }
        return [
            ("type", orNull ? .types("object", "null") : .text("object")), ("additionalProperties", .literal("false")),
        ]
            + (required.isEmpty ? [] : [("required", .list(required))])
            + [("properties", .object(keys.map { (String($0.name), .object(property($0))) }))]
    }

    private static func property(_ key: ConfigurationKey) -> Members {
        let reference = key.reference
        let description = [reference.says, bounds(of: reference), change(of: key)].compactMap(\.self)
        // A key without a value counts as not given.
        let isNeeded: Members = reference.standard == .required ? [("not", .object([("type", .text("null"))]))] : []
        return [("description", .text(description.joined(separator: " ")))] + value(of: key) + isNeeded
            + (standard(of: reference).map { [("default", $0)] } ?? [])
            + (example(of: reference).map { [("examples", .list([$0]))] } ?? [])
    }

    private static func bounds(of reference: KeyReference) -> String? {
        guard case .duration(let range) = reference.value else { return nil }
        return "\(ValueSyntax.spelt(range.lowerBound)) to \(ValueSyntax.spelt(range.upperBound))."
    }

    private static func change(of key: ConfigurationKey) -> String? {
        key.needsRestart ? "Changing it needs a restart." : nil
    }

    private static func value(of key: ConfigurationKey) -> Members {
        switch key.reference.value {
        case .number(let range): [("type", .types("integer", "null"))] + bounds(range)
        case .duration(let range): [definition("duration")] + bounds(range)
        case .boolean: [("type", .types("boolean", "null"))]
        case .choice(let words): [("enum", .list(words.map(SchemaNode.text) + [.literal("null")]))]
        case .text(let pattern): [definition("text")] + (pattern.map { [("pattern", .text($0))] } ?? [])
        case .textOrNumber: [("type", .types("string", "integer", "null"))]
        case .texts(let least, let most):
            [definition("texts")] + (least.lowerBound == 0 ? [] : [("minItems", .literal("\(least.lowerBound)"))])
                + (most.map { [("maxItems", .literal("\($0)"))] } ?? [])
        case .mapping: mapping(of: key.parts)
        case .mappings(let orText): mappings(of: key.parts, orText: orText)
        case .namedMappings(let names):
            [("type", .types("object", "null"))] + propertyNames(names)
                + [("additionalProperties", .object(mapping(of: key.parts)))]
        case .pairs(let names, let range):
            [("type", .types("object", "null"))] + propertyNames(names)
                + [
                    (
                        "additionalProperties",
                        .object(range.map { [("type", .text("integer"))] + bounds($0) } ?? [scalar])
                    )
                ]
        }
    }

    private static let scalar = ("type", SchemaNode.types("string", "number", "boolean"))

    /// In a list, or one alone.
    private static func mappings(of keys: [ConfigurationKey], orText: Bool) -> Members {
        let mapping = SchemaNode.object(mapping(of: keys, orNull: false))
        let one = orText ? [.object([("type", .text("string")), ("minLength", .literal("1"))]), mapping] : [mapping]
        let list = SchemaNode.object([
            ("type", .text("array")), ("items", orText ? .object([("anyOf", .list(one))]) : mapping),
        ])
        return [("anyOf", .list([.object([("type", .text("null"))])] + one + [list]))]
    }

    private static func bounds(_ range: ClosedRange<Int>) -> Members {
        [("minimum", .literal("\(range.lowerBound)")), ("maximum", .literal("\(range.upperBound)"))]
    }

    private static func propertyNames(_ names: KeyReference.Names) -> Members {
        switch names {
        case .any: []
        case .listed(let names): [("propertyNames", .object([("enum", .list(names.map(SchemaNode.text)))]))]
        case .matching(let pattern): [("propertyNames", .object([("pattern", .text(pattern))]))]
        }
    }

    private static func definition(_ name: String) -> (String, SchemaNode) { ("$ref", .text("#/$defs/\(name)")) }

    private static func standard(of reference: KeyReference) -> SchemaNode? {
        guard case .value(let text) = reference.standard else { return nil }
        return node(text, of: reference.value)
    }

    private static func example(of reference: KeyReference) -> SchemaNode? {
        if case .pairs = reference.value { return nil }
        return reference.example.map { node($0, of: reference.value) }
    }

    /// A value as it would be written in YAML. The lists of the table are JSON as well.
    private static func node(_ text: String, of value: KeyReference.Value) -> SchemaNode {
        switch value {
        case .number, .boolean: .literal(text)
        case .texts where text.hasPrefix("["): .literal(text)
        default: .text(text)
        }
    }
}

/// The members of a JSON object, in order.
private typealias Members = [(name: String, value: SchemaNode)]

/// A JSON value that keeps the order of its members.
private indirect enum SchemaNode: Sendable {
    case object(Members)
    case list([SchemaNode])
    case text(String)
    /// JSON as it stands.
    case literal(String)

    static func types(_ names: String...) -> SchemaNode { .list(names.map(SchemaNode.text)) }

    /// In one line where there is room.
    func printed(indentedBy indentation: Int) -> String {
        let line = inOneLine
        if indentation > 0, indentation + line.count <= 110 { return line }
        let inner = indentation + 2
        let parts: [String]
        switch self {
        case .object(let members): parts = members.map { "\"\($0.name)\": \($0.value.printed(indentedBy: inner))" }
        case .list(let values): parts = values.map { $0.printed(indentedBy: inner) }
        case .text, .literal: return line
        }
        let (opening, closing) = if case .object = self { ("{", "}") } else { ("[", "]") }
        let margin = "\n" + String(repeating: " ", count: inner)
        return opening + margin + parts.joined(separator: "," + margin) + margin.dropLast(2) + closing
    }

    private var inOneLine: String {
        switch self {
        case .object(let members):
            "{ " + members.map { "\"\($0.name)\": \($0.value.inOneLine)" }.joined(separator: ", ") + " }"
        case .list(let values): "[" + values.map(\.inOneLine).joined(separator: ", ") + "]"
        case .text(let text):
            "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        case .literal(let json): json
        }
    }
}
