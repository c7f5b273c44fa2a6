import FirewallPolicy
import GRDB

extension StoreTransaction {
    func rules(groupID: String) throws -> [FirewallRuleRecord] {
        try FirewallRuleRecord.filter(Column("firewallRuleGroupID") == groupID).order(Column("priority")).fetchAll(db)
    }

    mutating func create(_ request: CreateFirewallRule) throws -> FirewallRuleRecord {
        if let made = try repeated(FirewallRuleRecord.self, .rule, request.creatorRequestID, request) { return made }
        let group = try findChangeable(FirewallRuleGroupRecord.self, request.firewallRuleGroupID)
        if let list = request.firewallDomainListID { _ = try find(FirewallDomainListRecord.self, list) }
        let rule = try record(of: request, origin: .api)
        try rule.validate()
        try checkFree(rule, in: group)
        guard group.ruleCount < quotas.rulesPerGroup else {
            throw StoreError.quota(quotas.rulesPerGroup, of: "rules in a rule group", FirewallRuleRecord.kind)
        }
        try rule.insert(db)
        try remember(.rule, request.creatorRequestID, request, made: rule.id)
        try countRules(in: group.id)
        return rule
    }

    mutating func update(_ request: UpdateFirewallRule) throws -> FirewallRuleRecord {
        let group = try findChangeable(FirewallRuleGroupRecord.self, request.key.firewallRuleGroupID)
        guard var rule = try FirewallRuleRecord.fetchOne(db, key: request.key.id) else { throw request.key.missing }
        let priority = rule.priority
        try rule.apply(request)
        try rule.validate()
        if rule.priority != priority { try checkPriority(rule.priority, in: group) }
        rule.modificationTime = time
        try rule.update(db)
        note(.rules)
        return rule
    }

    mutating func deleteRule(_ key: FirewallRuleKey) throws -> FirewallRuleRecord {
        let group = try findChangeable(FirewallRuleGroupRecord.self, key.firewallRuleGroupID)
        guard let rule = try FirewallRuleRecord.fetchOne(db, key: key.id) else { throw try missing(key) }
        try delete(rule)
        try countRules(in: group.id)
        return rule
    }

    /// The rule as it will be stored, with the defaults filled in.
    func record(of request: CreateFirewallRule, origin: RecordOrigin) throws -> FirewallRuleRecord {
        let hasList = request.firewallDomainListID != nil
        let threatID =
            origin == .api
            ? StoreIdentifiers.random("rslvr-ftp-")
            : StableIdentifier.make("rslvr-ftp-", for: "\(request.firewallRuleGroupID) \(request.creatorRequestID)")
        let key = FirewallRuleKey(
            firewallRuleGroupID: request.firewallRuleGroupID, firewallDomainListID: request.firewallDomainListID,
            firewallThreatProtectionID: hasList ? nil : threatID, qtype: request.qtype)
        let isOverride = request.blockResponse == .override
        return FirewallRuleRecord(
            id: key.id, firewallRuleGroupID: request.firewallRuleGroupID,
            firewallDomainListID: request.firewallDomainListID,
            firewallThreatProtectionID: key.firewallThreatProtectionID,
            name: request.name, priority: request.priority, action: request.action,
            blockResponse: request.blockResponse, blockOverrideDomain: request.blockOverrideDomain,
            blockOverrideDnsType: request.blockOverrideDnsType,
            blockOverrideTtl: request.blockOverrideTtl ?? (isOverride ? 0 : nil),
            creatorRequestID: request.creatorRequestID, creationTime: earlier[key.id]?.creationTime ?? time,
            modificationTime: time,
            redirection: request.redirection ?? (hasList ? .inspect : nil), qtype: request.qtype,
            dnsThreatProtection: request.dnsThreatProtection, confidenceThreshold: request.confidenceThreshold,
            ruleType: request.ruleType, origin: origin)
    }

    mutating func countRules(in groupID: String) throws {
        try db.execute(
            sql: """
                UPDATE firewallRuleGroup SET modificationTime = ?,
                    ruleCount = (SELECT COUNT(*) FROM firewallRule WHERE firewallRuleGroupID = ?) WHERE id = ?
                """,
            arguments: [time, groupID, groupID])
        note(.rules)
    }

    /// Why there is no rule to delete: AWS tells a wrong Qtype from a wrong list.
    private func missing(_ key: FirewallRuleKey) throws -> StoreError {
        let others = try rules(groupID: key.firewallRuleGroupID)
        guard let list = key.firewallDomainListID, others.contains(where: { $0.firewallDomainListID == list }) else {
            return key.missing
        }
        return .validation(message: "The rule for the domain list \"\(list)\" has another Qtype.")
    }

    private func checkFree(_ rule: FirewallRuleRecord, in group: FirewallRuleGroupRecord) throws {
        guard try !FirewallRuleRecord.exists(db, key: rule.id) else {
            let type = rule.qtype.map { " and Qtype \"\($0)\"" } ?? ""
            throw StoreError.validation(
                message: """
                    The rule group \"\(group.id)\" already has a rule for the domain list \
                    \"\(rule.firewallDomainListID ?? "")\"\(type).
                    """)
        }
        try checkPriority(rule.priority, in: group)
    }

    private func checkPriority(_ priority: Int, in group: FirewallRuleGroupRecord) throws {
        let taken = FirewallRuleRecord.filter(
            Column("firewallRuleGroupID") == group.id && Column("priority") == priority)
        guard try taken.isEmpty(db) else {
            throw StoreError.validation(
                message: "The priority \(priority) is taken by another rule of the rule group \"\(group.id)\".")
        }
    }
}

extension FirewallRuleKey {
    fileprivate var missing: StoreError {
        FirewallRuleRecord.missing(firewallDomainListID ?? firewallThreatProtectionID ?? "")
    }
}
