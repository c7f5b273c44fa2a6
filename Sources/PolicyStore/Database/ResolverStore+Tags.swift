import GRDB

extension ResolverStore {
    package func tag(arn: String, tags: [Tag]) throws(StoreError) {
        try write { transaction in
            try transaction.checkTaggable(arn, forChange: true)
            try transaction.insertTags(tags, arn: arn)
            let limit = transaction.quotas.tagsPerResource
            guard try transaction.tags(arn: arn).count <= limit else {
                throw StoreError.quota(limit, of: "tags of a resource", "tag")
            }
        }
    }

    package func untag(arn: String, keys: [String]) throws(StoreError) {
        try write { transaction in
            try transaction.checkTaggable(arn, forChange: true)
            for key in keys {
                try transaction.db.execute(sql: "DELETE FROM tag WHERE arn = ? AND key = ?", arguments: [arn, key])
            }
        }
    }

    /// By key.
    package func tags(arn: String) throws(StoreError) -> [Tag] {
        try read { transaction in
            try transaction.checkTaggable(arn, forChange: false)
            return try transaction.tags(arn: arn)
        }
    }
}

extension StoreTransaction {
    func insertTags(_ tags: [Tag], arn: String) throws {
        for tag in tags {
            try db.execute(sql: "INSERT OR REPLACE INTO tag VALUES (?, ?, ?)", arguments: [arn, tag.key, tag.value])
        }
    }

    func tags(arn: String) throws -> [Tag] {
        try Row.fetchAll(db, sql: "SELECT key, value FROM tag WHERE arn = ? ORDER BY key", arguments: [arn])
            .map { Tag(key: $0["key"], value: $0["value"]) }
    }

    func checkTaggable(_ arn: String, forChange: Bool) throws {
        let types: [any NamedRecord.Type] = [
            FirewallDomainListRecord.self, FirewallRuleGroupRecord.self, FirewallRuleGroupAssociationRecord.self,
            ResolverQueryLogConfigRecord.self, ResolverRuleRecord.self,
        ]
        for type in types {
            guard let record = try named(arn, type) as (any NamedRecord)? else { continue }
            guard !forChange || record.origin == .api else { throw StoreError.readOnly(record.id, record.origin) }
            return
        }
        throw StoreError.unknownID(arn, "resource")
    }
}
