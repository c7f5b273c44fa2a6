import GRDB

extension StoreTransaction {
    func checkListQuota() throws {
        let count = try FirewallDomainListRecord.filter(Column("managedOwnerName") == nil).fetchCount(db)
        guard count < quotas.domainLists else {
            throw StoreError.quota(quotas.domainLists, of: "domain lists", FirewallDomainListRecord.kind)
        }
    }

    /// Creates an empty list.
    func insert(_ request: CreateFirewallDomainList, id: String, origin: RecordOrigin) throws
        -> FirewallDomainListRecord
    {
        let stamp = try stamp(id)
        let list = FirewallDomainListRecord(
            sequence: stamp.sequence, id: id,
            arn: identity.arn(FirewallDomainListRecord.kind, id: id),
            name: request.name, domainCount: 0, status: .complete, statusMessage: "Created Firewall Domain List",
            managedOwnerName: nil, creatorRequestID: request.creatorRequestID, creationTime: stamp.creationTime,
            modificationTime: time, origin: origin)
        try list.insert(db)
        try insertTags(request.tags, arn: list.arn)
        return list
    }

    /// The list, if it may be changed now.
    func settledList(_ id: String) throws -> FirewallDomainListRecord {
        let list = try findChangeable(FirewallDomainListRecord.self, id)
        guard list.status != .importing else {
            throw StoreError.conflict(message: "The domain list \"\(id)\" is being imported.")
        }
        return list
    }

    func isUsed(listID: String) throws -> Bool {
        try !FirewallRuleRecord.filter(Column("firewallDomainListID") == listID).isEmpty(db)
    }

    /// Stores the list's count with a new status.
    func finish(
        _ list: inout FirewallDomainListRecord, _ status: FirewallDomainListStatus, _ message: String
    ) throws {
        list.status = status
        list.statusMessage = message
        list.modificationTime = time
        try list.update(db)
    }

    /// A crash has left these without whoever would end them.
    func endInterruptedImports() throws {
        try db.execute(
            sql: "UPDATE firewallDomainList SET status = ?, statusMessage = ? WHERE status = ?",
            arguments: [
                FirewallDomainListStatus.completeImportFailed.rawValue, "The import was interrupted",
                FirewallDomainListStatus.importing.rawValue,
            ])
    }

    // MARK: Domains

    func domains(listID: String, after: String, limit: Int) throws -> [String] {
        try String.fetchAll(
            db, sql: "SELECT domain FROM firewallDomain WHERE listID = ? AND domain > ? ORDER BY domain LIMIT ?",
            arguments: [listID, after, limit])
    }

    func canonicalUpdate(_ domains: [String]) throws -> [String] {
        guard !domains.isEmpty else { throw StoreError.validation(message: "Domains must not be empty.") }
        guard domains.count <= quotas.domainsPerUpdate else {
            throw StoreError.validation(
                message: "One call takes at most \(quotas.domainsPerUpdate) domains, this one has \(domains.count).")
        }
        return try CanonicalDomains(domains).texts
    }

    mutating func add(_ domains: [String], to list: inout FirewallDomainListRecord) throws {
        let added = try insert(domains, listID: list.id)
        list.domainCount += added.count
        try checkDomainQuota(list)
        note(.domains(listID: list.id, added: added, removed: []))
    }

    mutating func remove(_ domains: [String], from list: inout FirewallDomainListRecord) throws {
        let statement = try db.cachedStatement(sql: "DELETE FROM firewallDomain WHERE listID = ? AND domain = ?")
        var removed: Set<String> = []
        for domain in domains where !removed.contains(domain) {
            try statement.execute(arguments: [list.id, domain])
            guard db.changesCount == 1 else {
                throw StoreError.validation(
                    message: """
                        [RSLVR-02502] The following domains don't exist in the DNS Firewall domain list '\(list.id)'. \
                        You can't delete a domain that isn't in a domain list. Example unknown domain: '\(domain)'.
                        """)
            }
            removed.insert(domain)
        }
        list.domainCount -= removed.count
        note(.domains(listID: list.id, added: [], removed: removed.sorted()))
    }

    mutating func replace(by domains: [String], in list: inout FirewallDomainListRecord) throws {
        try deleteDomains(listID: list.id)
        list.domainCount = try insert(domains, listID: list.id).count
        try checkDomainQuota(list)
        note(.domainsReplaced(listID: list.id))
    }

    func deleteDomains(listID: String) throws {
        try db.execute(sql: "DELETE FROM firewallDomain WHERE listID = ?", arguments: [listID])
    }

    /// Returns the domains that the list did not have.
    func insert(_ domains: [String], listID: String) throws -> [String] {
        let statement = try db.cachedStatement(sql: "INSERT OR IGNORE INTO firewallDomain VALUES (?, ?)")
        var added: [String] = []
        for domain in domains {
            try statement.execute(arguments: [listID, domain])
            if db.changesCount == 1 { added.append(domain) }
        }
        return added
    }

    /// - Parameter list: with its new count, which need not be stored yet.
    private func checkDomainQuota(_ list: FirewallDomainListRecord) throws {
        let others = try Int.fetchOne(
            db, sql: "SELECT SUM(domainCount) FROM firewallDomainList WHERE managedOwnerName IS NULL AND id <> ?",
            arguments: [list.id])
        guard (others ?? 0) + list.domainCount <= quotas.domains else {
            throw StoreError.quota(quotas.domains, of: "domains in all lists", FirewallDomainListRecord.kind)
        }
    }
}
