import SourceFiles

/// What AWS would answer for resources that have been made: ids and attributes.
extension TemplateEvaluator {
    /// The id of a resource that means something here; for a VPC, the one that the user gives.
    mutating func id(of resource: TemplateResource, _ kind: ResourceKind) -> String {
        if kind == .vpc, let id = value(givenFor: resource.logicalID) { return id }
        let (prefix, digits, _) = kind.identifier
        return StableIdentifier.make(prefix, for: "\(template.source.stackName) \(resource.logicalID)", digits: digits)
    }

    func arn(of id: String, _ kind: ResourceKind) -> String {
        kind.identifier.arn.map { identity.arn($0, id: id) } ?? ""
    }

    /// What `Ref` gives.
    mutating func physicalID(of resource: TemplateResource, at place: Place) -> TemplateValue {
        if let kind = ResourceKind(rawValue: resource.type) {
            return TemplateValue(.text(id(of: resource, kind)), place)
        }
        if let value = value(givenFor: resource.logicalID) { return TemplateValue(.text(value), place) }
        guard let foreign = ForeignKind(rawValue: resource.type) else {
            return unknownToUs(resource.logicalID, of: resource, at: place)
        }
        return TemplateValue(.text(name(of: resource, foreign)), place)
    }

    /// What `Fn::GetAtt` gives, where we can know it.
    mutating func attribute(_ name: String, of resource: TemplateResource, at place: Place) -> TemplateValue {
        guard let kind = ResourceKind(rawValue: resource.type) else {
            guard name == "Arn", let foreign = ForeignKind(rawValue: resource.type) else {
                return unknownToUs("\(resource.logicalID).\(name)", of: resource, at: place)
            }
            return TemplateValue(.text(foreign.arn(self.name(of: resource, foreign), identity)), place)
        }
        let id = id(of: resource, kind)
        switch name {
        case "Id" where kind.schema.attributes.contains("Id"), "VpcId" where kind == .vpc,
            "ResolverRuleId" where kind == .resolverRule,
            "ResolverRuleAssociationId" where kind == .resolverRuleAssociation:
            return TemplateValue(.text(id), place)
        case "Arn" where kind.schema.attributes.contains("Arn"):
            return TemplateValue(.text(arn(of: id, kind)), place)
        case "OwnerId" where kind.schema.attributes.contains("OwnerId"):
            return TemplateValue(.text(identity.accountID), place)
        case "ShareStatus" where kind.schema.attributes.contains("ShareStatus"):
            return TemplateValue(.text("NOT_SHARED"), place)
        case "Status" where kind.schema.attributes.contains("Status"):
            return TemplateValue(.text(kind.finalStatus), place)
        case _ where kind.schema.properties.contains(name):
            return property(name, of: resource).map { TemplateValue($0.content, place) }
                ?? unknownToUs("\(resource.logicalID).\(name)", of: resource, at: place)
        default:
            return kind.schema.attributes.contains(name)
                ? unknownToUs("\(resource.logicalID).\(name)", of: resource, at: place)
                : unknownAttribute(name, of: resource, kind, at: place)
        }
    }

    private func unknownAttribute(
        _ name: String, of resource: TemplateResource, _ kind: ResourceKind, at place: Place
    ) -> TemplateValue {
        let suggestion = log.suggestion(for: name, among: kind.schema.attributes)
        return unknown(place, "\(resource.type) has no attribute \(name.debugDescription)\(suggestion)")
    }

    private func unknownToUs(_ name: String, of resource: TemplateResource, at place: Place) -> TemplateValue {
        unknown(place, "AWS alone knows \(name) (\(resource.type)); give it under policy.parameters as \"\(name)\"")
    }

    /// The name that the template gives, or else one in the style of those that AWS makes up.
    private mutating func name(of resource: TemplateResource, _ kind: ForeignKind) -> String {
        let thing = "\(template.source.stackName) \(resource.logicalID)"
        guard let property = kind.nameProperty else {
            return StableIdentifier.make("rslvr-out-", for: thing, digits: 17)
        }
        if let name = self.property(property, of: resource)?.text { return name }
        let unique = StableIdentifier.make("", for: thing)
        let name = "\(template.source.stackName)-\(resource.logicalID)-\(unique)"
        return kind == .bucket ? String(name.lowercased().suffix(63)) : name
    }
}

extension ResourceKind {
    /// The status of a resource that has been made.
    fileprivate var finalStatus: String {
        switch self {
        case .queryLogConfig: "CREATED"
        case .queryLogAssociation: "ACTIVE"
        default: "COMPLETE"
        }
    }
}

/// Resources that mean nothing here, but that ours often refer to.
private enum ForeignKind: String {
    case bucket = "AWS::S3::Bucket"
    case logGroup = "AWS::Logs::LogGroup"
    case deliveryStream = "AWS::KinesisFirehose::DeliveryStream"
    case endpoint = "AWS::Route53Resolver::ResolverEndpoint"

    /// The property that names it; nil where AWS always makes up an id.
    var nameProperty: String? {
        switch self {
        case .bucket: "BucketName"
        case .logGroup: "LogGroupName"
        case .deliveryStream: "DeliveryStreamName"
        case .endpoint: nil
        }
    }

    func arn(_ name: String, _ identity: AccountIdentity) -> String {
        switch self {
        case .bucket: "arn:\(identity.partition):s3:::\(name)"
        case .logGroup: identity.arn("logs", "log-group:\(name):*")
        case .deliveryStream: identity.arn("firehose", "deliverystream/\(name)")
        case .endpoint: identity.arn("route53resolver", "resolver-endpoint/\(name)")
        }
    }
}
