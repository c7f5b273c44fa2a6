import DNSWire
import GRDB

extension ResolverStore {
    package func createResolverRule(_ request: CreateResolverRule) throws(StoreError) -> ResolverRuleRecord {
        try write { transaction in
            let id = request.creatorRequestID
            guard try transaction.created(by: id, in: .resolverRule) == nil else {
                throw StoreError.resourceExists(
                    message: "The resolver rule with CreatorRequestId \"\(id)\" already exists.",
                    resourceType: ResolverRuleRecord.kind)
            }
            try transaction.checkQuota(transaction.quotas.resolverRules, ResolverRuleRecord.self, of: "resolver rules")
            let rule = try transaction.insert(
                request, id: StoreIdentifiers.random("rslvr-rr-", digits: 17), origin: .api)
            try transaction.remember(.resolverRule, id, request, made: rule.id)
            transaction.note(.forwarding)
            return rule
        }
    }

    package func resolverRule(_ id: String) throws(StoreError) -> ResolverRuleRecord {
        try read { try $0.find(ResolverRuleRecord.self, id) }
    }

    package func resolverRules() throws(StoreError) -> [ResolverRuleRecord] {
        try read { try $0.all(ResolverRuleRecord.self) }
    }

    package func updateResolverRule(_ id: String, _ config: UpdateResolverRule) throws(StoreError) -> ResolverRuleRecord
    {
        try write { transaction in
            var rule = try transaction.findChangeable(ResolverRuleRecord.self, id)
            rule.name = config.name ?? rule.name
            rule.targetIPs = config.targetIPs ?? rule.targetIPs
            rule.resolverEndpointID = config.resolverEndpointID ?? rule.resolverEndpointID
            try transaction.check(rule)
            rule.statusMessage = "Successfully updated Resolver Rule."
            rule.modificationTime = transaction.time
            try rule.update(transaction.db)
            transaction.note(.forwarding)
            return rule
        }
    }

    package func deleteResolverRule(_ id: String) throws(StoreError) -> ResolverRuleRecord {
        try write { transaction in
            var rule = try transaction.findChangeable(ResolverRuleRecord.self, id)
            let associations = ResolverRuleAssociationRecord.filter(Column("resolverRuleID") == id)
            guard try associations.isEmpty(transaction.db) else {
                throw StoreError.resourceInUse(
                    message: "The resolver rule \"\(id)\" is associated with a VPC: disassociate it first.",
                    resourceType: ResolverRuleRecord.kind)
            }
            try transaction.delete(rule)
            transaction.note(.forwarding)
            rule.status = "DELETING"
            rule.statusMessage = "Deleting Resolver Rule."
            return rule
        }
    }
}

// MARK: - Associations

extension ResolverStore {
    package func associateResolverRule(
        _ ruleID: String, vpcID: String, name: String?
    ) throws(StoreError) -> ResolverRuleAssociationRecord {
        try write { transaction in
            let rule = try transaction.find(ResolverRuleRecord.self, ruleID)
            _ = try transaction.vpc(vpcID)
            try transaction.checkNewAssociation(of: rule, vpcID: vpcID)
            var association = try transaction.insertRuleAssociation(
                ResolverAssociation(subjectID: ruleID, vpcID: vpcID, name: name),
                id: StoreIdentifiers.random("rslvr-rrassoc-", digits: 17), origin: .api)
            transaction.note(.forwarding)
            association.status = "CREATING"
            association.statusMessage = "Creating the association."
            return association
        }
    }

    package func disassociateResolverRule(
        _ ruleID: String, vpcID: String
    ) throws(StoreError) -> ResolverRuleAssociationRecord {
        try write { transaction in
            _ = try transaction.find(ResolverRuleRecord.self, ruleID)
            guard var association = try transaction.ruleAssociation(of: ruleID, vpcID: vpcID) else {
                throw StoreError.notFound(
                    message: "The resolver rule \"\(ruleID)\" is not associated with the VPC \"\(vpcID)\".",
                    resourceType: ResolverRuleAssociationRecord.kind)
            }
            guard association.origin == .api else { throw StoreError.readOnly(association.id, association.origin) }
            try transaction.delete(association)
            transaction.note(.forwarding)
            association.status = "DELETING"
            association.statusMessage = "Deleting Association"
            return association
        }
    }

    package func resolverRuleAssociation(_ id: String) throws(StoreError) -> ResolverRuleAssociationRecord {
        try read { try $0.find(ResolverRuleAssociationRecord.self, id) }
    }

