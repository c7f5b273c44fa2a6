import DNSWire
import DomainTrie
import FirewallPolicy
import SourceFiles

// MARK: - Domain lists

extension ResourceReader {
    func domainList() -> TemplatePolicy.DomainList {
        let name = properties.name(standard: standardName)
        var list = TemplatePolicy.DomainList(resource: resource, name: name, entries: domains())
        if let url = properties.text("DomainFileUrl", length: 1...1024) {
            if properties.has("Domains") { properties.report("DomainFileUrl", "can't stand beside Domains; give one") }
            list.domainFile = domainFiles.find(url, for: properties)
        }
        if let file = list.domainFile { list.entries = domainFiles.entries(of: file, for: properties) }
        if !properties.has("Domains"), !properties.has("DomainFileUrl") {
            let problem = "the list has neither Domains nor DomainFileUrl, so it is empty and matches nothing"
            properties.warn(problem, kind: "empty-list")
        }
        return list
    }

    private func domains() -> [TemplatePolicy.Entry] {
        var known = EntrySet()
        return properties.list("Domains").compactMap { value, path in
            guard !value.isUnknown else { return nil }
            guard let text = value.text else {
                log.report(value.place, "\(path): must be a text, not \(value.kind)")
                return nil
            }
            do throws(DomainSpecificationError) {
                let entry = try TemplatePolicy.Entry(text, value.place)
                switch known.insert(entry) {
                case .new: break
                case .sameText: log.report(value.place, "\(path): \(text.debugDescription) is given twice")
                case .sameMeaning:
                    let problem = "\(path): \(text.debugDescription) is given before in another spelling"
                    log.warn(value.place, problem, kind: "repeated-entry")
                }
                return entry
            } catch {
                log.report(value.place, "\(path): \(text.debugDescription): \(error)")
                return nil
            }
        }
    }
}

/// The entries of a list, to find those that come twice.
struct EntrySet {
    enum Outcome { case new, sameText, sameMeaning }

    private var texts: Set<String> = []
    private var canonical: Set<String> = []

    /// AWS compares texts, a resolver names: without regard to case and a final dot.
    mutating func insert(_ entry: TemplatePolicy.Entry) -> Outcome {
        guard texts.insert(entry.text).inserted else { return .sameText }
        let text = entry.text.lowercased()
        return canonical.insert(text.hasSuffix(".") ? text : text + ".").inserted ? .new : .sameMeaning
    }
}

// MARK: - Rule groups

extension ResourceReader {
    func ruleGroup() -> TemplatePolicy.RuleGroup {
        var group = TemplatePolicy.RuleGroup(
            resource: resource, name: properties.name(standard: standardName), rules: [])
        var priorities: [Int: String] = [:]
        var matches: [String: String] = [:]
        for (value, path) in properties.list("FirewallRules") {
            let reader = PropertyReader(value, ResourceKind.firewallRule, path: path, place: value.place, log: log)
            let priority = reader.integer("Priority", in: 1...Int(Int32.max))
            if let priority, let earlier = priorities.updateValue(path, forKey: priority) {
                reader.report("Priority", "\(priority) is the priority of \(earlier) too")
            }
            let action = action(reader)
            if let threat = threatRule(reader, action, priority: priority ?? 1) { group.threatRules.append(threat) }
            guard let rule = rule(reader, action, priority: priority ?? 1) else { continue }
            let key = "\(rule.rule.domainListID) \(rule.rule.qtype?.mnemonic ?? "")"
            if let earlier = matches.updateValue(path, forKey: key) {
                reader.report("FirewallDomainListId", "\(earlier) has the same list and Qtype")
            }
            group.rules.append(rule)
        }
        return group
    }

    /// Nil when it can't be enforced; each reason is reported.
    private func rule(
        _ reader: PropertyReader, _ action: FirewallRuleAction?, priority: Int
    ) -> TemplatePolicy.Rule? {
        guard matchesByList(reader) else { return nil }
        let redirection = reader.choice(
            "FirewallDomainRedirectionAction", among: ["INSPECT_REDIRECTION_DOMAIN", "TRUST_REDIRECTION_DOMAIN"])
        let qtype = reader.text("Qtype", mustBe: AWSSyntax.qtypeRule) { AWSSyntax.qtype($0) != nil }
        guard let action, let list = reader.id("FirewallDomainListId", prefix: "rslvr-fdl-") else { return nil }
        let rule = FirewallRule(
            name: name(action, list.value, qtype), priority: priority, action: action, domainListID: list.value,
            qtype: qtype.flatMap(AWSSyntax.qtype),
            redirection: redirection.flatMap(RedirectionAction.init(rawValue:)) ?? .inspect)
        return TemplatePolicy.Rule(rule: rule, place: reader.place, list: list, qtype: qtype)
    }

    /// `block BlockedDomains AAAA`
    private func name(_ action: FirewallRuleAction, _ listID: String, _ qtype: String?) -> String {
        let words = [action.name.lowercased(), listNames[listID] ?? listID] + (qtype.map { [$0] } ?? [])
        return String(words.joined(separator: " ").prefix(64))
    }

