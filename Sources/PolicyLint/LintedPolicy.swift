import DNSWire
import DomainFeeds
import DomainTrie
import FirewallPolicy
import PolicyStore
import ServerConfiguration
import SourceFiles

/// A rule, and where it stands.
struct LintedRule {
    var rule: FirewallRule
    var groupID: String
    var list: ListReference
    var listName: String
    var place: Place
    /// Somebody has written it: it is not of the starter lists, and does not do what some entries of a file want besides
    /// what the file's own rule does.
    var isWritten: Bool

    var qtype: RRType? { rule.qtype }
    var inspects: Bool { rule.redirection == .inspect }
    var isAllow: Bool { rule.action == .allow }
    var isAlert: Bool { rule.action == .alert }
    var isBlock: Bool { !isAllow && !isAlert }

    /// `rule "block ads" (firewall.yaml:30:9)`
    var title: String { "rule \(rule.name.debugDescription) (\(place))" }

    /// Whether it looks at every query that the other one looks at.
    func admitsAll(of other: LintedRule) -> Bool { qtype == nil || qtype == other.qtype }
}

/// The order of evaluation that some VPCs share.
struct LintedOrder {
    var vpcIDs: [String]
    /// Indices of `LintedPolicy.rules`.
    var rules: [Int]
}

/// A policy as lint looks at it: every rule with its place, and the orders in which they are evaluated.
struct LintedPolicy {
    let loaded: PolicyLoader.Loaded
    private(set) var rules: [LintedRule] = []
    private(set) var orders: [LintedOrder] = []

    init(_ configuration: ServerConfiguration, _ loaded: PolicyLoader.Loaded) {
        self.loaded = loaded
        let source = loaded.source
        let places = RulePlaces(configuration.policy, loaded)
        var lists: [String: ListReference] = [:]
        for (part, content) in source.parts.enumerated() {
            for (index, list) in content.lists.enumerated() where lists[list.id] == nil {
                lists[list.id] = ListReference(part: part, index: ListIndex(index))
            }
        }
        var ranges: [String: Range<Int>] = [:]
        for group in source.ruleGroups {
            let first = rules.count
            for rule in group.rules.sorted(by: { $0.priority < $1.priority }) {
                guard let list = lists[rule.domainListID] else { continue }
                rules.append(
                    LintedRule(
                        rule: rule, groupID: group.id, list: list,
                        listName: source.parts[list.part].lists[Int(list.index)].name,
                        place: places.place(of: rule, in: group, reading: loaded.origins(of: list)),
                        isWritten: !configuration.policy.usesStarterLists && !loaded.isVariant(list)))
            }
            ranges[group.id] = first..<rules.count
        }
        var positions: [[String]: Int] = [:]
        for vpc in source.vpcs {
            let own = source.associations.filter { $0.vpcID == vpc.id }.sorted { $0.priority < $1.priority }
            let groups = own.map(\.ruleGroupID)
            if let known = positions[groups] {
                orders[known].vpcIDs.append(vpc.id)
            } else {
                positions[groups] = orders.count
                orders.append(LintedOrder(vpcIDs: [vpc.id], rules: groups.flatMap { ranges[$0].map(Array.init) ?? [] }))
            }
        }
    }

    /// The lists that rules in force look at.
    var usedLists: Set<ListReference> { Set(orders.flatMap(\.rules).map { rules[$0].list }) }

    /// The lists that cover every name.
    var listsOfEverything: Set<ListReference> {
        var lists: Set<ListReference> = []
        for (part, content) in loaded.source.parts.enumerated() {
            let cover = content.trie.cover(of: DomainName(), scope: .below)
            for index in content.trie.lists(covering: cover, scope: .below) {
                lists.insert(ListReference(part: part, index: index))
            }
        }
        return lists
    }

    /// Whether somebody keeps the list's entries by hand: not those of feeds, of lists that come with the program, and
    /// of large files, which are others' work.
    func isWrittenByHand(_ list: ListReference) -> Bool {
        if loaded.templateList(list) != nil { return true }
        let origins = loaded.origins(of: list)
        return !origins.isEmpty
            && origins.allSatisfy { origin in
                guard case .file = origin else { return false }
                return loaded.lists.contains { $0.origin == origin && $0.report.entryCount <= LintedPolicy.handLimit }
            }
    }

    private static let handLimit = 1_000
}

/// Where rules stand: those of templates there, those of lists where the configuration names the list.
private struct RulePlaces {
    private let settings: PolicySettings
    private var templateRules: [String: [Int: Place]] = [:]

    init(_ settings: PolicySettings, _ loaded: PolicyLoader.Loaded) {
        self.settings = settings
        for group in loaded.templates?.ruleGroups ?? [] {
            for rule in group.rules { templateRules[group.resource.id, default: [:]][rule.rule.priority] = rule.place }
        }
    }

    func place(of rule: FirewallRule, in group: FirewallRuleGroup, reading origins: [ListOrigin]) -> Place {
        if let place = templateRules[group.id]?[rule.priority] { return place }
        let named =
            switch rule.action {
            case .allow: settings.allow + settings.block
            case .block: settings.block
            case .alert: settings.alert
            }
        return named.first { origins.contains($0.origin) }?.place ?? .flag(group.name)
    }
}
