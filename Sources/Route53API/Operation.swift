/// One operation of the API: its request's members, and what it does.
struct Operation: Sendable {
    /// Which half of the API it belongs to, and so which exceptions it knows.
    enum Family: Sendable {
        /// DNS Firewall.
        case firewall
        /// The older operations: query logging, rules, tags.
        case resolver

        var invalid: APIError.Code { self == .firewall ? .validation : .invalidParameter }
    }

    typealias Perform = @Sendable (Route53API, Call) throws(APIError) -> Value

    let name: String
    let family: Family
    /// The exception for a NextToken that is none of this operation's.
    let invalidToken: APIError.Code
    let members: [Member]
    let perform: Perform

    static func firewall(_ name: String, _ members: [Member], _ perform: @escaping Perform) -> Operation {
        // None of them models InvalidNextTokenException.
        Operation(name: name, family: .firewall, invalidToken: .validation, members: members, perform: perform)
    }

    static func resolver(
        _ name: String, _ members: [Member], invalidToken: APIError.Code = .invalidNextToken,
        _ perform: @escaping Perform
    ) -> Operation {
        Operation(name: name, family: .resolver, invalidToken: invalidToken, members: members, perform: perform)
    }

    static let all: [String: Operation] = {
        let operations =
            domainLists + ruleGroups + rules + ruleBatches + associations + vpcConfigs + tagging + queryLogging
            + resolverRules
        return Dictionary(uniqueKeysWithValues: operations.map { ($0.name, $0) })
    }()
}

/// A request that has been validated for its operation.
struct Call: Sendable {
    let operation: Operation
    let input: Input
}
