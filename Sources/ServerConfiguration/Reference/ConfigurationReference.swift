/// What `ConfigurationKey.reference` says, as a table in Markdown.
package enum ConfigurationReference {
    /// A row for each key that is no mapping of keys alone, in the order of the table.
    package static var markdown: String {
        let head = "| key | is | value | default | example | change |\n| --- | --- | --- | --- | --- | --- |\n"
        return head
            + ConfigurationKey.allCases.compactMap { key in
                if case .mapping = key.reference.value { nil } else { row(key) }
            }.joined()
    }

    private static func row(_ key: ConfigurationKey) -> String {
        let reference = key.reference
        let cells = [
            "`\(key.path)`", reference.says,
            [kind(of: reference), reference.bounds].compactMap(\.self).joined(separator: "; "),
            standard(of: reference), reference.example.map { "`\($0)`" } ?? "", key.needsRestart ? "restart" : "reload",
        ]
        return "| \(cells.joined(separator: " | ")) |\n"
    }

    private static func kind(of reference: KeyReference) -> String {
        switch reference.value {
        case .number(let range): "\(reference.kind ?? "number"), \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "duration, \(ValueSyntax.spelt(range.lowerBound)) to \(ValueSyntax.spelt(range.upperBound))"
        case .boolean: "`true` or `false`"
        case .choice(let words): alternatives(words.map { "`\($0)`" })
        case .mappings: reference.kind ?? "list of mappings"
        case .pairs(_, .some(let range)): "\(reference.kind ?? "mapping"), \(range.lowerBound) to \(range.upperBound)"
        case .text, .textOrNumber, .texts, .mapping, .namedMappings, .pairs: reference.kind ?? "text"
        }
    }

    private static func alternatives(_ words: [String]) -> String {
        [words.dropLast().joined(separator: ", "), words.last].compactMap(\.self).filter { !$0.isEmpty }
            .joined(separator: " or ")
    }

    private static func standard(of reference: KeyReference) -> String {
        switch reference.standard {
        case .none: "none"
        case .value(let text): "`\(text)`"
        case .words(let text): text
        case .required: "required"
        }
    }
}

extension ConfigurationKey {
    /// With `NAME` where the user's names stand.
    fileprivate var path: String {
        guard let parent else { return rawValue }
        if case .namedMappings = parent.reference.value { return "\(parent.path).NAME.\(name)" }
        return "\(parent.path).\(name)"
    }
}
