import GRDB
import Workers

/// A namespace that was made by the REST interface.
struct KVNamespaceRecord: Sendable, Hashable {
    /// 32 hexadecimal digits, or what the configuration calls it.
    var id: String
    var title: String
}

/// The records of namespaces, beside the entries that a namespace has whether or not there is a record of it.
extension KVDatabase {
    /// How many namespaces an account takes.
    static let mostNamespaces = 1000

    enum DirectoryFailure: Error { case titleTaken, tooMany }

    /// All of them by id.
    func namespaceRecords() async throws -> [KVNamespaceRecord] {
        try await database.read { db in
            try Row.fetchAll(db, sql: "SELECT id, title FROM namespace ORDER BY id").map {
                KVNamespaceRecord(id: $0[0], title: $0[1])
            }
        }
    }

    /// How many entries of a namespace are live.
    ///
    /// - Parameter now: whole seconds since 1970.
    func count(of id: String, now: Int) async throws -> Int {
        try await database.read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM entry
                    WHERE namespace = ? AND (expiration IS NULL OR expiration > ?)
                    """, arguments: [id, now]) ?? 0
        }
    }

    func namespaceRecord(_ id: String) async throws -> KVNamespaceRecord? {
        try await database.read { db in
            let title = try String.fetchOne(db, sql: "SELECT title FROM namespace WHERE id = ?", arguments: [id])
            return title.map { KVNamespaceRecord(id: id, title: $0) }
        }
    }

    /// Adds a record, or gives the one with this id another title.
    ///
    /// - Throws: `DirectoryFailure`, `StateFailure`.
    func keep(_ record: KVNamespaceRecord) async throws {
        try await database.write { db in
            let owner = try String.fetchOne(
                db, sql: "SELECT id FROM namespace WHERE title = ?", arguments: [record.title])
            if let owner, owner != record.id { throw DirectoryFailure.titleTaken }
            let count = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM namespace WHERE id <> ?", arguments: [record.id])
            guard count ?? 0 < KVDatabase.mostNamespaces else { throw DirectoryFailure.tooMany }
            try db.execute(
                sql: """
                    INSERT INTO namespace (id, title) VALUES (?, ?)
                    ON CONFLICT (id) DO UPDATE SET title = excluded.title
                    """, arguments: [record.id, record.title])
        }
    }

    /// Removes a namespace with its entries. After a crash midway it is there with fewer of them.
    func removeNamespace(_ id: String) async throws {
        let portion = 500
        while true {
            let removed = try await database.write { db in
                let removed = try KVStatements.clear(db, id, limit: portion)
                if removed.count < portion {
                    try db.execute(sql: "DELETE FROM namespace WHERE id = ?", arguments: [id])
                }
                return removed
            } committed: { removed in
                for key in removed { self.committed(self.cacheKey(id, key), nil) }
            }
            if removed.count < portion { return }
        }
    }
}