    package func resolverRuleAssociations() throws(StoreError) -> [ResolverRuleAssociationRecord] {
        try read { try $0.all(ResolverRuleAssociationRecord.self) }
    }
}

extension StoreTransaction {
    func insert(_ request: CreateResolverRule, id: String, origin: RecordOrigin) throws -> ResolverRuleRecord {
        let domain = try request.domainName.map { text throws(StoreError) in
            guard let name = try? DomainName(text) else {
                throw .invalidParameter(message: "\"\(text)\" is not a valid domain name.", field: "DomainName")
            }
            return name.description
        }
        let stamp = try stamp(id)
        let rule = ResolverRuleRecord(
            sequence: stamp.sequence, id: id, creatorRequestID: request.creatorRequestID,
            arn: identity.arn(ResolverRuleRecord.kind, id: id), domainName: domain,
            status: "COMPLETE",
            statusMessage: "Successfully created Resolver Rule.", ruleType: request.ruleType, name: request.name,
            targetIPs: request.targetIPs, resolverEndpointID: request.resolverEndpointID,
            delegationRecord: request.delegationRecord, ownerID: identity.accountID, shareStatus: "NOT_SHARED",
            creationTime: stamp.creationTime, modificationTime: time, origin: origin)
        try check(rule)
        try rule.insert(db)
        try insertTags(request.tags, arn: rule.arn)
        return rule
    }

    func insertRuleAssociation(
        _ request: ResolverAssociation, id: String, origin: RecordOrigin
    ) throws -> ResolverRuleAssociationRecord {
        let stamp = try stamp(id)
        let association = ResolverRuleAssociationRecord(
            sequence: stamp.sequence, id: id, resolverRuleID: request.subjectID, name: request.name,
            vpcID: request.vpcID, status: "COMPLETE", statusMessage: "", origin: origin)
        try association.insert(db)
        return association
    }

    /// What the members of a resolver rule say about each other.
    fileprivate func check(_ rule: ResolverRuleRecord) throws(StoreError) {
        switch rule.ruleType {
        case .recursive:
            throw .invalidRequest(message: "Only Resolver itself creates rules of the type RECURSIVE.")
        case .delegate:
            guard rule.delegationRecord != nil else {
                throw .invalidRequest(message: "A rule of the type DELEGATE requires a DelegationRecord.")
            }
        case .forward, .system:
            guard rule.domainName != nil else {
                throw .invalidRequest(message: "A rule of the type \(rule.ruleType.rawValue) requires a DomainName.")
            }
            guard rule.targetIPs.isEmpty == (rule.ruleType == .system) else {
                throw .invalidRequest(message: "A rule of the type FORWARD requires TargetIps, one of SYSTEM has none.")
            }
        }
        guard rule.targetIPs.allSatisfy({ $0.protocol ?? "Do53" == "Do53" }) else {
            throw .invalidRequest(message: "Only targets of the protocol Do53 can be asked here.")
        }
        guard rule.targetIPs.count <= quotas.targetsPerRule else {
            throw .quota(quotas.targetsPerRule, of: "targets of a resolver rule", ResolverRuleRecord.kind)
        }
    }

    fileprivate func ruleAssociation(of ruleID: String, vpcID: String) throws -> ResolverRuleAssociationRecord? {
        try ResolverRuleAssociationRecord
            .filter(Column("resolverRuleID") == ruleID && Column("vpcID") == vpcID).fetchOne(db)
    }

    fileprivate func checkNewAssociation(of rule: ResolverRuleRecord, vpcID: String) throws {
        guard try ruleAssociation(of: rule.id, vpcID: vpcID) == nil else {
            throw StoreError.resourceExists(
                message: "The resolver rule \"\(rule.id)\" is already associated with the VPC \"\(vpcID)\".",
                resourceType: ResolverRuleAssociationRecord.kind)
        }
        for other in try ResolverRuleAssociationRecord.filter(Column("vpcID") == vpcID).fetchAll(db) {
            guard try find(ResolverRuleRecord.self, other.resolverRuleID).domainName != rule.domainName else {
                throw StoreError.invalidRequest(
                    message: """
                        Cannot associate rules with same domain name with same VPC. \
                        Conflict with resolver rule \"\(other.resolverRuleID)\".
                        """)
            }
        }
        try checkQuota(
            quotas.resolverRuleAssociations, ResolverRuleAssociationRecord.self, of: "resolver rule associations")
    }
}
