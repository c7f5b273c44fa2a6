import DNSWire
import FirewallPolicy

extension FirewallRuleRecord {
    /// Takes the values that are given. Block settings go with the action or the response that they belong to.
    mutating func apply(_ request: UpdateFirewallRule) throws(StoreError) {
        try checkSameSource(request)
        name = request.name ?? name
        priority = request.priority ?? priority
        action = request.action ?? action
        redirection = request.redirection ?? redirection
        confidenceThreshold = request.confidenceThreshold ?? confidenceThreshold
        ruleType = request.ruleType ?? ruleType
        blockResponse = request.blockResponse ?? (action == .block ? blockResponse : nil)
        let isOverride = blockResponse == .override
        blockOverrideDomain = request.blockOverrideDomain ?? (isOverride ? blockOverrideDomain : nil)
        blockOverrideDnsType = request.blockOverrideDnsType ?? (isOverride ? blockOverrideDnsType : nil)
        blockOverrideTtl = request.blockOverrideTtl ?? (isOverride ? blockOverrideTtl ?? 0 : nil)
    }

    /// What a rule looks for stays; only the threshold of a threat protection may change.
    private func checkSameSource(_ request: UpdateFirewallRule) throws(StoreError) {
        if let given = request.dnsThreatProtection, given != dnsThreatProtection {
            throw .validation(message: "DnsThreatProtection of a rule can't be changed.")
        }
        switch (ruleType, request.ruleType) {
        case (_, nil): return
        case (.dnsThreatProtection(let old, _), .dnsThreatProtection(let new, _)) where old == new: return
        case (let old, let new) where old == new: return
        default: throw .validation(message: "FirewallRuleType of a rule can't be changed.")
        }
    }

    /// Checks what the members of a rule say about each other.
    func validate() throws(StoreError) {
        guard priority > 0 else { throw .validation(message: "Priority must be greater than 0.") }
        try validateSource()
        try validateBlock()
    }

    private func validateSource() throws(StoreError) {
        let sources = [firewallDomainListID != nil, dnsThreatProtection != nil, ruleType != nil]
        guard sources.count(where: { $0 }) == 1 else {
            throw .validation(
                message: "Give exactly one of FirewallDomainListId, DnsThreatProtection and FirewallRuleType.")
        }
        guard (dnsThreatProtection != nil) == (confidenceThreshold != nil) else {
            throw .validation(message: "DnsThreatProtection and ConfidenceThreshold go together.")
        }
        guard firewallDomainListID == nil else { return }
        guard qtype == nil, redirection == nil else {
            throw .validation(
                message: "Qtype and FirewallDomainRedirectionAction are for rules with a domain list only.")
        }
        guard !(isThreatProtection && action == .allow) else {
            throw .validation(message: "A rule with DnsThreatProtection can't have the action ALLOW.")
        }
    }

    private var isThreatProtection: Bool {
        if case .dnsThreatProtection = ruleType { return true }
        return dnsThreatProtection != nil
    }

    private func validateBlock() throws(StoreError) {
        guard action == .block else {
            guard blockResponse == nil else {
                throw .validation(message: "BlockResponse is for the action BLOCK only.")
            }
            return try validateNoOverride()
        }
        guard let blockResponse else {
            throw .validation(message: "[RSLVR-02016] The action BLOCK requires a BlockResponse.")
        }
        guard blockResponse == .override else { return try validateNoOverride() }
        guard let domain = blockOverrideDomain, blockOverrideDnsType != nil else {
            throw .validation(
                message: "The BlockResponse OVERRIDE requires BlockOverrideDomain and BlockOverrideDnsType.")
        }
        guard let name = try? DomainName(domain), name.labelCount > 0 else {
            throw .validation(message: "BlockOverrideDomain \"\(domain)\" is not a valid domain name.")
        }
    }

    private func validateNoOverride() throws(StoreError) {
        guard blockOverrideDomain == nil, blockOverrideDnsType == nil, blockOverrideTtl == nil else {
            throw .validation(
                message: "BlockOverrideDomain, BlockOverrideDnsType and BlockOverrideTtl are for OVERRIDE only.")
        }
    }
}
