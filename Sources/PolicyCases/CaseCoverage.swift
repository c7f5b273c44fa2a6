import DNSWire
import DomainTrie
import FirewallPolicy
package import PolicyStore

/// Rules that decided in no case, and entries by which no rule matched.
package struct CaseCoverage: Sendable, Encodable {
    package struct Rule: Sendable, Encodable {
        package var ruleGroup: String
        package var rule: String
        package var priority: Int
    }

    package struct List: Sendable, Encodable {
        package var list: String
        package var entries = 0
        package var touched = 0
        /// The first of the others.
        package var untouched: [String] = []
    }

    /// Rules that hold in some VPC.
    package var rules = 0
    package var untouchedRules: [Rule] = []
    /// Those that such rules look at.
    package var lists: [List] = []

    private static let exampleLimit = 5

    package init(_ results: [CaseResult], of loaded: PolicyLoader.Loaded) {
        let decided = Set(results.flatMap { $0.outcome?.deciding ?? [] })
        let associated = Set(loaded.source.associations.map(\.ruleGroupID))
        let names = loaded.policy.names
        var used: Set<ListReference> = []
        for (index, compiled) in names.rules.enumerated() where associated.contains(compiled.groupID) {
            rules += 1
            used.insert(compiled.list)
            guard !decided.contains(RuleIndex(index)) else { continue }
            untouchedRules.append(
                Rule(
                    ruleGroup: compiled.groupName, rule: compiled.rule.name, priority: compiled.rule.priority))
        }
        lists = CaseCoverage.lists(used, of: loaded, matches: Set(results.flatMap { $0.outcome?.matches ?? [] }))
    }

    private static func lists(
        _ used: Set<ListReference>, of loaded: PolicyLoader.Loaded, matches: Set<ListMatch>
    ) -> [List] {
        let touched = Set(matches.map { Touch(list: $0.list, name: $0.name, isBelow: $0.isBelow) })
        var lists: [ListReference: List] = [:]
        for list in used { lists[list] = List(list: loaded.policy.names.list(list).name) }
        loaded.readEntries(of: used) { list, name, scope, _ in
            lists[list]?.entries += 1
            let text = name.description
            let itself = touched.contains(Touch(list: list, name: text, isBelow: false))
            let below = touched.contains(Touch(list: list, name: text, isBelow: true))
            let isTouched =
                switch scope {
                case .exact: itself
                case .below: below
                case .subtree: itself || below
                case .textSuffix: false
                }
            if isTouched {
                lists[list]?.touched += 1
            } else if lists[list]?.untouched.count ?? 0 < exampleLimit {
                lists[list]?.untouched.append(scope.text(of: name))
            }
        }
        return lists.values.sorted { $0.list < $1.list }
    }

    private struct Touch: Hashable {
        var list: ListReference
        var name: String
        var isBelow: Bool
    }
}

extension CaseCoverage: CustomStringConvertible {
    package var description: String {
        let touched = rules - untouchedRules.count
        var lines = ["\(touched) of \(rules) rules decided in some case"]
        lines += untouchedRules.map { "  not \($0.ruleGroup) / \($0.rule) (priority \($0.priority))" }
        for list in lists where list.touched < list.entries {
            let others = list.entries - list.touched - list.untouched.count
            let names = list.untouched.joined(separator: ", ") + (others > 0 ? " and \(others) more" : "")
            lines.append("\(list.touched) of \(list.entries) entries of \(list.list) matched in some case")
            lines.append("  not \(names)")
        }
        return lines.joined(separator: "\n")
    }
}
