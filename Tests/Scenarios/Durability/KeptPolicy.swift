import TestSupport

/// What the API keeps, by names: an independent account of what writes lead to.
struct KeptPolicy: Equatable {
    struct Rule: Equatable {
        var priority: Int
        var outcome: Outcome
    }

    /// What a rule does, as far as an answer shows it.
    enum Outcome: CaseIterable {
        case allow, alert, nxDomain, noData
    }

    enum Write {
        case createList(String)
        case deleteList(String)
        case add(Set<String>, to: String)
        case remove(Set<String>, from: String)
        case replace(Set<String>, in: String)
        case createGroup(String)
        case deleteGroup(String)
        case createRule(Rule, group: String, list: String)
        case updateRule(Rule, group: String, list: String)
        case deleteRule(group: String, list: String)
        case associate(String, priority: Int)
        case disassociate(String)
    }

    var lists: [String: Set<String>] = [:]
    /// Rules by the list that they name, by group.
    var groups: [String: [String: Rule]] = [:]
    /// Priorities by group; all are of one VPC.
    var associations: [String: Int] = [:]

    func after(_ write: Write) -> KeptPolicy {
        var policy = self
        switch write {
        case .createList(let list): policy.lists[list] = []
        case .deleteList(let list): policy.lists[list] = nil
        case .add(let domains, let list): policy.lists[list]?.formUnion(domains)
        case .remove(let domains, let list): policy.lists[list]?.subtract(domains)
        case .replace(let domains, let list): policy.lists[list] = domains
        case .createGroup(let group): policy.groups[group] = [:]
        case .deleteGroup(let group): policy.groups[group] = nil
        case .createRule(let rule, let group, let list), .updateRule(let rule, let group, let list):
            policy.groups[group]?[list] = rule
        case .deleteRule(let group, let list): policy.groups[group]?[list] = nil
        case .associate(let group, let priority): policy.associations[group] = priority
        case .disassociate(let group): policy.associations[group] = nil
        }
        return policy
    }

    /// What the first rule that names `domain` does; nil when none does.
    func outcome(of domain: String) -> Outcome? {
        for (group, _) in associations.sorted(by: { $0.value < $1.value }) {
            for (list, rule) in groups[group, default: [:]].sorted(by: { $0.value.priority < $1.value.priority }) {
                if lists[list, default: []].contains(domain) { return rule.outcome }
            }
        }
        return nil
    }
}

extension KeptPolicy {
    /// The names that lists may have and queries ask for.
    static let domains = (0..<30).map { "n\($0).example." }

    /// A write that this policy takes, each kind as likely as the others that it takes now.
    /// - Parameter number: another one each time; new names are made of it.
    func randomWrite(_ number: Int, using generator: inout SeededGenerator) -> Write {
        let kinds = [
            newObject(number, using: &generator), changedList(using: &generator), changedRule(using: &generator),
            changedAssociation(using: &generator), removedObject(using: &generator),
        ]
        return kinds.compactMap { $0 }.randomElement(using: &generator) ?? .createList("list-\(number)")
    }

    private func newObject(_ number: Int, using generator: inout SeededGenerator) -> Write? {
        var writes: [Write] = []
        if lists.count < 6 { writes.append(.createList("list-\(number)")) }
        if groups.count < 5 { writes.append(.createGroup("group-\(number)")) }
        return writes.randomElement(using: &generator)
    }

    private func changedList(using generator: inout SeededGenerator) -> Write? {
        guard let (list, present) = lists.any(using: &generator) else { return nil }
        let count = Int.random(in: 1...20, using: &generator)
        let some = Set(KeptPolicy.domains.shuffled(using: &generator).prefix(count))
        let known = some.intersection(present)
        let writes: [Write] = [.add(some, to: list), .replace(some, in: list)]
        return (writes + (known.isEmpty ? [] : [.remove(known, from: list)])).randomElement(using: &generator)
    }

    private func changedRule(using generator: inout SeededGenerator) -> Write? {
        guard let (list, _) = lists.any(using: &generator), let (group, rules) = groups.any(using: &generator),
            let outcome = Outcome.allCases.randomElement(using: &generator)
        else { return nil }
        guard let rule = rules[list] else {
            let free = (1...20).filter { priority in !rules.values.contains { $0.priority == priority } }
            return free.randomElement(using: &generator).map {
                .createRule(Rule(priority: $0, outcome: outcome), group: group, list: list)
            }
        }
        let update = Write.updateRule(Rule(priority: rule.priority, outcome: outcome), group: group, list: list)
        return Bool.random(using: &generator) ? update : .deleteRule(group: group, list: list)
    }

    private func changedAssociation(using generator: inout SeededGenerator) -> Write? {
        guard let (group, _) = groups.any(using: &generator) else { return nil }
        if associations[group] != nil { return .disassociate(group) }
        let free = (101...120).filter { !associations.values.contains($0) }
        return free.randomElement(using: &generator).map { .associate(group, priority: $0) }
    }

    private func removedObject(using generator: inout SeededGenerator) -> Write? {
        let idle = groups.filter { $0.value.isEmpty && associations[$0.key] == nil }
        let unused = lists.filter { list in !groups.values.contains { $0[list.key] != nil } }
        let writes =
            [idle.any(using: &generator).map { Write.deleteGroup($0.key) }]
            + [unused.any(using: &generator).map { Write.deleteList($0.key) }]
        return writes.compactMap { $0 }.randomElement(using: &generator)
    }
}

extension Dictionary where Key == String {
    /// An element that depends on the generator alone, whatever the order of the dictionary.
    fileprivate func any(using generator: inout SeededGenerator) -> Element? {
        sorted { $0.key < $1.key }.randomElement(using: &generator)
    }
}
