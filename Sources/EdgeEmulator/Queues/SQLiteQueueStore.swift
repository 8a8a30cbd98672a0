import Foundation
import GRDB
import Workers

/// Queues in a file of the emulator's state.
package final class SQLiteQueueStore: QueueStore {
    let database: StateDatabase

    package init(_ folder: StateFolder) throws(StateFailure) {
        database = try StateDatabase(folder, name: "queues.sqlite", migrator: Self.migrator, readers: 1)
    }

    /// Blocks until what waits is written.
    package func close() { database.close() }

    package func load() async throws -> [QueueRecord] {
        // What an emptied backlog left behind goes back to the disk, a portion at each start. On a full disk that fails;
        // what follows need not.
        try? await database.write { db in try db.execute(sql: "PRAGMA incremental_vacuum(4096)") }
        return try await database.read { db in try Self.all(db) }
    }

    /// - Parameter offset: added to the keys.
    static func all(_ db: Database, offset: Int = 0) throws -> [QueueRecord] {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT key + ?, high, low, queue, timestamp, entered, size, failures, phase, due, lease, origin
                FROM message ORDER BY key
                """, arguments: [offset])
        var records: [QueueRecord] = []
        while let row = try rows.next() { records.append(Self.record(row)) }
        return records
    }

    package func apply(_ changes: [QueueChange]) async throws {
        let bytes = changes.reduce(0) { $0 + $1.bytes }
        try await database.write(bytes: bytes) { db in
            for change in changes { try Self.apply(change, db) }
        }
    }

    package func contents(of keys: [Int]) async throws -> [Int: QueueContent] {
        try await database.read { db in
            let statement = try db.cachedStatement(sql: "SELECT type, bytes FROM body WHERE key = ?")
            var contents: [Int: QueueContent] = [:]
            for key in keys {
                guard let row = try Row.fetchOne(statement, arguments: [key]) else { continue }
                contents[key] = QueueContent(type: row[0], bytes: Self.bytes(row, 1))
            }
            return contents
        }
    }

    // MARK: Statements

    /// Bodies have a table of their own: a message changes its phase several times, and its body never.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 messages") { db in
            try db.execute(
                sql: """
                    CREATE TABLE message (
                        key INTEGER PRIMARY KEY,
                        high INTEGER NOT NULL, low INTEGER NOT NULL, -- the id's 128 bits
                        queue TEXT NOT NULL,
                        timestamp INTEGER NOT NULL, entered INTEGER NOT NULL, -- milliseconds since 1970
                        size INTEGER NOT NULL,
                        failures INTEGER NOT NULL,
                        phase INTEGER NOT NULL, -- 0 visible from due on, 1 in flight, 2 leased until due
                        due INTEGER NOT NULL,
                        lease TEXT
                    ) STRICT;
                    CREATE TABLE body (
                        key INTEGER PRIMARY KEY,
                        type TEXT NOT NULL, -- json, text or bytes
                        bytes BLOB NOT NULL
                    ) STRICT;
                    """)
        }
        migrator.registerMigration("2 queues", migrate: QueueCatalogue.createTable)
        migrator.registerMigration("3 origins") { db in
            // The queue in which a dead letter has died.
            try db.execute(sql: "ALTER TABLE message ADD COLUMN origin TEXT")
        }
        return migrator
    }

    private static func apply(_ change: QueueChange, _ db: Database) throws {
        switch change {
        case .insert(let record, let content):
            let (phase, due) = columns(record.phase)
            try db.cachedStatement(
                sql: """
                    INSERT INTO message (key, high, low, queue, timestamp, entered, size, failures, phase, due, lease)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(
                arguments: [
                    record.key, Int64(bitPattern: record.id.high), Int64(bitPattern: record.id.low), record.queue,
                    record.timestamp, record.entered, record.size, record.failures, phase, due, record.leaseID,
                ])
            try db.cachedStatement(sql: "INSERT INTO body (key, type, bytes) VALUES (?, ?, ?)")
                .execute(arguments: [record.key, content.type, Data(content.bytes)])
        case .update(let record):
            let (phase, due) = columns(record.phase)
            try db.cachedStatement(
                sql: """
                    UPDATE message SET queue = ?, entered = ?, failures = ?, phase = ?, due = ?, lease = ?, origin = ?
                    WHERE key = ?
                    """
            ).execute(
                arguments: [
                    record.queue, record.entered, record.failures, phase, due, record.leaseID, record.origin,
                    record.key,
                ])
        case .remove(let key):
            try db.cachedStatement(sql: "DELETE FROM message WHERE key = ?").execute(arguments: [key])
            try db.cachedStatement(sql: "DELETE FROM body WHERE key = ?").execute(arguments: [key])
        }
    }

    /// Whether a message waits already is a matter of the time, which the file does not know.
    private static func columns(_ phase: QueueRecord.Phase) -> (phase: Int, due: Int) {
        switch phase {
        case .delayed(let instant), .waiting(let instant): (0, instant)
        case .inFlight: (1, 0)
        case .leased(let instant): (2, instant)
        }
    }

    private static func record(_ row: Row) -> QueueRecord {
        let due: Int = row[9]
        let phase: QueueRecord.Phase =
            switch row[8] as Int {
            case 1: .inFlight
            case 2: .leased(until: due)
            default: .delayed(until: due)
            }
        let high: Int64 = row[1]
        let low: Int64 = row[2]
        return QueueRecord(
            key: row[0], id: QueueMessageID(high: UInt64(bitPattern: high), low: UInt64(bitPattern: low)),
            queue: row[3], timestamp: row[4], entered: row[5], size: row[6], failures: row[7], phase: phase,
            leaseID: row[10], origin: row[11])
    }

    private static func bytes(_ row: Row, _ column: Int) -> [UInt8] {
        let data: Data = row[column]
        return Array(data)
    }
}

extension QueueChange {
    /// About how much it writes.
    fileprivate var bytes: Int {
        if case .insert(_, let content) = self { return content.bytes.count + 128 }
        return 128
    }
}
