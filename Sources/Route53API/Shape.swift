/// What a member of a request may hold: AWS's service model (2018-04-01), as far as a server has to enforce it.
///
/// SDKs check presence, type and minimum only; the rest is left to the server.
indirect enum Shape: Sendable {
    /// Length in UTF-16 code units, as AWS counts.
    case text(length: ClosedRange<Int>, isName: Bool = false)
    /// One of the named values.
    case choice([String])
    case integer(ClosedRange<Int>? = nil)
    case list(of: Shape, count: ClosedRange<Int> = 0...Int.max)
    case structure([Member])

    /// Like `.text`, with the Name pattern.
    static func name(minimum: Int = 0) -> Shape { .text(length: minimum...64, isName: true) }
}

/// A named member of a structure.
struct Member: Sendable {
    var name: String
    var shape: Shape
    var isRequired: Bool

    static func required(_ name: String, _ shape: Shape) -> Member {
        Member(name: name, shape: shape, isRequired: true)
    }

    static func optional(_ name: String, _ shape: Shape) -> Member {
        Member(name: name, shape: shape, isRequired: false)
    }
}

/// The shapes that several operations share, under the model's names.
extension Shape {
    static let resourceID = Shape.text(length: 1...64)
    static let creatorRequestID = Shape.text(length: 1...255)
    static let arn = Shape.text(length: 1...255)
    static let policy = Shape.text(length: 0...30_000)
    static let nextToken = Shape.text(length: 0...Int.max)
    static let tags = Shape.list(
        of: .structure([
            .required("Key", .text(length: 1...128)), .required("Value", .text(length: 0...256)),
        ]), count: 0...200)
    static let filters = Shape.list(
        of: .structure([
            .optional("Name", .text(length: 1...64)),
            .optional("Values", .list(of: .text(length: 1...600))),
        ]))

    static let action = Shape.choice(["ALLOW", "BLOCK", "ALERT"])
    static let blockResponse = Shape.choice(["NODATA", "NXDOMAIN", "OVERRIDE"])
    static let redirectionAction = Shape.choice(["INSPECT_REDIRECTION_DOMAIN", "TRUST_REDIRECTION_DOMAIN"])
    static let confidenceThreshold = Shape.choice(["LOW", "MEDIUM", "HIGH"])
    static let mutationProtection = Shape.choice(["ENABLED", "DISABLED"])
}

extension [Member] {
    /// The two members of every list operation.
    static func page(_ maxResults: ClosedRange<Int> = 1...100) -> [Member] {
        [.optional("MaxResults", .integer(maxResults)), .optional("NextToken", .nextToken)]
    }
}