    /// Whether the rule has a list and nothing else to match by.
    private func matchesByList(_ reader: PropertyReader) -> Bool {
        let sources = ["FirewallDomainListId", "DnsThreatProtection", "FirewallRuleType"].filter(reader.has)
        if sources.count != 1 {
            reader.report("a rule has one of FirewallDomainListId, DnsThreatProtection and FirewallRuleType")
        }
        if reader.has("FirewallRuleType") {
            reader.report("FirewallRuleType", "is not enforced by this version; remove the rule")
        }
        if reader.has("ConfidenceThreshold"), !reader.has("DnsThreatProtection") {
            reader.report("ConfidenceThreshold", "belongs to DnsThreatProtection, which this rule does not have")
        }
        return sources == ["FirewallDomainListId"]
    }

    /// Nil for a rule with a list, and for one that is wrong.
    private func threatRule(
        _ reader: PropertyReader, _ action: FirewallRuleAction?, priority: Int
    ) -> TemplatePolicy.ThreatRule? {
        guard reader.has("DnsThreatProtection") else { return nil }
        let protection = reader.choice("DnsThreatProtection", among: ["DGA", "DNS_TUNNELING", "DICTIONARY_DGA"])
        let threshold = reader.choice("ConfidenceThreshold", among: ["LOW", "MEDIUM", "HIGH"])
        if !reader.has("ConfidenceThreshold") { reader.report("DnsThreatProtection", "needs a ConfidenceThreshold") }
        if action == .allow { reader.report("Action", "a threat can't be allowed; BLOCK or ALERT it") }
        for name in ["Qtype", "FirewallDomainRedirectionAction"] where reader.has(name) {
            reader.report(name, "belongs to rules with a domain list")
        }
        guard let protection, let threshold, let action else { return nil }
        let problem = "is not enforced by this version: the rule is kept, and matches nothing"
        reader.warn("DnsThreatProtection", problem, kind: "not-enforced")
        return TemplatePolicy.ThreatRule(
            priority: priority, action: action, protection: protection, confidenceThreshold: threshold)
    }

    private static let overrideProperties = ["BlockOverrideDomain", "BlockOverrideDnsType", "BlockOverrideTtl"]

    private func action(_ reader: PropertyReader) -> FirewallRuleAction? {
        let action = reader.choice("Action", among: ["ALLOW", "BLOCK", "ALERT"])
        guard let action, action != "BLOCK" else { return action == nil ? nil : block(reader) }
        for name in ["BlockResponse"] + ResourceReader.overrideProperties where reader.has(name) {
            reader.report(name, "belongs to BLOCK; the action is \(action)")
        }
        return action == "ALLOW" ? .allow : .alert
    }

    private func block(_ reader: PropertyReader) -> FirewallRuleAction? {
        guard reader.has("BlockResponse") else {
            reader.report("Action", "BLOCK needs a BlockResponse: NODATA, NXDOMAIN or OVERRIDE")
            return nil
        }
        let response = reader.choice("BlockResponse", among: ["NODATA", "NXDOMAIN", "OVERRIDE"])
        guard response != "OVERRIDE" else { return overriding(reader).map { .block($0) } }
        for name in ResourceReader.overrideProperties where response != nil && reader.has(name) {
            reader.report(name, "belongs to the BlockResponse OVERRIDE")
        }
        return response.map { .block($0 == "NODATA" ? .noData : .nxDomain) }
    }

    /// A missing TTL is 0, as the guide says.
    private func overriding(_ reader: PropertyReader) -> BlockResponse? {
        for name in ["BlockOverrideDomain", "BlockOverrideDnsType"] where !reader.has(name) {
            reader.report("BlockResponse", "OVERRIDE needs \(name)")
        }
        _ = reader.choice("BlockOverrideDnsType", among: ["CNAME"])
        let ttl = reader.has("BlockOverrideTtl") ? reader.integer("BlockOverrideTtl", in: 0...604_800) : 0
        guard let domain = domainName("BlockOverrideDomain", reader), let ttl else { return nil }
        return .override(domain: domain, ttlSeconds: UInt32(ttl))
    }

    /// A name without a star.
    func domainName(_ property: String, _ reader: PropertyReader) -> DomainName? {
        guard let text = reader.text(property) else { return nil }
        guard let specification = try? DomainSpecification(text), specification.scope == .exact else {
            reader.report(property, "\(text.debugDescription) is not a domain name")
            return nil
        }
        return specification.name
    }
}

// MARK: - Associations

extension ResourceReader {
    func association() -> TemplatePolicy.Association? {
        let group = properties.id("FirewallRuleGroupId", prefix: "rslvr-frg-")
        let vpc = properties.vpcID("VpcId")
        // 100 and 9900 and what is beyond them belong to AWS Firewall Manager.
        let priority = properties.integer("Priority", in: 101...9899)
        let name = properties.name(standard: standardName)
        let protection = properties.choice("MutationProtection", among: ["ENABLED", "DISABLED"])
        guard let group, let vpc, let priority else { return nil }
        return TemplatePolicy.Association(
            resource: resource, name: name, group: group, vpc: vpc, priority: priority,
            isMutationProtected: protection == "ENABLED")
    }
}
