/// What is wrong with a request's values, in the text of AWS's validation framework.
struct Violations {
    /// More would tell nobody anything, and a request chooses how many there are.
    private static let limit = 10
    private static let shownLength = 512

    private var texts: [String] = []
    /// The path of the first one.
    private(set) var firstMember: String?

    /// `2 validation errors detected: Value …; Value …`; nil when there are none.
    var message: String? {
        guard !texts.isEmpty else { return nil }
        let noun = texts.count == 1 ? "error" : "errors"
        return "\(texts.count) validation \(noun) detected: \(texts.joined(separator: "; "))"
    }

    mutating func check(_ value: Value, _ shape: Shape, at path: String) {
        guard texts.count < Violations.limit else { return }
        switch (value, shape) {
        case (.text(let text), .text(let length, let isName)):
            checkLength(text.utf16.count, length, value: text, at: path)
            if isName, !Violations.isName(text) {
                let pattern = #"(?!^[0-9]+$)([a-zA-Z0-9\-_' ']+)"#
                add(text, at: path, "Member must satisfy regular expression pattern: \(pattern)")
            }
        case (.text(let text), .choice(let choices)):
            if !choices.contains(text) {
                add(text, at: path, "Member must satisfy enum value set: [\(choices.joined(separator: ", "))]")
            }
        case (.integer(let integer), .integer(let range?)):
            if integer < range.lowerBound {
                add("\(integer)", at: path, "Member must have value greater than or equal to \(range.lowerBound)")
            } else if integer > range.upperBound {
                add("\(integer)", at: path, "Member must have value less than or equal to \(range.upperBound)")
            }
        case (.list(let values), .list(let element, let count)):
            checkLength(values.count, count, value: "[…]", at: path)
            for (index, value) in values.enumerated() { check(value, element, at: "\(path).\(index + 1).member") }
        case (.structure(let values), .structure(let members)):
            for member in members { check(values[member.name], member, at: path) }
        default: break
        }
    }

    private mutating func check(_ value: Value?, _ member: Member, at path: String) {
        let path = (path.isEmpty ? "" : path + ".") + member.name.prefix(1).lowercased() + member.name.dropFirst()
        if let value {
            check(value, member.shape, at: path)
        } else if member.isRequired {
            add(nil, at: path, "Member must not be null")
        }
    }

    private mutating func checkLength(_ length: Int, _ range: ClosedRange<Int>, value: String, at path: String) {
        if length < range.lowerBound {
            add(value, at: path, "Member must have length greater than or equal to \(range.lowerBound)")
        } else if length > range.upperBound {
            add(value, at: path, "Member must have length less than or equal to \(range.upperBound)")
        }
    }

    private mutating func add(_ value: String?, at path: String, _ constraint: String) {
        let shown = value.map { "'\($0.prefix(Violations.shownLength))'" } ?? "null"
        texts.append("Value \(shown) at '\(path)' failed to satisfy constraint: \(constraint)")
        firstMember = firstMember ?? path
    }

    /// Letters, digits, hyphen, underscore, apostrophe and space; not digits only.
    private static func isName(_ text: String) -> Bool {
        let isAllowed = text.utf8.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "'"), UInt8(ascii: " "): true
            default: false
            }
        }
        return isAllowed && !text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
