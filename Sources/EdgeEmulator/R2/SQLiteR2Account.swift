import Foundation
import GRDB
import Workers

/// All buckets: records in one SQLite file, bytes in files that any of them may share.
final class SQLiteR2Account: R2AccountStore {
    let database: StateDatabase
    let blobs: BlobStore

    init(database: StateDatabase, blobs: BlobStore) {
        self.database = database
        self.blobs = blobs
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any R2AccountRecords) throws -> Value
    ) async throws -> Value {
        try await database.read { db in try body(SQLiteR2AccountRecords(db)) }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any R2AccountRecords) throws -> Value
    ) async throws -> Value {
        let (value, dropped) = try await database.write { db in
            let records = SQLiteR2AccountRecords(db)
            return (try body(records), records.drops.names)
        }
        blobs.drop(dropped)
        return value
    }

    func bucket(_ name: String) -> any R2Store { SQLiteR2Store(bucket: name, account: self) }
}

/// The records of all buckets within one transaction.
final class SQLiteR2AccountRecords: R2AccountRecords {
    private let db: Database
    let drops = BlobDrops()

    init(_ db: Database) { self.db = db }

    func buckets(prefix: String, after: String, limit: Int) throws -> [R2BucketInfo] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT name, created, location, storage_class FROM bucket
                WHERE name > ?1 AND name >= ?2 AND substr(name, 1, length(?2)) = ?2 ORDER BY name LIMIT ?3
                """)
        return try Row.fetchAll(statement, arguments: [after, prefix, limit]).map(Self.bucket)
    }

    func bucket(_ name: String) throws -> R2BucketInfo? {
        let statement = try db.cachedStatement(
            sql: "SELECT name, created, location, storage_class FROM bucket WHERE name = ?")
        return try Row.fetchOne(statement, arguments: [name]).map(Self.bucket)
    }

    func save(_ bucket: R2BucketInfo) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO bucket (name, created, location, storage_class) VALUES (?, ?, ?, ?)")
        let arguments: [(any DatabaseValueConvertible)?] = [
            bucket.name, R2Columns.milliseconds(bucket.created), bucket.location, bucket.storageClass.rawValue,
        ]
        try statement.execute(arguments: StatementArguments(arguments))
    }

    func removeBucket(_ name: String) throws {
        let records = records(of: name)
        for upload in try records.uploads() { try records.removeUpload(upload.id) }
        for table in ["lifecycle", "cors"] {
            try db.execute(sql: "DELETE FROM \(table) WHERE bucket = ?", arguments: [name])
        }
        try db.execute(sql: "DELETE FROM bucket WHERE name = ?", arguments: [name])
    }

    func records(of bucket: String) -> any R2Records { SQLiteR2Records(db, bucket: bucket, drops: drops) }

    private static func bucket(_ row: Row) -> R2BucketInfo {
        R2BucketInfo(
            name: row[0], created: R2Columns.seconds(row[1]), location: row[2],
            storageClass: R2StorageClass(rawValue: row[3]) ?? .standard)
    }
}
