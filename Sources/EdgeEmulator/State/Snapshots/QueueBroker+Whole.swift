import GRDB
import Workers

/// Queues as a part of the whole state: their messages, and what the REST interface has set about them.
struct QueueStateStore: StateStore {
    let broker: QueueBroker

    let name = "queues"
    let file = "queues.sqlite"
    var database: StateDatabase { broker.store.database }
    var migrator: DatabaseMigrator { SQLiteQueueStore.migrator }

    func content() async throws -> StateContent {
        try await database.read { db in
            try .read(db, "SELECT CAST(total(size) AS INTEGER), count(*) FROM message")
        }
    }

    func change(to folder: String?) async throws -> StoreChange {
        let broker = broker
        guard let source = source(folder) else {
            return StoreChange(database: database) { db in
                try WholeTable.empty(["message", "body", "queue"], db)
            } committed: {
                broker.replace([], [])
            }
        }
        let last = try await OfflineDatabase(source).read { db in
            try Int.fetchOne(db, sql: "SELECT max(key) FROM message") ?? 0
        }
        // Under its own key a message could be taken for one that a handler has in its hands now.
        let offset = broker.queues.reserveKeys(last + 1)
        let found = Kept<([QueueRecord], [QueueEntry])>(([], []))
        return StoreChange(database: database, source: source) { db in
            try WholeTable.empty(["message", "body", "queue"], db)
            for (table, columns) in QueueStateStore.columns {
                try db.execute(
                    sql: """
                        INSERT INTO main.\(table) (key, \(columns)) SELECT key + ?, \(columns) FROM source.\(table)
                        """,
                    arguments: [offset])
            }
            try WholeTable.copy(["queue"], db)
            let content = (try SQLiteQueueStore.all(db), try QueueCatalogue.all(db))
            found.value = content
        } committed: {
            let (records, entries) = found.value
            broker.replace(records, entries)
        }
    }

    private static let columns = [
        ("message", "high, low, queue, timestamp, entered, size, failures, phase, due, lease, origin"),
        ("body", "type, bytes"),
    ]
}
