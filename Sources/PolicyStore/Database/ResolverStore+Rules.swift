extension ResolverStore {
    package func createFirewallRule(_ request: CreateFirewallRule) throws(StoreError) -> FirewallRuleRecord {
        try write { try $0.create(request) }
    }

    package func updateFirewallRule(_ request: UpdateFirewallRule) throws(StoreError) -> FirewallRuleRecord {
        try write { try $0.update(request) }
    }

    package func deleteFirewallRule(_ key: FirewallRuleKey) throws(StoreError) -> FirewallRuleRecord {
        try write { try $0.deleteRule(key) }
    }

    /// By priority.
    package func firewallRules(groupID: String) throws(StoreError) -> [FirewallRuleRecord] {
        try read { transaction in
            _ = try transaction.find(FirewallRuleGroupRecord.self, groupID)
            return try transaction.rules(groupID: groupID)
        }
    }

    // MARK: Batches: one commit, and for each entry its rule or what is wrong with it.

    package func batchCreateFirewallRules(
        _ entries: [CreateFirewallRule]
    ) throws(StoreError) -> [Result<FirewallRuleRecord, StoreError>] {
        try batch(entries) { try $0.create($1) }
    }

    package func batchUpdateFirewallRules(
        _ entries: [UpdateFirewallRule]
    ) throws(StoreError) -> [Result<FirewallRuleRecord, StoreError>] {
        try batch(entries) { try $0.update($1) }
    }

    package func batchDeleteFirewallRules(
        _ keys: [FirewallRuleKey]
    ) throws(StoreError) -> [Result<FirewallRuleRecord, StoreError>] {
        try batch(keys) { try $0.deleteRule($1) }
    }

    /// An entry is refused before anything of it is written; a failing database ends the whole batch.
    private func batch<Entry>(
        _ entries: [Entry], _ body: (inout StoreTransaction, Entry) throws -> FirewallRuleRecord
    ) throws(StoreError) -> [Result<FirewallRuleRecord, StoreError>] {
        try write { transaction in
            var results: [Result<FirewallRuleRecord, StoreError>] = []
            for entry in entries {
                do {
                    results.append(.success(try body(&transaction, entry)))
                } catch let error as StoreError {
                    results.append(.failure(error))
                }
            }
            return results
        }
    }
}
