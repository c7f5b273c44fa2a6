import GRDB

// Resource policies are kept and given back; nobody is there to share with.

extension ResolverStore {
    package func putFirewallRuleGroupPolicy(arn: String, policy: String) throws(StoreError) {
        try put(policy, FirewallRuleGroupRecord.self, arn) { .unknownID(arn, FirewallRuleGroupRecord.kind) }
    }

    package func firewallRuleGroupPolicy(arn: String) throws(StoreError) -> String {
        try policy(FirewallRuleGroupRecord.self, arn) { .unknownID(arn, FirewallRuleGroupRecord.kind) }
    }

    package func putResolverQueryLogConfigPolicy(arn: String, policy: String) throws(StoreError) {
        try put(policy, ResolverQueryLogConfigRecord.self, arn) { .unknownARN(arn) }
    }

    package func resolverQueryLogConfigPolicy(arn: String) throws(StoreError) -> String {
        try policy(ResolverQueryLogConfigRecord.self, arn) { .unknownARN(arn) }
    }

    package func putResolverRulePolicy(arn: String, policy: String) throws(StoreError) {
        try put(policy, ResolverRuleRecord.self, arn) { .unknownARN(arn) }
    }

    package func resolverRulePolicy(arn: String) throws(StoreError) -> String {
        try policy(ResolverRuleRecord.self, arn) { .unknownARN(arn) }
    }

    private func put<Record: NamedRecord>(
        _ policy: String, _ type: Record.Type, _ arn: String, orThrow missing: () -> StoreError
    ) throws(StoreError) {
        try write { transaction in
            guard let record = try transaction.named(arn, type) else { throw missing() }
            guard record.origin == .api else { throw StoreError.readOnly(record.id, record.origin) }
            try transaction.db.execute(
                sql: "INSERT OR REPLACE INTO resourcePolicy VALUES (?, ?)", arguments: [arn, policy])
        }
    }

    private func policy<Record: NamedRecord>(
        _ type: Record.Type, _ arn: String, orThrow missing: () -> StoreError
    ) throws(StoreError) -> String {
        try read { transaction in
            let document = try String.fetchOne(
                transaction.db, sql: "SELECT document FROM resourcePolicy WHERE arn = ?", arguments: [arn])
            guard let document, try transaction.named(arn, type) != nil else { throw missing() }
            return document
        }
    }
}
