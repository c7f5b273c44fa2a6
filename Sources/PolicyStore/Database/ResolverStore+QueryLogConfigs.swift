import GRDB

extension ResolverStore {
    /// A repeated CreatorRequestId is refused even with the same parameters: AWS does so here.
    package func createResolverQueryLogConfig(
        _ request: CreateResolverQueryLogConfig
    ) throws(StoreError) -> ResolverQueryLogConfigRecord {
        try write { transaction in
            let id = request.creatorRequestID
            guard try transaction.created(by: id, in: .queryLogConfig) == nil else {
                throw StoreError.resourceExists(
                    message: "The query logging configuration with CreatorRequestId \"\(id)\" already exists.",
                    resourceType: ResolverQueryLogConfigRecord.kind)
            }
            let limit = transaction.quotas.queryLogConfigs
            try transaction.checkQuota(limit, ResolverQueryLogConfigRecord.self, of: "query logging configurations")
            let config = try transaction.insert(request, id: StoreIdentifiers.random("rslvr-qlc-"), origin: .api)
            try transaction.remember(.queryLogConfig, id, request, made: config.id)
            transaction.note(.queryLog)
            return config
        }
    }

    package func resolverQueryLogConfig(_ id: String) throws(StoreError) -> ResolverQueryLogConfigRecord {
        try read { try $0.find(ResolverQueryLogConfigRecord.self, id) }
    }

    package func resolverQueryLogConfigs() throws(StoreError) -> [ResolverQueryLogConfigRecord] {
        try read { try $0.all(ResolverQueryLogConfigRecord.self) }
    }

    package func deleteResolverQueryLogConfig(_ id: String) throws(StoreError) -> ResolverQueryLogConfigRecord {
        try write { transaction in
            var config = try transaction.findChangeable(ResolverQueryLogConfigRecord.self, id)
            guard config.associationCount == 0 else {
                throw StoreError.invalidRequest(
                    message:
                        "The query logging configuration \"\(id)\" is associated with a VPC: disassociate it first.")
            }
            try transaction.delete(config)
            transaction.note(.queryLog)
            config.status = "DELETING"
            return config
        }
    }

    package func associateResolverQueryLogConfig(
        _ configID: String, vpcID: String
    ) throws(StoreError) -> ResolverQueryLogConfigAssociationRecord {
        try write { transaction in
            let config = try transaction.find(ResolverQueryLogConfigRecord.self, configID)
            _ = try transaction.vpc(vpcID)
            try transaction.checkNewAssociation(of: config, vpcID: vpcID)
            var association = try transaction.insertQueryLogAssociation(
                ResolverAssociation(subjectID: configID, vpcID: vpcID),
                id: StoreIdentifiers.random("rslvr-qlcassoc-"), origin: .api)
            try transaction.countAssociations(of: configID)
            association.status = "CREATING"
            return association
        }
    }

    package func disassociateResolverQueryLogConfig(
        _ configID: String, vpcID: String
    ) throws(StoreError) -> ResolverQueryLogConfigAssociationRecord {
        try write { transaction in
            _ = try transaction.find(ResolverQueryLogConfigRecord.self, configID)
            guard var association = try transaction.queryLogAssociation(of: configID, vpcID: vpcID) else {
                throw ResolverQueryLogConfigAssociationRecord.missing(configID)
            }
            guard association.origin == .api else { throw StoreError.readOnly(association.id, association.origin) }
            try transaction.delete(association)
            try transaction.countAssociations(of: configID)
            association.status = "DELETING"
            return association
        }
    }

    package func resolverQueryLogConfigAssociation(
        _ id: String
    ) throws(StoreError) -> ResolverQueryLogConfigAssociationRecord {
        try read { try $0.find(ResolverQueryLogConfigAssociationRecord.self, id) }
    }

    package func resolverQueryLogConfigAssociations() throws(StoreError) -> [ResolverQueryLogConfigAssociationRecord] {
        try read { try $0.all(ResolverQueryLogConfigAssociationRecord.self) }
    }
}

extension StoreTransaction {
    func insert(
        _ request: CreateResolverQueryLogConfig, id: String, origin: RecordOrigin
    ) throws -> ResolverQueryLogConfigRecord {
        let stamp = try stamp(id)
        let config = ResolverQueryLogConfigRecord(
            sequence: stamp.sequence, id: id, ownerID: identity.accountID, status: "CREATED",
            shareStatus: "NOT_SHARED", associationCount: 0,
            arn: identity.arn(ResolverQueryLogConfigRecord.kind, id: id),
            name: request.name, destinationARN: request.destinationARN, creatorRequestID: request.creatorRequestID,
            creationTime: stamp.creationTime, origin: origin)
        try config.insert(db)
        try insertTags(request.tags, arn: config.arn)
        return config
    }

    func insertQueryLogAssociation(
        _ request: ResolverAssociation, id: String, origin: RecordOrigin
    ) throws -> ResolverQueryLogConfigAssociationRecord {
        let stamp = try stamp(id)
        let association = ResolverQueryLogConfigAssociationRecord(
            sequence: stamp.sequence, id: id, resolverQueryLogConfigID: request.subjectID,
            resourceID: request.vpcID, status: "ACTIVE", error: "NONE", creationTime: stamp.creationTime, origin: origin
        )
        try association.insert(db)
        return association
    }

    mutating func countAssociations(of configID: String) throws {
        try db.execute(
            sql: """
                UPDATE resolverQueryLogConfig SET associationCount = (
                    SELECT COUNT(*) FROM resolverQueryLogConfigAssociation WHERE resolverQueryLogConfigID = ?)
                WHERE id = ?
                """,
            arguments: [configID, configID])
        note(.queryLog)
    }

    fileprivate func queryLogAssociation(
        of configID: String, vpcID: String
    ) throws -> ResolverQueryLogConfigAssociationRecord? {
        try ResolverQueryLogConfigAssociationRecord
            .filter(Column("resolverQueryLogConfigID") == configID && Column("resourceID") == vpcID).fetchOne(db)
    }

    /// A VPC may log to several places, but to one of each kind.
    fileprivate func checkNewAssociation(of config: ResolverQueryLogConfigRecord, vpcID: String) throws {
        guard try queryLogAssociation(of: config.id, vpcID: vpcID) == nil else {
            throw StoreError.resourceExists(
                message:
                    "The VPC \"\(vpcID)\" is already associated with the query logging configuration \"\(config.id)\".",
                resourceType: ResolverQueryLogConfigAssociationRecord.kind)
        }
        let others = try ResolverQueryLogConfigAssociationRecord.filter(Column("resourceID") == vpcID).fetchAll(db)
        for other in others {
            let destination = try find(ResolverQueryLogConfigRecord.self, other.resolverQueryLogConfigID).destinationARN
            guard destination.arnService != config.destinationARN.arnService else {
                throw StoreError.invalidRequest(
                    message: "The VPC \"\(vpcID)\" already logs to a destination of this kind: \(destination).")
            }
        }
        try checkQuota(
            quotas.queryLogConfigAssociations, ResolverQueryLogConfigAssociationRecord.self,
            of: "query logging configuration associations")
    }
}

extension String {
    /// The third part of an ARN: `s3`, `logs`, `firehose`.
    fileprivate var arnService: Substring? {
        split(separator: ":", omittingEmptySubsequences: false).dropFirst(2).first
    }
}
