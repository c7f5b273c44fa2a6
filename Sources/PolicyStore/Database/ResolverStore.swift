import Foundation
import GRDB
import Synchronization

/// Everything that the API keeps: domain lists, rule groups, associations, configs, tags, query log configs, resolver
/// rules. One SQLite file; what an operation has answered survives a crash of the program or of the machine.
///
/// Operations are AWS's. They block on the disk, so they are not for the path of a query. Any thread may call them:
/// reads run side by side, writes one after the other.
package final class ResolverStore: Sendable {
    let identity: AccountIdentity
    private let quotas: StoreQuotas
    private let database: any DatabaseWriter
    private let changes: @Sendable ([StoreChange], ResolverStore) throws -> Void
    /// Held from the start of a write until its changes have been told, so that they are told in commit order.
    private let writing = Mutex<Void>(())

    /// - Parameters:
    ///   - path: of the SQLite file, which is made where it is missing.
    ///   - changes: called after each commit that matters for the policy and before the operation returns. It may read
    ///     the store, not write to it. What it throws becomes `.internalError`; the commit stands.
    package convenience init(
        path: String, identity: AccountIdentity, quotas: StoreQuotas = StoreQuotas(), readOnly: ReadOnlyObjects,
        changes: @escaping @Sendable ([StoreChange], ResolverStore) throws -> Void = { _, _ in }
    ) throws(StoreError) {
        try self.init(path, identity: identity, quotas: quotas, readOnly: readOnly, changes: changes) {
            let pool = try DatabasePool(path: path)
            // The pool asks for NORMAL, with which a power failure may undo the last commits.
            try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        }
    }

    /// A copy in memory of what the file at `path` keeps, as a start with this configuration would find it. The file is
    /// neither made nor changed, and may be in use.
    package convenience init(
        copyOf path: String, identity: AccountIdentity, quotas: StoreQuotas = StoreQuotas(), readOnly: ReadOnlyObjects
    ) throws(StoreError) {
        try self.init(path, identity: identity, quotas: quotas, readOnly: readOnly, changes: { _, _ in }) {
            let copy = try DatabaseQueue()
            try ResolverStore.opened(path).backup(to: copy)
            return copy
        }
    }

    private init(
        _ path: String, identity: AccountIdentity, quotas: StoreQuotas, readOnly: ReadOnlyObjects,
        changes: @escaping @Sendable ([StoreChange], ResolverStore) throws -> Void,
        open: () throws -> any DatabaseWriter
    ) throws(StoreError) {
        self.identity = identity
        self.quotas = quotas
        self.changes = changes
        do {
            database = try open()
            try StoreSchema.migrator.migrate(database)
        } catch {
            throw .internalError("\(path): \(error)")
        }
        _ = try commit { transaction in
            try transaction.endInterruptedImports()
            try transaction.replaceReadOnlyObjects(readOnly)
        }
    }

    /// The file to be read alone. Without a log beside it nobody has it open, and SQLite is told not to make one: it may
    /// be a folder in which we can't, or should not.
    private static func opened(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        let isInUse = FileManager.default.fileExists(atPath: path + "-wal")
        let url = URL(fileURLWithPath: path).absoluteString
        return try DatabaseQueue(path: isInUse ? path : "\(url)?immutable=1", configuration: configuration)
    }

    /// Takes a reloaded configuration's objects instead of the old ones.
    package func replaceReadOnlyObjects(_ objects: ReadOnlyObjects) throws(StoreError) {
        try write { transaction in
            try transaction.replaceReadOnlyObjects(objects)
            transaction.note(.readOnlyObjects)
        }
    }

    // MARK: Ways to the tables

    func read<Result>(_ body: (StoreTransaction) throws -> Result) throws(StoreError) -> Result {
        try typed { try database.read { db in try body(transaction(db)) } }
    }

    /// Commits what `body` does, then tells what it has changed.
    func write<Result: Sendable>(_ body: (inout StoreTransaction) throws -> Result) throws(StoreError) -> Result {
        try typed {
            try writing.withLock { _ in
                let (result, changed) = try commit(body)
                if !changed.isEmpty { try changes(changed, self) }
                return result
            }
        }
    }

    private func commit<Result>(
        _ body: (inout StoreTransaction) throws -> Result
    ) throws(StoreError) -> (Result, [StoreChange]) {
        try typed {
            try database.write { db in
                var transaction = transaction(db)
                return (try body(&transaction), transaction.changes)
            }
        }
    }

    private func transaction(_ db: Database) -> StoreTransaction {
        StoreTransaction(db: db, identity: identity, quotas: quotas, time: StoreIdentifiers.now())
    }

    private func typed<Result>(_ body: () throws -> Result) throws(StoreError) -> Result {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch {
            throw .internalError(String(describing: error))
        }
    }
}
