import GRDB

/// KV as a part of the whole state.
struct KVStateStore: StateStore {
    let kv: KVDatabase

    let name = "kv"
    let file = "kv.sqlite"
    var database: StateDatabase { kv.database }
    var migrator: DatabaseMigrator { KVStatements.migrator }

    func content() async throws -> StateContent {
        try await database.read { db in
            try .read(db, "SELECT CAST(total(length(value)) AS INTEGER), count(*) FROM entry")
        }
    }

    func change(to folder: String?) async throws -> StoreChange {
        let (kv, isEmpty) = (kv, folder == nil)
        return StoreChange(database: database, source: source(folder)) { db in
            let tables = ["entry", "namespace"]
            try WholeTable.empty(tables, db)
            if !isEmpty { try WholeTable.copy(tables, db) }
        } committed: {
            kv.forget()
        }
    }
}
