import DNSWire
import DomainTrie
package import Explanations
import FirewallPolicy
import PolicyStore

/// What becomes of a case's query.
package struct CaseOutcome: Sendable, Encodable {
    package var action = Explanation.Action.allow
    package var code = Explanation.Code.noMatch
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
