package import DNSWire

/// Which decisions somebody wants to see: those that fit all that is given.
package struct DecisionFilter: Sendable, Equatable {
    /// Any, where empty.
    package var actions: Set<Decision.Action> = []
    /// A part of the name, without regard to case.
    package var name: String?
    /// The client is in this network.
    package var client: CIDR?
    /// A part of the rule's name, without regard to case.
    package var rule: String?
    /// A part of the name, of the client's address, or of the rule's name, group or list, without regard to case.
    package var text: String?

    package init() {}

    /// - Parameter parameters: `action` (`block`, `alert`, `allow`, several between commas), `name`, `client` (an address
    ///   or CIDR), `rule`, `text`; others are not looked at.
    package init(_ parameters: [(name: String, value: String)]) throws(DecisionFilterError) {
        for (key, value) in parameters where !value.isEmpty {
            switch key {
            case "action": try take(actions: value)
            case "client":
                guard let network = CIDR(value) else { throw .noClient(value) }
                client = network
            case "name": name = value.lowercased()
            case "rule": rule = value.lowercased()
            case "text": text = value.lowercased()
            default: break
            }
        }
    }

    private mutating func take(actions words: String) throws(DecisionFilterError) {
        for word in words.split(separator: ",") {
            guard let action = Decision.Action(rawValue: word.uppercased()) else { throw .noAction(String(word)) }
            actions.insert(action)
        }
    }

    package func admits(_ decision: Decision) -> Bool {
        if !actions.isEmpty, !actions.contains(decision.action) { return false }
        if let client, !client.contains(decision.client) { return false }
        if let name, !decision.name.contains(name) { return false }
        if let rule, decision.rule?.name.lowercased().contains(rule) != true { return false }
        return text.map { isFound($0, in: decision) } ?? true
    }

    private func isFound(_ text: String, in decision: Decision) -> Bool {
        if decision.name.contains(text) || decision.client.description.contains(text) { return true }
        guard let rule = decision.rule else { return false }
        return [rule.name, rule.group, rule.list].contains { $0.lowercased().contains(text) }
    }
}

/// What is wrong with a filter, for whoever has sent it.
package enum DecisionFilterError: Error, Sendable, Equatable, CustomStringConvertible {
    case noAction(String)
    case noClient(String)

    package var description: String {
        switch self {
        case .noAction(let text): "\(text.debugDescription) is no action: block, alert and allow are"
        case .noClient(let text): "\(text.debugDescription) is neither an address nor a CIDR"
        }
    }
}
