import GRDB

extension ResolverStore {
    package func associateFirewallRuleGroup(
        _ request: AssociateFirewallRuleGroup
    ) throws(StoreError) -> FirewallRuleGroupAssociationRecord {
        try write { transaction in
            let id = request.creatorRequestID
            let made = try transaction.repeated(FirewallRuleGroupAssociationRecord.self, .association, id, request)
            if let made { return made }
            _ = try transaction.find(FirewallRuleGroupRecord.self, request.firewallRuleGroupID)
            _ = try transaction.vpc(request.vpcID)
            try transaction.checkNewAssociation(request)
            var association = try transaction.insert(
                request, id: StoreIdentifiers.random("rslvr-frgassoc-"), origin: .api)
            try transaction.remember(.association, id, request, made: association.id)
            transaction.note(.associations)
            association.status = .updating
            association.statusMessage = "Creating Firewall Rule Group Association"
            return association
        }
    }

    package func disassociateFirewallRuleGroup(
        _ id: String
    ) throws(StoreError) -> FirewallRuleGroupAssociationRecord {
        try write { transaction in
            var association = try transaction.findChangeable(FirewallRuleGroupAssociationRecord.self, id)
            try association.checkUnprotected()
            try transaction.delete(association)
            transaction.note(.associations)
            association.status = .deleting
            association.statusMessage = "Deleting the Firewall Rule Group Association"
            return association
        }
    }

    package func firewallRuleGroupAssociation(
        _ id: String
    ) throws(StoreError) -> FirewallRuleGroupAssociationRecord {
        try read { try $0.find(FirewallRuleGroupAssociationRecord.self, id) }
    }

    package func firewallRuleGroupAssociations() throws(StoreError) -> [FirewallRuleGroupAssociationRecord] {
        try read { try $0.all(FirewallRuleGroupAssociationRecord.self) }
    }

    /// What is nil stays as it is. A protected association takes nothing unless protection is taken off with it.
    package func updateFirewallRuleGroupAssociation(
        _ id: String, name: String?, priority: Int?, mutationProtection: MutationProtection?
    ) throws(StoreError) -> FirewallRuleGroupAssociationRecord {
        try write { transaction in
            var association = try transaction.findChangeable(FirewallRuleGroupAssociationRecord.self, id)
            if mutationProtection != .disabled { try association.checkUnprotected() }
            if let priority, priority != association.priority {
                try transaction.checkPriority(priority, vpcID: association.vpcID)
                association.priority = priority
            }
            association.name = name ?? association.name
            association.mutationProtection = mutationProtection ?? association.mutationProtection
            association.modificationTime = transaction.time
            try association.update(transaction.db)
            transaction.note(.associations)
            association.status = .updating
            association.statusMessage = "Updating the Firewall Rule Group Association Attributes"
            return association
        }
    }
}

extension FirewallRuleGroupAssociationRecord {
    fileprivate func checkUnprotected() throws(StoreError) {
        guard mutationProtection == .disabled else {
            throw .conflict(
                message:
                    "The association \"\(id)\" is protected from changes: set MutationProtection to DISABLED first.")
        }
    }
}

extension StoreTransaction {
    func insert(
        _ request: AssociateFirewallRuleGroup, id: String, origin: RecordOrigin
    ) throws -> FirewallRuleGroupAssociationRecord {
        let stamp = try stamp(id)
        let association = FirewallRuleGroupAssociationRecord(
            sequence: stamp.sequence, id: id,
            arn: identity.arn(FirewallRuleGroupAssociationRecord.kind, id: id),
            firewallRuleGroupID: request.firewallRuleGroupID, vpcID: request.vpcID, name: request.name,
            priority: request.priority, mutationProtection: request.mutationProtection, status: .complete,
            statusMessage: "Finished rule group association update", creatorRequestID: request.creatorRequestID,
            creationTime: stamp.creationTime, modificationTime: time, origin: origin)
        try association.insert(db)
        try insertTags(request.tags, arn: association.arn)
        return association
    }

    fileprivate func checkNewAssociation(_ request: AssociateFirewallRuleGroup) throws {
        let inVPC = FirewallRuleGroupAssociationRecord.filter(Column("vpcID") == request.vpcID)
        guard try inVPC.filter(Column("firewallRuleGroupID") == request.firewallRuleGroupID).isEmpty(db) else {
            throw StoreError.validation(
                message: """
                    [RSLVR-02302] This DNS Firewall rule group can't be associated to a VPC: \
                    \"\(request.firewallRuleGroupID)\". It is already associated to VPC \"\(request.vpcID)\". \
                    Try again with another VPC or DNS Firewall rule group.
                    """)
        }
        try checkPriority(request.priority, vpcID: request.vpcID)
        guard try inVPC.fetchCount(db) < quotas.ruleGroupsPerVPC else {
            throw StoreError.quota(
                quotas.ruleGroupsPerVPC, of: "rule groups of a VPC", FirewallRuleGroupAssociationRecord.kind)
        }
    }

    /// AWS documents 100 to 9900 and refuses the ends, which it keeps for Firewall Manager.
    fileprivate func checkPriority(_ priority: Int, vpcID: String) throws {
        guard (101...9899).contains(priority) else {
            throw StoreError.validation(
                message: """
                    [RSLVR-02017] The priority value you provided is reserved. \
                    Provide a number between \"100\" and \"9900\".
                    """)
        }
        let taken = FirewallRuleGroupAssociationRecord.filter(
            Column("vpcID") == vpcID && Column("priority") == priority)
        guard try taken.isEmpty(db) else {
            throw StoreError.validation(
                message: "The priority \(priority) is taken by another association of the VPC \"\(vpcID)\".")
        }
    }
}
