extension ResolverStore {
    package func createFirewallDomainList(
        _ request: CreateFirewallDomainList
    ) throws(StoreError) -> FirewallDomainListRecord {
        try write { transaction in
            let id = request.creatorRequestID
            if let made = try transaction.repeated(FirewallDomainListRecord.self, .domainList, id, request) {
                return made
            }
            try transaction.checkListQuota()
            let list = try transaction.insert(request, id: StoreIdentifiers.random("rslvr-fdl-"), origin: .api)
            try transaction.remember(.domainList, id, request, made: list.id)
            transaction.note(.domains(listID: list.id, added: [], removed: []))
            return list
        }
    }

    package func firewallDomainList(_ id: String) throws(StoreError) -> FirewallDomainListRecord {
        try read { try $0.find(FirewallDomainListRecord.self, id) }
    }

    package func firewallDomainLists() throws(StoreError) -> [FirewallDomainListRecord] {
        try read { try $0.all(FirewallDomainListRecord.self) }
    }

    package func deleteFirewallDomainList(_ id: String) throws(StoreError) -> FirewallDomainListRecord {
        try write { transaction in
            var list = try transaction.settledList(id)
            guard try !transaction.isUsed(listID: id) else {
                throw StoreError.conflict(message: "The domain list \"\(id)\" is used by a firewall rule.")
            }
            try transaction.deleteDomains(listID: id)
            try transaction.delete(list)
            transaction.note(.domainsReplaced(listID: id))
            list.status = .deleting
            list.statusMessage = "Deleting the Firewall Domain List"
            return list
        }
    }

    /// The domains that follow `after` in the order of their octets.
    package func firewallDomains(listID: String, after: String?, limit: Int) throws(StoreError) -> DomainPage {
        try read { transaction in
            let list = try transaction.find(FirewallDomainListRecord.self, listID)
            guard list.origin != .managed else { throw StoreError.readOnly(listID, .managed) }
            var domains = try transaction.domains(listID: listID, after: after ?? "", limit: limit + 1)
            let hasMore = domains.count > limit
            if hasMore { domains.removeLast() }
            return DomainPage(domains: domains, hasMore: hasMore)
        }
    }

    /// - Parameter domains: as sent; they are checked and made canonical here.
    package func updateFirewallDomains(
        listID: String, operation: UpdateDomainsOperation, domains: [String]
    ) throws(StoreError) -> FirewallDomainListRecord {
        try write { transaction in
            var list = try transaction.settledList(listID)
            let canonical = try transaction.canonicalUpdate(domains)
            switch operation {
            case .add: try transaction.add(canonical, to: &list)
            case .remove: try transaction.remove(canonical, from: &list)
            case .replace: try transaction.replace(by: canonical, in: &list)
            }
            try transaction.finish(&list, .complete, "Finished domain list update")
            list.status = .updating
            list.statusMessage = "Updating the Firewall Domain List"
            return list
        }
    }
}

// MARK: - ImportFirewallDomains

extension ResolverStore {
    /// Notes that a file is being read for the list, which keeps its domains until `finishImport`.
    package func beginImport(listID: String) throws(StoreError) -> FirewallDomainListRecord {
        try write { transaction in
            var list = try transaction.settledList(listID)
            try transaction.finish(&list, .importing, "Importing domains from provided file.")
            return list
        }
    }

    /// Puts a file's domains in the place of the list's own. Where there are too many the old ones stay, and the record
    /// says why.
    package func finishImport(listID: String, domains: CanonicalDomains) throws(StoreError) -> FirewallDomainListRecord
    {
        do {
            return try write { transaction in
                var list = try transaction.findChangeable(FirewallDomainListRecord.self, listID)
                let limit = transaction.quotas.domainsPerFile
                guard domains.texts.count <= limit else {
                    throw StoreError.quota(limit, of: "domains in a file", FirewallDomainListRecord.kind)
                }
                try transaction.replace(by: domains.texts, in: &list)
                try transaction.finish(&list, .complete, "Finished domain list import")
                return list
            }
        } catch .limitExceeded(let message, _) {
            return try failImport(listID: listID, reason: message)
        }
    }

    /// Ends an import without effect.
    package func failImport(listID: String, reason: String) throws(StoreError) -> FirewallDomainListRecord {
        try write { transaction in
            var list = try transaction.findChangeable(FirewallDomainListRecord.self, listID)
            try transaction.finish(&list, .completeImportFailed, String(reason.prefix(255)))
            return list
        }
    }
}

/// One page of a list's domains.
package struct DomainPage: Sendable, Equatable {
    /// Canonical, sorted by octets.
    package var domains: [String]
    /// Whether more follow after the last one.
    package var hasMore: Bool
}
