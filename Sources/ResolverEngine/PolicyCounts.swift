import FirewallPolicy

/// A rule as it is counted. One that is changed otherwise goes on with its count, over reloads and API calls.
package struct CountedRule: Hashable, Sendable {
    package var groupID: String
    package var groupName: String
    package var name: String
    package var outcome: FirewallOutcome
    package var listID: String
    package var listName: String

    init(_ rule: CompiledRule, _ names: PolicyNames) {
        groupID = rule.groupID
        groupName = rule.groupName
        name = rule.rule.name
        outcome = FirewallOutcome(rule.rule.action)
        listID = rule.rule.domainListID
        listName = names.list(rule.list).name
    }
}

/// A VPC with the rules of one group that do the same; or with no group, for queries that no rule decided.
package struct CountedVPC: Hashable, Sendable {
    package var id: String
    package var groupID: String?
    package var outcome: FirewallOutcome
}

/// Counts by key. So many keys have counts of their own; what comes later is counted together, so that whoever makes rules
/// without end makes no end of counts.
package struct BoundedCounts<Key: Hashable & Sendable>: Sendable {
    package private(set) var counts: [Key: UInt64] = [:]
    /// Of keys that came too late.
    package private(set) var other: UInt64 = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func add(_ count: UInt64, to key: Key) {
        if counts[key] != nil || counts.count < limit {
            counts[key, default: 0] += count
        } else {
            other += count
        }
    }

    /// Forgets keys that have never counted anything.
    mutating func removeZeros() { counts = counts.filter { $0.value > 0 } }
}

/// What rules have decided since the start, whatever policies they were in.
package struct PolicyCounts: Sendable {
    /// Keys with counts of their own, rules and VPCs each.
    package static let keyLimit = 1000

    package private(set) var rules = BoundedCounts<CountedRule>(limit: keyLimit)
    package private(set) var vpcs = BoundedCounts<CountedVPC>(limit: keyLimit)

    package init() {}

    /// Adds what a policy's tally has counted.
    mutating func add(_ tally: PolicyTally) { visit(tally) { $0 } }

    /// Gives the keys of a tally that is still written to a place, so that they keep it when it is added in the end.
    mutating func reserve(_ tally: PolicyTally) { visit(tally) { _ in 0 } }

    mutating func removeZeros() {
        rules.removeZeros()
        vpcs.removeZeros()
    }

    private mutating func visit(_ tally: PolicyTally, _ counted: (UInt64) -> UInt64) {
        let names = tally.names
        for (index, rule) in names.rules.enumerated() {
            rules.add(counted(tally.count(of: index)), to: CountedRule(rule, names))
        }
        for (index, vpc) in names.vpcs.enumerated() {
            let count = tally.count(ofVPC: index, kind: nil)
            vpcs.add(counted(count), to: CountedVPC(id: vpc.id, groupID: nil, outcome: .none))
            for (number, kind) in tally.kinds.enumerated() {
                let count = tally.count(ofVPC: index, kind: number)
                guard count > 0 else { continue }
                vpcs.add(
                    counted(count), to: CountedVPC(id: vpc.id, groupID: kind.groupID, outcome: kind.outcome))
            }
        }
    }
}
