import DNSWire
import FirewallPolicy
import SourceFiles

// MARK: - VPCs

extension ResourceReader {
    func vpc() -> TemplatePolicy.TemplateVPC? {
        if !AWSSyntax.isVPCID(resource.id) {
            properties.report("the id \(resource.id.debugDescription) under policy.parameters is no VPC id")
        }
        guard properties.has("CidrBlock") != properties.has("Ipv4IpamPoolId") else {
            properties.report("a VPC has either CidrBlock or Ipv4IpamPoolId")
            return nil
        }
        guard properties.has("CidrBlock") else {
            properties.report(
                "Ipv4IpamPoolId", "AWS chooses the addresses; write a CidrBlock to say who is in this VPC")
            return nil
        }
        guard let text = properties.text("CidrBlock"), let cidr = cidr(text) else { return nil }
        return TemplatePolicy.TemplateVPC(resource: resource, vpc: VPC(id: resource.id, cidrs: [cidr]))
    }

    /// EC2 takes a block with bits behind its prefix, and clears them.
    private func cidr(_ text: String) -> CIDR? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0]), address.isIPv4, let length = UInt32(parts[1]),
            (16...28).contains(length)
        else {
            properties.report("CidrBlock", "\(text.debugDescription) is not an IPv4 block from /16 to /28")
            return nil
        }
        let network = IPAddress(v4: address.v4 & ~(UInt32.max >> length))
        if network != address {
            properties.warn("CidrBlock", "\(text) has bits behind its prefix; AWS makes it \(network)/\(length)")
        }
        return CIDR("\(network)/\(length)")
    }
}

// MARK: - Resolver rules

extension ResourceReader {
    func resolverRule() -> TemplatePolicy.ResolverRule? {
        let name = properties.name(standard: standardName)
        let targets = targets()
        let endpoint = properties.id("ResolverEndpointId", prefix: "rslvr-out-")
        let kind = kind()
        if let kind { checkFields(of: kind) }
        let isRoot = properties.text("DomainName") == "."
        let domain = isRoot ? DomainName() : domainName("DomainName", properties)
        guard let kind, let domain else { return nil }
        return TemplatePolicy.ResolverRule(
            resource: resource, name: name, kind: kind, domain: domain, targets: targets, endpointID: endpoint?.value)
    }

    private func kind() -> TemplatePolicy.ResolverRule.Kind? {
        guard let text = properties.text("RuleType")?.uppercased() else { return nil }
        if let kind = TemplatePolicy.ResolverRule.Kind(rawValue: text) { return kind }
        switch text {
        case "RECURSIVE": properties.report("RuleType", "AWS alone makes RECURSIVE rules")
        case "DELEGATE": properties.report("RuleType", "DELEGATE is not in this version; use FORWARD")
        default: properties.report("RuleType", "\(text.debugDescription) is not FORWARD or SYSTEM")
        }
        return nil
    }

    private func checkFields(of kind: TemplatePolicy.ResolverRule.Kind) {
        if !properties.has("DomainName") { properties.report("DomainName is missing") }
        if properties.has("DelegationRecord") { properties.report("DelegationRecord", "belongs to DELEGATE") }
        for name in ["TargetIps", "ResolverEndpointId"] {
            switch kind {
            case .forward where !properties.has(name): properties.report("a FORWARD rule needs \(name)")
            case .system where properties.has(name): properties.report(name, "belongs to FORWARD")
            default: break
            }
        }
    }

    private func targets() -> [Endpoint] {
        let items = properties.list("TargetIps")
        if properties.has("TargetIps"), !(1...6).contains(items.count) {
            properties.report("TargetIps", "\(items.count) targets; AWS allows 1 to 6")
        }
        return items.compactMap { value, path in
            target(PropertyReader(value, ResourceKind.targetAddress, path: path, place: value.place, log: log))
        }
    }

    private func target(_ reader: PropertyReader) -> Endpoint? {
        if let transport = reader.text("Protocol"), transport.lowercased() != "do53" {
            reader.report("Protocol", "\(transport) is not in this version; use Do53")
        }
        let port = reader.has("Port") ? reader.integer("Port", in: 1...65_535) : 53
        guard reader.has("Ip") != reader.has("Ipv6") else {
            reader.report("a target has either Ip or Ipv6")
            return nil
        }
        let property = reader.has("Ip") ? "Ip" : "Ipv6"
        let rule = property == "Ip" ? "an IPv4 address" : "an IPv6 address"
        let text = reader.text(property, mustBe: rule) {
            IPAddress($0) != nil && $0.contains(":") == (property == "Ipv6")
        }
        guard let address = text.flatMap({ IPAddress($0) }), let port else { return nil }
        return Endpoint(address: address, port: UInt16(port))
    }

    func resolverRuleAssociation() -> TemplatePolicy.ResolverRuleAssociation? {
        let name = properties.name(standard: standardName)
        let (rule, vpc) = (properties.id("ResolverRuleId", prefix: "rslvr-rr-"), properties.vpcID("VPCId"))
        guard let rule, let vpc else { return nil }
        return TemplatePolicy.ResolverRuleAssociation(resource: resource, name: name, rule: rule, vpc: vpc)
    }

    func resolverConfig() -> TemplatePolicy.ResolverConfig? {
        _ = properties.choice("AutodefinedReverseFlag", among: ["DISABLE"])
        return properties.vpcID("ResourceId").map { TemplatePolicy.ResolverConfig(resource: resource, vpc: $0) }
    }
}

// MARK: - Query logging

extension ResourceReader {
    func queryLogConfig() -> TemplatePolicy.QueryLogConfig? {
        let name = properties.name(standard: standardName)
        let rule = "the ARN of an S3 bucket, a CloudWatch log group or a Firehose stream"
        return properties.text("DestinationArn", mustBe: rule, AWSSyntax.isLogDestination).map {
            TemplatePolicy.QueryLogConfig(resource: resource, name: name, destinationARN: $0)
        }
    }

    func queryLogAssociation() -> TemplatePolicy.QueryLogAssociation? {
        let config = properties.id("ResolverQueryLogConfigId", prefix: "rslvr-qlc-")
        let vpc = properties.vpcID("ResourceId")
        guard let config, let vpc else { return nil }
        return TemplatePolicy.QueryLogAssociation(resource: resource, config: config, vpc: vpc)
    }
}
