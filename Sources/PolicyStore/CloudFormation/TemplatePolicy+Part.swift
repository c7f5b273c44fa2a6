import DNSWire
import DomainTrie
import FirewallPolicy
package import SourceFiles

extension TemplatePolicy {
    /// The domain lists, compiled.
    func part() throws -> PolicyPart {
        var builder = DomainTrieBuilder()
        for (index, list) in domainLists.enumerated() {
            guard let number = ListIndex(exactly: index) else { throw PolicyLoadError.tooManyLists }
            for entry in list.entries {
                let specification = try entry.specification()
                builder.insert(specification.name, scope: specification.scope, list: number)
            }
        }
        return PolicyPart(
            lists: domainLists.map { FirewallDomainList(id: $0.resource.id, name: $0.name) },
            trie: try builder.build())
    }

    /// The first entry of list `index` that covers `name`.
    func firstEntry(covering name: DomainName, inList index: Int) -> Entry? {
        domainLists[index].entries.first { (try? $0.specification())?.covers(name) ?? false }
    }
}

extension TemplatePolicy {
    /// What deserves a look, each with its place.
    package var findings: [Finding] {
        let notActedOn = queryLogConfigs.map(\.resource).map {
            Finding(
                place: $0.place, message: "\($0.logicalID) is understood, but not acted on by this version",
                kind: "not-enforced")
        }
        let unused = unusedParameters.map {
            Finding(
                place: .flag("policy.parameters"), message: "no template asks for \"\($0)\"", kind: "unused-parameter")
        }
        return warnings + notActedOn + unused
    }
}

// MARK: - Resolver rules and configs

extension TemplatePolicy {
    /// Gives each VPC the resolver rules that are associated with it.
    func configure(_ vpcs: inout [VPC]) {
        let rules = Dictionary(resolverRules.map { ($0.resource.id, $0) }) { first, _ in first }
        let associated = Dictionary(grouping: resolverRuleAssociations, by: \.vpc.value)
        let withoutReverse = Set(resolverConfigs.map(\.vpc.value))
        for index in vpcs.indices {
            vpcs[index].resolverRules = (associated[vpcs[index].id] ?? []).compactMap {
                rules[$0.rule.value].map { .init($0) }
            }
            if withoutReverse.contains(vpcs[index].id) { vpcs[index].autodefinedReverse = false }
        }
    }
}

extension ResolverRule {
    fileprivate init(_ rule: TemplatePolicy.ResolverRule) {
        self.init(domain: rule.domain, target: rule.kind == .system ? .system : .forward(rule.targets))
    }
}
