import Foundation
import GRDB

/// A database file that belongs to no running store: a copy on its way into or out of a snapshot. All calls but `read` block.
struct OfflineDatabase: Sendable {
    let path: String

    init(_ path: String) { self.path = path }

    func read<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        return try open(configuration) { queue in try queue.read(body) }
    }

    func change(_ body: (Database) throws -> Void) throws {
        try open(Configuration()) { queue in try queue.write(body) }
    }

    /// Brings the copy to the present schema, after looking whether it is sound.
    ///
    /// - Throws: `StateFailure` of the kinds `newer` and `damaged`.
    func prepare(_ migrator: DatabaseMigrator) throws {
        try open(Configuration()) { queue in
            if try queue.read(migrator.hasBeenSuperseded) { throw StateFailure.newer(path) }
            let verdict = try queue.read { db in try String.fetchAll(db, sql: "PRAGMA quick_check(1)") }
            guard verdict == ["ok"] else { throw StateFailure.damaged(path, verdict.first ?? "no verdict") }
            try migrator.migrate(queue)
        }
    }

    /// One file, without a log beside it.
    func settle() throws {
        try open(Configuration()) { queue in
            try queue.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA journal_mode = DELETE") }
        }
    }

    private func open<Value>(
        _ configuration: Configuration, _ body: (DatabaseQueue) throws -> Value
    ) throws -> Value {
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try body(queue)
        } catch {
            throw StateFailure.of(error, path) ?? error
        }
    }
}

/// A second connection to the file of a running store, which sees it as it was at one moment. All calls block.
final class StateMoment: Sendable {
    private let queue: DatabaseQueue
    private let path: String

    init(of database: StateDatabase) throws {
        path = database.path
        var configuration = Configuration()
        configuration.readonly = true
        configuration.allowsUnsafeTransactions = true
        do {
            queue = try DatabaseQueue(path: database.path, configuration: configuration)
        } catch {
            throw StateFailure.of(error, path) ?? error
        }
    }

    /// From here on it sees what is committed now.
    func begin() throws {
        try queue.inDatabase { db in
            try db.execute(sql: "BEGIN")
            // A transaction gets its snapshot with its first read.
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master")
        }
    }

    /// Writes what it sees into a new file.
    func copy(to file: String) throws {
        do {
            let target = try DatabaseQueue(path: file)
            defer { try? target.close() }
            try target.writeWithoutTransaction { copy in
                try queue.inDatabase { db in try db.backup(to: copy) }
            }
        } catch {
            throw StateFailure.of(error, file) ?? error
        }
        try OfflineDatabase(file).settle()
    }

    func end() {
        try? queue.inDatabase { db in if db.isInsideTransaction { try db.execute(sql: "ROLLBACK") } }
        try? queue.close()
    }
}
