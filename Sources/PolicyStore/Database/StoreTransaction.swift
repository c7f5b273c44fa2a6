import Foundation
import GRDB

/// One operation's way to the tables: all of it is committed, or nothing is.
struct StoreTransaction {
    let db: Database
    let identity: AccountIdentity
    let quotas: StoreQuotas
    /// When it began.
    let time: String
    /// What to tell once it is committed.
    private(set) var changes: [StoreChange] = []
    /// Read-only objects that are being replaced: those that come again keep their place and their age.
    var earlier: [String: Stamp] = [:]

    init(db: Database, identity: AccountIdentity, quotas: StoreQuotas, time: String) {
        self.db = db
        self.identity = identity
        self.quotas = quotas
        self.time = time
    }

    mutating func note(_ change: StoreChange) {
        if !changes.contains(change) { changes.append(change) }
    }

    // MARK: Records

    func find<Record: StoredRecord>(_ type: Record.Type, _ id: String) throws -> Record {
        guard let record = try type.fetchOne(db, key: id) else { throw type.missing(id) }
        return record
    }

    /// The record, if the API may change it.
    func findChangeable<Record: StoredRecord>(_ type: Record.Type, _ id: String) throws -> Record {
        let record = try find(type, id)
        guard record.origin == .api else { throw StoreError.readOnly(id, record.origin) }
        return record
    }

    /// The record with this ARN.
    func named<Record: NamedRecord>(_ arn: String, _ type: Record.Type) throws -> Record? {
        try type.filter(Column("arn") == arn).fetchOne(db)
    }

    func all<Record: StoredRecord>(_ type: Record.Type) throws -> [Record] {
        try type.order(Column("sequence")).fetchAll(db)
    }

    func vpc(_ id: String) throws -> VPCRecord {
        guard let vpc = try VPCRecord.fetchOne(db, key: id), vpc.isDeclared else {
            throw StoreError.unknownID(id, "vpc")
        }
        return vpc
    }

    /// Deletes a record with its tags, its policy and the memory of its creation.
    func delete(_ record: some StoredRecord) throws {
        try record.delete(db)
        try db.execute(sql: "DELETE FROM creatorRequest WHERE objectID = ?", arguments: [record.id])
        guard let arn = (record as? any NamedRecord)?.arn else { return }
        try db.execute(sql: "DELETE FROM tag WHERE arn = ?", arguments: [arn])
        try db.execute(sql: "DELETE FROM resourcePolicy WHERE arn = ?", arguments: [arn])
    }

    /// Refuses one more record than the quota of its kind.
    func checkQuota(_ limit: Int, _ type: (some StoredRecord).Type, of what: String) throws {
        guard try type.fetchCount(db) < limit else { throw StoreError.quota(limit, of: what, type.kind) }
    }

    // MARK: Order and age

    /// An object's place in listings, and when it was made.
    struct Stamp {
        var sequence: Int64
        var creationTime: String
    }

    func stamp(_ id: String) throws -> Stamp {
        if let stamp = earlier[id] { return stamp }
        let sequence = try Int64.fetchOne(db, sql: "UPDATE counter SET value = value + 1 RETURNING value")
        return Stamp(sequence: sequence ?? 0, creationTime: time)
    }

    // MARK: Idempotency

    /// What an earlier call with this CreatorRequestId has made; nil for the first one.
    func created(by creatorRequestID: String, in operation: Operation) throws -> (request: String, objectID: String)? {
        try Row.fetchOne(
            db, sql: "SELECT request, objectID FROM creatorRequest WHERE operation = ? AND creatorRequestID = ?",
            arguments: [operation.rawValue, creatorRequestID]
        ).map { ($0["request"], $0["objectID"]) }
    }

    /// The record that the same request has made before.
    /// - Throws: `.validation` when that request was another one.
    func repeated<Record: StoredRecord>(
        _ type: Record.Type, _ operation: Operation, _ creatorRequestID: String, _ request: some Encodable
    ) throws -> Record? {
        guard let earlier = try created(by: creatorRequestID, in: operation) else { return nil }
        guard try earlier.request == StoreTransaction.text(request) else {
            throw StoreError.validation(
                message: "CreatorRequestId \"\(creatorRequestID)\" has been used with other parameters.")
        }
        return try find(type, earlier.objectID)
    }

    func remember(
        _ operation: Operation, _ creatorRequestID: String, _ request: some Encodable, made objectID: String
    ) throws {
        try db.execute(
            sql: "INSERT INTO creatorRequest VALUES (?, ?, ?, ?)",
            arguments: [operation.rawValue, creatorRequestID, StoreTransaction.text(request), objectID])
    }

    /// The scope of a CreatorRequestId.
    enum Operation: String {
        case domainList = "CreateFirewallDomainList"
        case ruleGroup = "CreateFirewallRuleGroup"
        case rule = "CreateFirewallRule"
        case association = "AssociateFirewallRuleGroup"
        case queryLogConfig = "CreateResolverQueryLogConfig"
        case resolverRule = "CreateResolverRule"
    }

    private static func text(_ request: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(request), as: UTF8.self)
    }
}
