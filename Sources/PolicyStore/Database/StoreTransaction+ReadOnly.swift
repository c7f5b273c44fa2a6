import FirewallPolicy
import GRDB

extension StoreTransaction {
    /// Takes the configuration's objects instead of those that are there. What the API has made stays, but for the
    /// associations of what is gone.
    mutating func replaceReadOnlyObjects(_ objects: ReadOnlyObjects) throws {
        earlier = try stampsOfReadOnlyObjects()
        try declare(objects.vpcIDs)
        try deleteReadOnlyObjects()
        for list in objects.managedLists { try insert(list) }
        for template in objects.templates { try insert(template) }
        try deleteOrphans()
    }

    private func declare(_ vpcIDs: [String]) throws {
        try db.execute(sql: "UPDATE vpc SET isDeclared = 0")
        for id in vpcIDs {
            let reverse: ConfigSwitch = VPC(id: id, cidrs: []).autodefinedReverse ? .enable : .disable
            if var vpc = try VPCRecord.fetchOne(db, key: id) {
                vpc.isDeclared = true
                // What a template has said until now, it has to say again.
                if vpc.resolverConfigOrigin != .api {
                    (vpc.autodefinedReverse, vpc.resolverConfigOrigin) = (reverse, .api)
                }
                try vpc.update(db)
            } else {
                try VPCRecord(
                    sequence: try stamp(id).sequence, id: id, isDeclared: true,
                    firewallConfigID: StoreIdentifiers.random("rslvr-fc-"), failOpen: .disabled,
                    resolverConfigID: StoreIdentifiers.random("rslvr-rc-"),
                    autodefinedReverse: reverse,
                    resolverConfigOrigin: .api, dnssecConfigID: StoreIdentifiers.random("rslvr-dv-"),
                    validation: .disable
                ).insert(db)
            }
        }
    }

    private func stampsOfReadOnlyObjects() throws -> [String: Stamp] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT id, sequence, creationTime, origin FROM firewallDomainList
                UNION ALL SELECT id, sequence, creationTime, origin FROM firewallRuleGroup
                UNION ALL SELECT id, priority, creationTime, origin FROM firewallRule
                UNION ALL SELECT id, sequence, creationTime, origin FROM firewallRuleGroupAssociation
                UNION ALL SELECT id, sequence, creationTime, origin FROM resolverQueryLogConfig
                UNION ALL SELECT id, sequence, creationTime, origin FROM resolverQueryLogConfigAssociation
                UNION ALL SELECT id, sequence, creationTime, origin FROM resolverRule
                UNION ALL SELECT id, sequence, '', origin FROM resolverRuleAssociation
                """)
        let stamps = rows.filter { $0["origin"] != RecordOrigin.api.rawValue }
            .map { ($0["id"] as String, Stamp(sequence: $0["sequence"], creationTime: $0["creationTime"])) }
        return Dictionary(stamps, uniquingKeysWith: { first, _ in first })
    }

    private func deleteReadOnlyObjects() throws {
        let others = Column("origin") != RecordOrigin.api.rawValue
        for list in try FirewallDomainListRecord.filter(others).fetchAll(db) {
            try deleteDomains(listID: list.id)
            try delete(list)
        }
        for record in try FirewallRuleGroupRecord.filter(others).fetchAll(db) { try delete(record) }
        for record in try FirewallRuleGroupAssociationRecord.filter(others).fetchAll(db) { try delete(record) }
        for record in try ResolverQueryLogConfigRecord.filter(others).fetchAll(db) { try delete(record) }
        for record in try ResolverRuleRecord.filter(others).fetchAll(db) { try delete(record) }
        try FirewallRuleRecord.filter(others).deleteAll(db)
        try ResolverQueryLogConfigAssociationRecord.filter(others).deleteAll(db)
        try ResolverRuleAssociationRecord.filter(others).deleteAll(db)
    }

    private func insert(_ list: ManagedDomainList) throws {
        var record = try insert(
            CreateFirewallDomainList(creatorRequestID: list.name, name: list.name), id: list.id, origin: .managed)
        record.domainCount = list.domainCount
        record.managedOwnerName = ManagedListName.owner
        try record.update(db)
    }

    private mutating func insert(_ template: TemplateObjects) throws {
        let origin = RecordOrigin.template(file: template.file)
        for list in template.domainLists {
            var record = try insert(list.request, id: list.id, origin: origin)
            let domains = try CanonicalDomains(template.domains[list.id] ?? []).texts
            record.domainCount = try insert(domains, listID: list.id).count
            try record.update(db)
        }
        for group in template.ruleGroups { _ = try insert(group.request, id: group.id, origin: origin) }
        for rule in template.rules { try record(of: rule, origin: origin).insert(db) }
        for group in template.ruleGroups { try countRules(in: group.id) }
        for association in template.associations {
            _ = try insert(association.request, id: association.id, origin: origin)
        }
        try insertResolverObjects(of: template, origin)
    }

    private mutating func insertResolverObjects(of template: TemplateObjects, _ origin: RecordOrigin) throws {
        for config in template.queryLogConfigs { _ = try insert(config.request, id: config.id, origin: origin) }
        for association in template.queryLogConfigAssociations {
            _ = try insertQueryLogAssociation(association.request, id: association.id, origin: origin)
        }
        for rule in template.resolverRules { _ = try insert(rule.request, id: rule.id, origin: origin) }
        for association in template.resolverRuleAssociations {
            _ = try insertRuleAssociation(association.request, id: association.id, origin: origin)
        }
        for (vpcID, autodefinedReverse) in template.resolverConfigs {
            try db.execute(
                sql: "UPDATE vpc SET autodefinedReverse = ?, resolverConfigOrigin = ? WHERE id = ?",
                arguments: [autodefinedReverse.rawValue, origin.rawValue, vpcID])
        }
    }

    private mutating func deleteOrphans() throws {
        for association in try all(FirewallRuleGroupAssociationRecord.self) {
            guard try !FirewallRuleGroupRecord.exists(db, key: association.firewallRuleGroupID) else { continue }
            try delete(association)
        }
        for association in try all(ResolverRuleAssociationRecord.self) {
            guard try !ResolverRuleRecord.exists(db, key: association.resolverRuleID) else { continue }
            try delete(association)
        }
        for association in try all(ResolverQueryLogConfigAssociationRecord.self) {
            guard try !ResolverQueryLogConfigRecord.exists(db, key: association.resolverQueryLogConfigID) else {
                continue
            }
            try delete(association)
        }
        for config in try all(ResolverQueryLogConfigRecord.self) { try countAssociations(of: config.id) }
    }
}
