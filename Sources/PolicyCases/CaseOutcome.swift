import DNSWire
import DomainTrie
import FirewallPolicy
import PolicyStore

/// What becomes of a case's query.
package struct CaseOutcome: Sendable, Encodable {
    /// AWS's words, `FAIL` where nobody can say and the VPC fails closed, `REFUSE` for a client that is not served.
    package enum Action: String, Sendable, Encodable, CaseIterable {
        case allow = "ALLOW"
        case alert = "ALERT"
        case block = "BLOCK"
        case fail = "FAIL"
        case refuse = "REFUSE"
    }

    /// By what it was decided.
    package enum Code: String, Sendable, Encodable, CaseIterable {
        case ruleAllow = "RULE_ALLOW"
        case ruleAlert = "RULE_ALERT"
        case ruleBlock = "RULE_BLOCK"
        case noMatch = "NO_MATCH"
        case noVerdict = "NO_VERDICT"
        case chainTargetAlert = "CHAIN_TARGET_ALERT"
        case chainTargetBlocked = "CHAIN_TARGET_BLOCKED"
        case answerBlocked = "ANSWER_BLOCKED"
        case clientNotServed = "CLIENT_NOT_SERVED"
    }

    package var action = Action.allow
    package var code = Code.noMatch
    /// The rule that decided.
    package var rule: String?
    /// The entry by which its list covers the name.
    package var entry: String?
    /// Nil where only an upstream could say.
    package var rcode: String?
    /// The data of the answer's records; nil where only an upstream could say.
    package var answers: [String]?
    /// The names that were judged, and each rule that was looked at.
    package var steps: [String] = []
    /// Every rule that decided on the name or on what it leads to.
    var deciding: [RuleIndex] = []
    var matches: [ListMatch] = []

    private enum CodingKeys: CodingKey {
        case action, code, rule, entry, rcode, answers, steps
    }
}

/// Where a list has covered a name: at the entry's own name, or below it.
struct ListMatch: Hashable {
    var list: ListReference
    /// Of the entry.
    var name: String
    var isBelow: Bool
    /// The entry, as lists write it.
    var text: String
}
