import SourceFiles

/// Evaluated properties to the values of `TemplatePolicy`, one resource at a time; checks each for itself.
struct ResourceReader {
    let properties: PropertyReader
    let resource: TemplatePolicy.Resource
    let domainFiles: DomainFiles
    /// Of the domain lists in the template, by id: what their logical ids are.
    let listNames: [String: String]

    var log: FindingLog { properties.log }

    /// What AWS would call the resource when the template gives no name.
    var standardName: String { "\(resource.stackName)-\(resource.logicalID)" }

    static func policy(
        of template: Template, _ evaluator: inout TemplateEvaluator, _ domainFiles: DomainFiles
    ) -> TemplatePolicy {
        var policy = TemplatePolicy()
        let listNames = listNames(in: template, &evaluator)
        for item in template.resources where evaluator.isMade(item) {
            guard let kind = ResourceKind(rawValue: item.type) else {
                ignore(item, evaluator.log)
                continue
            }
            let value = evaluator.properties(of: item)
            let properties = PropertyReader(
                value, kind.schema, path: item.logicalID, place: item.place, log: evaluator.log)
            let id = evaluator.id(of: item, kind)
            let resource = TemplatePolicy.Resource(
                stackName: template.source.stackName, logicalID: item.logicalID, place: item.place, id: id,
                arn: evaluator.arn(of: id, kind), tags: properties.tags())
            let reader = ResourceReader(
                properties: properties, resource: resource, domainFiles: domainFiles, listNames: listNames)
            reader.add(kind, to: &policy)
        }
        return policy
    }

    private static func listNames(in template: Template, _ evaluator: inout TemplateEvaluator) -> [String: String] {
        var names: [String: String] = [:]
        for resource in template.resources where resource.type == ResourceKind.domainList.rawValue {
            names[evaluator.id(of: resource, .domainList)] = resource.logicalID
        }
        return names
    }

    /// A type of the Resolver that CloudFormation does not have is a slip that would leave a hole.
    private static func ignore(_ resource: TemplateResource, _ log: FindingLog) {
        let isOurs = resource.type.hasPrefix("AWS::Route53Resolver::")
        guard isOurs, !ResourceKind.ignoredResolverTypes.contains(resource.type) else {
            return log.note(resource.place, "ignored: \(resource.type) \(resource.logicalID)")
        }
        let known = ResourceKind.allCases.map(\.rawValue) + ResourceKind.ignoredResolverTypes
        let suggestion = log.suggestion(for: resource.type, among: known)
        log.report(
            resource.typePlace, "\(resource.logicalID): CloudFormation has no type \(resource.type)\(suggestion)")
    }

    private func add(_ kind: ResourceKind, to policy: inout TemplatePolicy) {
        switch kind {
        case .domainList: policy.domainLists.append(domainList())
        case .ruleGroup: policy.ruleGroups.append(ruleGroup())
        case .ruleGroupAssociation: association().map { policy.associations.append($0) }
        case .queryLogConfig: queryLogConfig().map { policy.queryLogConfigs.append($0) }
        case .queryLogAssociation: queryLogAssociation().map { policy.queryLogAssociations.append($0) }
        case .resolverRule: resolverRule().map { policy.resolverRules.append($0) }
        case .resolverRuleAssociation: resolverRuleAssociation().map { policy.resolverRuleAssociations.append($0) }
        case .resolverConfig: resolverConfig().map { policy.resolverConfigs.append($0) }
        case .vpc: vpc().map { policy.vpcs.append($0) }
        }
    }
}
