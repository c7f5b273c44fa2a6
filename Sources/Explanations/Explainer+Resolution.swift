import DNSWire
import FirewallPolicy
import Forwarding
import ResolverEngine

extension Explainer {
    /// A rule that says who is asked, of a VPC or of the configuration.
    private struct Rule {
        var domain: DomainName
        var code: Explanation.Resolution.Code
    }

    /// Who would be asked about a name that the firewall lets pass.
    func resolution(
        of name: DomainName, _ qtype: RRType, _ vpc: VPCIndex, isLocal: Bool
    ) -> Explanation.Resolution {
        if isLocal { return Explanation.Resolution(code: .localName, name: name.description) }
        let rule = rule(for: name, vpc)
        var resolution = Explanation.Resolution(
            code: rule?.code ?? .usualUpstreams, name: name.description, domain: rule?.domain.description)
        guard let route = state.route(of: name, vpc: vpc) else { return resolution }
        guard qtype != .any else { return Explanation.Resolution(code: .minimalAny, name: name.description) }
        resolution.upstreams = route.upstreams.map(\.description)
        return resolution
    }

    /// Of all rules that cover the name the one with the most labels, and of two for the same domain the first one.
    private func rule(for name: DomainName, _ vpc: VPCIndex) -> Rule? {
        let resolverRules = policy.names.vpcs[Int(vpc)].effectiveResolverRules
        let own = resolverRules.filter { $0.target != .autodefined }.map {
            Rule(domain: $0.domain, code: $0.target == .system ? .systemRule : .resolverRule)
        }
        let configured = settings.forwardingRules.map { Rule(domain: $0.domain, code: .forwardingRule) }
        let reverse = resolverRules.filter { $0.target == .autodefined }.map {
            Rule(domain: $0.domain, code: .autodefinedReverse)
        }
        var best: Rule?
        for rule in own + configured + reverse where name.isAtOrBelow(rule.domain) {
            if rule.domain.labelCount > best?.domain.labelCount ?? -1 { best = rule }
        }
        return best
    }
}
