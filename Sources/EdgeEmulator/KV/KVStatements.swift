import Foundation
import GRDB
import Workers

/// The table of all namespaces and its statements.
///
/// Keys are blobs, so that they are compared and sorted as bytes. The value is the last column: a listing reads the ones before
/// it without following a large value through its pages.
enum KVStatements {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(
                sql: """
                    CREATE TABLE entry (
                        namespace TEXT NOT NULL,
                        key BLOB NOT NULL,
                        expiration INTEGER,
                        metadata TEXT,
                        value BLOB NOT NULL,
                        PRIMARY KEY (namespace, key)
                    ) WITHOUT ROWID;
                    CREATE INDEX entry_expiration ON entry (expiration) WHERE expiration IS NOT NULL;
                    """)
        }
        // Those that were made by the REST interface; a namespace of the configuration needs no record.
        migrator.registerMigration("2 namespaces") { db in
            try db.execute(
                sql: """
                    CREATE TABLE namespace (
                        id TEXT PRIMARY KEY,
                        title TEXT NOT NULL UNIQUE
                    ) WITHOUT ROWID;
                    """)
        }
        return migrator
    }

    static let read = "SELECT value, metadata, expiration FROM entry WHERE namespace = ? AND key = ?"

    static func read(_ db: Database, _ namespace: String, _ key: KVKey) throws -> KVRecord? {
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: read), arguments: [namespace, key.data], adapter: nil)
        guard let row = try rows.next() else { return nil }
        let value = try row.withUnsafeData(atIndex: 0) { $0.map { [UInt8]($0) } ?? [] }
        return KVRecord(value: value, metadata: row[1], expiration: row[2])
    }

    static let write = """
        INSERT INTO entry (namespace, key, expiration, metadata, value) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (namespace, key) DO UPDATE
        SET expiration = excluded.expiration, metadata = excluded.metadata, value = excluded.value
        """

    static func write(_ db: Database, _ namespace: String, _ key: KVKey, _ record: KVRecord) throws {
        try db.cachedStatement(sql: write).execute(
            arguments: [namespace, key.data, record.expiration, record.metadata, Data(record.value)])
    }

    static let remove = "DELETE FROM entry WHERE namespace = ? AND key = ?"

    static func remove(_ db: Database, _ namespace: String, _ key: KVKey) throws {
        try db.cachedStatement(sql: remove).execute(arguments: [namespace, key.data])
    }

    static let scan = """
        SELECT key, metadata, expiration FROM entry
        WHERE namespace = ? AND key >= ? AND key < ? AND (expiration IS NULL OR expiration > ?)
        ORDER BY key LIMIT ?
        """

    static func scan(
        _ db: Database, _ namespace: String, _ range: KVRange, limit: Int, now: Int
    ) throws -> [KVScanned] {
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: scan),
            arguments: [namespace, Data(range.lower), Data(range.upper), now, limit], adapter: nil)
        var found: [KVScanned] = []
        while let row = try rows.next() {
            let key = try row.withUnsafeData(atIndex: 0) { KVKey(stored: $0 ?? Data()) }
            found.append(KVScanned(key: key, metadata: row[1], expiration: row[2]))
        }
        return found
    }

    static let sweep = """
        DELETE FROM entry WHERE (namespace, key) IN (
            SELECT namespace, key FROM entry WHERE expiration <= ? ORDER BY expiration LIMIT ?
        ) RETURNING namespace, key
        """

    static let clear = """
        DELETE FROM entry WHERE (namespace, key) IN (
            SELECT namespace, key FROM entry WHERE namespace = ? LIMIT ?
        ) RETURNING key
        """

    /// Removes some of the entries of a namespace.
    static func clear(_ db: Database, _ namespace: String, limit: Int) throws -> [KVKey] {
        let rows = try Row.fetchCursor(db.cachedStatement(sql: clear), arguments: [namespace, limit], adapter: nil)
        var removed: [KVKey] = []
        while let row = try rows.next() {
            removed.append(try row.withUnsafeData(atIndex: 0) { KVKey(stored: $0 ?? Data()) })
        }
        return removed
    }

    /// Removes some of the entries that have expired, the oldest first.
    static func sweep(_ db: Database, now: Int, limit: Int) throws -> [(namespace: String, key: KVKey)] {
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sweep), arguments: [now, limit], adapter: nil)
        var removed: [(namespace: String, key: KVKey)] = []
        while let row = try rows.next() {
            let key = try row.withUnsafeData(atIndex: 1) { KVKey(stored: $0 ?? Data()) }
            removed.append((namespace: row[0], key: key))
        }
        return removed
    }
}

extension KVKey {
    fileprivate var data: Data { withBytes { Data($0) } }
}
