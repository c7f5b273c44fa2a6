import DNSWire
import FirewallPolicy
import SourceFiles

extension TemplatePolicy {
    /// What the API shows of the templates: each resource as the request that would create it, by file.
    package var objects: [TemplateObjects] {
        var objects: [String: TemplateObjects] = [:]
        for list in domainLists {
            objects[of: list.resource].domainLists.append(list.resource.made(by: .init(list)))
            objects[of: list.resource].domains[list.resource.id] = list.entries.map(\.text)
        }
        for group in ruleGroups {
            objects[of: group.resource].ruleGroups.append(group.resource.made(by: .init(group)))
            objects[of: group.resource].rules +=
                group.rules.map { .init($0, of: group) } + group.threatRules.map { .init($0, of: group) }
        }
        for association in associations {
            objects[of: association.resource].associations.append(association.resource.made(by: .init(association)))
        }
        addResolverObjects(to: &objects)
        return objects.sorted { $0.key < $1.key }.map(\.value)
    }

    private func addResolverObjects(to objects: inout [String: TemplateObjects]) {
        for config in queryLogConfigs {
            objects[of: config.resource].queryLogConfigs.append(config.resource.made(by: .init(config)))
        }
        for association in queryLogAssociations {
            let request = ResolverAssociation(subjectID: association.config.value, vpcID: association.vpc.value)
            objects[of: association.resource].queryLogConfigAssociations.append(association.resource.made(by: request))
        }
        for rule in resolverRules {
            objects[of: rule.resource].resolverRules.append(rule.resource.made(by: .init(rule)))
        }
        for association in resolverRuleAssociations {
            let request = ResolverAssociation(
                subjectID: association.rule.value, vpcID: association.vpc.value, name: association.name)
            objects[of: association.resource].resolverRuleAssociations.append(association.resource.made(by: request))
        }
        for config in resolverConfigs {
            objects[of: config.resource].resolverConfigs[config.vpc.value] = .disable
        }
    }
}

extension [String: TemplateObjects] {
    fileprivate subscript(of resource: TemplatePolicy.Resource) -> TemplateObjects {
        get { self[resource.place.source] ?? TemplateObjects(file: resource.place.source) }
        set { self[resource.place.source] = newValue }
    }
}

extension TemplatePolicy.Resource {
    fileprivate func made<Request>(by request: Request) -> TemplateObjects.Object<Request> {
        TemplateObjects.Object(id: id, request: request)
    }

    /// What CloudFormation would make one of.
    fileprivate var creatorRequestID: String { "\(stackName)-\(logicalID)" }

    fileprivate var storeTags: [Tag] { tags.map { Tag(key: $0.key, value: $0.value) } }
}

// MARK: - Requests

extension CreateFirewallDomainList {
    fileprivate init(_ list: TemplatePolicy.DomainList) {
        self.init(
            creatorRequestID: list.resource.creatorRequestID, name: list.name, tags: list.resource.storeTags)
    }
}

extension CreateFirewallRuleGroup {
    fileprivate init(_ group: TemplatePolicy.RuleGroup) {
        self.init(
            creatorRequestID: group.resource.creatorRequestID, name: group.name, tags: group.resource.storeTags)
    }
}

extension CreateFirewallRule {
    fileprivate init(_ rule: TemplatePolicy.Rule, of group: TemplatePolicy.RuleGroup) {
        self.init(rule.rule.name, rule.rule.action, priority: rule.rule.priority, of: group)
        (firewallDomainListID, redirection, qtype) = (rule.rule.domainListID, rule.rule.redirection, rule.qtype)
    }

    fileprivate init(_ rule: TemplatePolicy.ThreatRule, of group: TemplatePolicy.RuleGroup) {
        self.init(rule.name, rule.action, priority: rule.priority, of: group)
        (dnsThreatProtection, confidenceThreshold) = (rule.protection, rule.confidenceThreshold)
    }

    private init(
        _ name: String, _ firewallAction: FirewallRuleAction, priority: Int, of group: TemplatePolicy.RuleGroup
    ) {
        self.init(
            creatorRequestID: "\(group.resource.creatorRequestID)-\(priority)",
            firewallRuleGroupID: group.resource.id, name: name, priority: priority, action: .allow)
        switch firewallAction {
        case .allow: break
        case .alert: action = .alert
        case .block(let response):
            action = .block
            switch response {
            case .noData: blockResponse = .noData
            case .nxDomain: blockResponse = .nxDomain
            case .override(let domain, let ttlSeconds):
                (blockResponse, blockOverrideDnsType) = (.override, "CNAME")
                (blockOverrideDomain, blockOverrideTtl) = (String(domain.description.dropLast()), Int(ttlSeconds))
            }
        }
    }
}

extension AssociateFirewallRuleGroup {
    fileprivate init(_ association: TemplatePolicy.Association) {
        self.init(
            creatorRequestID: association.resource.creatorRequestID, firewallRuleGroupID: association.group.value,
            vpcID: association.vpc.value, priority: association.priority, name: association.name,
            mutationProtection: association.isMutationProtected ? .enabled : .disabled,
            tags: association.resource.storeTags)
    }
}

extension CreateResolverQueryLogConfig {
    fileprivate init(_ config: TemplatePolicy.QueryLogConfig) {
        self.init(
            creatorRequestID: config.resource.creatorRequestID, name: config.name,
            destinationARN: config.destinationARN, tags: config.resource.storeTags)
    }
}

extension CreateResolverRule {
    fileprivate init(_ rule: TemplatePolicy.ResolverRule) {
        self.init(
            creatorRequestID: rule.resource.creatorRequestID, name: rule.name,
            ruleType: rule.kind == .system ? .system : .forward, domainName: rule.domain.description,
            targetIPs: rule.targets.map { target in
                let address = target.address.description
                return target.address.isIPv4
                    ? TargetAddress(ip: address, port: Int(target.port))
                    : TargetAddress(ipv6: address, port: Int(target.port))
            }, resolverEndpointID: rule.endpointID, tags: rule.resource.storeTags)
    }
}
