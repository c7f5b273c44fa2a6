/// What the documentation and the JSON Schema say of a key.
///
/// The checker takes its ranges from here; tests hold the rest against what it does.
package struct KeyReference: Sendable {
    /// What stands behind the key.
    package enum Value: Sendable {
        /// A whole number.
        case number(ClosedRange<Int>)
        /// In seconds.
        case duration(ClosedRange<Int>)
        case boolean
        /// One of these words.
        case choice([String])
        /// With a pattern as JSON Schema has them, if there is one.
        case text(pattern: String? = nil)
        case textOrNumber
        /// So many texts. One of them may stand alone.
        case texts(PartialRangeFrom<Int>, atMost: Int? = nil)
        /// Of keys in this table.
        case mapping
        /// Any number of those, in a list or one alone, each a text in its place if `orText`.
        case mappings(orText: Bool = false)
        /// Of the user's names to mappings of keys in this table.
        case namedMappings(Names)
        /// Of the user's names to numbers in a range, or to texts.
        case pairs(Names, ClosedRange<Int>? = nil)
    }

    /// What the names in a mapping may be.
    package enum Names: Sendable {
        case any
        case listed([String])
        case matching(pattern: String)
    }

    /// What holds where the key is not given.
    package enum Standard: Sendable, Equatable {
        case none
        /// As it would be written.
        case value(String)
        /// What no value says.
        case words(String)
        /// Nothing: the mapping that lacks the key is refused.
        case required
    }

    package let value: Value
    /// One sentence or two.
    package let says: String
    /// What kind of value it is, where `value` does not tell.
    package let kind: String?
    /// What else must be so.
    package let bounds: String?
    package let standard: Standard
    /// A value as it would be written; nil for mappings.
    package let example: String?

    init(
        _ value: Value, _ says: String, kind: String? = nil, bounds: String? = nil, standard: Standard = .none,
        example: String? = nil
    ) {
        self.value = value
        self.says = says
        self.kind = kind
        self.bounds = bounds
        self.standard = standard
        self.example = example
    }
}

extension KeyReference.Value {
    /// One of an enum's raw values.
    static func choice<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> Self {
        .choice(type.allCases.map(\.rawValue))
    }
}

extension ConfigurationKey {
    /// The numbers, or seconds, that its value may be.
    var range: ClosedRange<Int> {
        switch reference.value {
        case .number(let range), .duration(let range), .pairs(_, .some(let range)): range
        default: preconditionFailure("\(rawValue) is no number")
        }
    }

    /// Whether a reload only warns that it has changed.
    package var needsRestart: Bool {
        switch root {
        case .listen, .workers, .user, .upstreamCaseRandomization, .upstreamCookies, .cache, .limits, .stateDirectory,
            .admin, .aws, .queryLog:
            true
        default: false
        }
    }

    private var root: ConfigurationKey { parent?.root ?? self }

    /// The keys of the mapping that it holds.
    package var parts: [ConfigurationKey] { ConfigurationKey.allCases.filter { $0.parent == self } }
}
