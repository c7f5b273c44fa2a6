import SourceFiles
import Yams

/// A template's sections, with the nodes that functions may stand in left as they are.
struct Template {
    var source: TemplateSource
    var parameters: [String: TemplateParameter] = [:]
    var mappings: [String: Node.Mapping] = [:]
    var conditions: [String: Node] = [:]
    /// In the order of the text.
    var resources: [TemplateResource] = []
}

struct TemplateParameter {
    /// `String`, `Number`, `CommaDelimitedList`, `List<Number>`, `AWS::EC2::VPC::Id`, …
    var type: String
    var place: Place
    var standard: TemplateText?
    var allowedValues: [String]?
    var allowedPattern: String?
    var constraintDescription: String?
    var length: ClosedRange<Int>
    var range: ClosedRange<Double>
}

struct TemplateResource {
    var logicalID: String
    /// Where the logical id stands.
    var place: Place
    var type: String
    var typePlace: Place
    var properties: Node?
    var condition: TemplateText?
    var dependsOn: [TemplateText]
}

/// A text and where it stands.
struct TemplateText {
    var value: String
    var place: Place
}

/// What an expression comes to.
struct TemplateValue {
    indirect enum Content {
        case text(String)
        case list([TemplateValue])
        case mapping([TemplateEntry])
        /// `AWS::NoValue`: as if the property had not been given.
        case noValue
        /// A finding has been reported; whatever depends on it is not reported again.
        case unknown
    }

    var content: Content
    var place: Place

    init(_ content: Content, _ place: Place) {
        self.content = content
        self.place = place
    }

    var text: String? { if case .text(let text) = content { text } else { nil } }
    var list: [TemplateValue]? { if case .list(let items) = content { items } else { nil } }
    var isUnknown: Bool { if case .unknown = content { true } else { false } }
    var isNoValue: Bool { if case .noValue = content { true } else { false } }

    /// What it is, for findings.
    var kind: String {
        switch content {
        case .text: "a text"
        case .list: "a list"
        case .mapping: "a mapping"
        case .noValue: "AWS::NoValue"
        case .unknown: "unknown"
        }
    }
}

struct TemplateEntry {
    var key: String
    /// Where the key stands.
    var place: Place
    var value: TemplateValue
}

/// CloudFormation's functions, by their long names.
enum Intrinsic: String, CaseIterable {
    case ref = "Ref"
    case condition = "Condition"
    case getAtt = "Fn::GetAtt"
    case sub = "Fn::Sub"
    case join = "Fn::Join"
    case select = "Fn::Select"
    case split = "Fn::Split"
    case findInMap = "Fn::FindInMap"
    case `if` = "Fn::If"
    case equals = "Fn::Equals"
    case and = "Fn::And"
    case or = "Fn::Or"
    case not = "Fn::Not"
    case importValue = "Fn::ImportValue"
    case base64 = "Fn::Base64"
    case getAZs = "Fn::GetAZs"
    case cidr = "Fn::Cidr"
    case transform = "Fn::Transform"

    /// `!Ref` for `Ref`, `!GetAtt` for `Fn::GetAtt`.
    var shortTag: String { "!\(rawValue.hasPrefix("Fn::") ? rawValue.dropFirst(4) : rawValue[...])" }

    static let shortTags = Dictionary(uniqueKeysWithValues: allCases.map { ($0.shortTag, $0) })

    /// The function that `node` calls and what it is called with: `!Ref x`, or a mapping with that only key.
    ///
    /// `Condition` has no long form outside conditions: there it is an ordinary key.
    static func call(in node: Node) -> (function: String, known: Intrinsic?, argument: Node)? {
        if let function = shortTags[node.tag.rawValue] { return (function.shortTag, function, node.untagged) }
        guard let mapping = node.mapping, mapping.count == 1, let entry = mapping.first,
            let key = entry.key.scalar?.string, key == "Ref" || key == "Condition" || key.hasPrefix("Fn::")
        else { return nil }
        return (key, Intrinsic(rawValue: key), entry.value)
    }
}

extension Node {
    /// The same node without a tag such as `!Sub`, which has been seen to.
    fileprivate var untagged: Node {
        switch self {
        case .scalar(var scalar):
            scalar.tag = .implicit
            return .scalar(scalar)
        case .sequence(var sequence):
            sequence.tag = .implicit
            return .sequence(sequence)
        case .mapping(var mapping):
            mapping.tag = .implicit
            return .mapping(mapping)
        case .alias: return self
        }
    }
}
