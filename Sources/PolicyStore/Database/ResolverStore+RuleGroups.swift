import GRDB

extension ResolverStore {
    package func createFirewallRuleGroup(
        _ request: CreateFirewallRuleGroup
    ) throws(StoreError) -> FirewallRuleGroupRecord {
        try write { transaction in
            let id = request.creatorRequestID
            if let made = try transaction.repeated(FirewallRuleGroupRecord.self, .ruleGroup, id, request) {
                return made
            }
            try transaction.checkQuota(transaction.quotas.ruleGroups, FirewallRuleGroupRecord.self, of: "rule groups")
            let group = try transaction.insert(request, id: StoreIdentifiers.random("rslvr-frg-"), origin: .api)
            try transaction.remember(.ruleGroup, id, request, made: group.id)
            transaction.note(.rules)
            return group
        }
    }

    package func firewallRuleGroup(_ id: String) throws(StoreError) -> FirewallRuleGroupRecord {
        try read { try $0.find(FirewallRuleGroupRecord.self, id) }
    }

    package func firewallRuleGroups() throws(StoreError) -> [FirewallRuleGroupRecord] {
        try read { try $0.all(FirewallRuleGroupRecord.self) }
    }

    package func deleteFirewallRuleGroup(_ id: String) throws(StoreError) -> FirewallRuleGroupRecord {
        try write { transaction in
            var group = try transaction.findChangeable(FirewallRuleGroupRecord.self, id)
            guard group.ruleCount == 0 else {
                throw StoreError.conflict(message: "[RSLVR-02103] The rule group \"\(id)\" still has rules.")
            }
            let associations = FirewallRuleGroupAssociationRecord.filter(Column("firewallRuleGroupID") == id)
            guard try associations.isEmpty(transaction.db) else {
                throw StoreError.conflict(message: "The rule group \"\(id)\" is associated with a VPC.")
            }
            try transaction.delete(group)
            transaction.note(.rules)
            group.status = .deleting
            group.statusMessage = "Deleting the Firewall Rule Group"
            return group
        }
    }
}

extension StoreTransaction {
    /// Creates a group without rules.
    func insert(_ request: CreateFirewallRuleGroup, id: String, origin: RecordOrigin) throws -> FirewallRuleGroupRecord
    {
        let stamp = try stamp(id)
        let group = FirewallRuleGroupRecord(
            sequence: stamp.sequence, id: id,
            arn: identity.arn(FirewallRuleGroupRecord.kind, id: id),
            name: request.name, ruleCount: 0, status: .complete, statusMessage: "Created Firewall Rule Group",
            ownerID: identity.accountID, creatorRequestID: request.creatorRequestID, shareStatus: "NOT_SHARED",
            creationTime: stamp.creationTime, modificationTime: time, origin: origin)
        try group.insert(db)
        try insertTags(request.tags, arn: group.arn)
        return group
    }
}
