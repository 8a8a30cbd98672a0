import GRDB
import Synchronization
import Workers

/// What was set about queues beside the configuration: which were made, their settings, their consumers. It outlives the
/// process; what the configuration says about a queue goes before.
final class QueueCatalogue: Sendable {
    /// How many queues an account takes.
    static let mostQueues = 10_000

    private let database: StateDatabase
    /// Of `wrangler.toml`, by name.
    let configured: [String: QueueConfiguration]
    /// When the file was opened: what a queue without a record says about its age.
    let opened: Int
    /// By id.
    private let entries: Mutex<[String: QueueEntry]>

    init(_ database: StateDatabase, configured: [QueueConfiguration], opened: Double) async throws {
        self.database = database
        self.configured = Dictionary(configured.map { ($0.name, $0) }) { first, _ in first }
        self.opened = QueueLedger.milliseconds(opened)
        let stored = try await database.read(QueueCatalogue.all)
        entries = Mutex(Dictionary(stored.map { ($0.id, $0) }) { first, _ in first })
    }

    /// Everything that is known about queues at the start.
    ///
    /// - Parameter scripts: the Workers that run here. A consumer that names another one is left out, or its messages would
    ///   use up their retries.
    func configurations(scripts: Set<String>) throws -> [QueueConfiguration] {
        let stored = entries.withLock { Array($0.values) }
        let known = Set(stored.map(\.name))
        return try configured.values.filter { !known.contains($0.name) }
            + stored.map { try configuration($0, scripts: scripts) }
    }

    /// A record together with what the configuration says.
    ///
    /// - Parameter scripts: the Workers that run here.
    func configuration(_ entry: QueueEntry, scripts: Set<String>) throws -> QueueConfiguration {
        let fixed = configured[entry.name]
        var settings = entry.settings
        if let delay = fixed?.settings.deliveryDelay, delay > 0 {
            settings = try QueueSettings(
                deliveryDelay: delay, retention: settings.retention, isPaused: settings.isPaused)
        }
        var consumer = entry.consumer
        if let script = consumer?.script, !scripts.contains(script) { consumer = nil }
        return try QueueConfiguration(
            entry.name, settings: settings, consumer: fixed?.consumer ?? consumer?.consumer)
    }

    /// Takes over what the file holds now.
    func replace(_ entries: [QueueEntry]) {
        let byID = Dictionary(entries.map { ($0.id, $0) }) { first, _ in first }
        self.entries.withLock { $0 = byID }
    }

    var all: [QueueEntry] { entries.withLock { Array($0.values) } }

    func entry(_ id: String) -> QueueEntry? { entries.withLock { $0[id] } }

    func entry(named name: String) -> QueueEntry? {
        entries.withLock { $0.values.first { $0.name == name } }
    }

    /// The Worker that was made the consumer of a queue.
    func script(of queue: String) -> String? { entry(named: queue)?.consumer?.script }

    /// Adds a record or replaces the one with its id, unless another has its name.
    ///
    /// - Parameter former: the name that the queue's messages still have in the file; they get the new one together with
    ///   the record.
    /// - Returns: false for a name that is taken.
    func keep(_ entry: QueueEntry, former: String? = nil) async throws -> Bool {
        let (before, isTaken) = entries.withLock { entries in
            let isTaken = entries.values.contains { $0.name == entry.name && $0.id != entry.id }
            defer { if !isTaken { entries[entry.id] = entry } }
            return (entries[entry.id], isTaken)
        }
        if isTaken { return false }
        try await store(entry.id, before: before, former: former)
        return true
    }

    /// Removes a record; one that is not there is no error.
    func remove(_ id: String) async throws {
        let before = entries.withLock { $0.removeValue(forKey: id) }
        try await store(id, before: before)
    }

    /// Brings the file to what memory holds when the write comes to its turn, so that writes cannot pass each other.
    private func store(_ id: String, before: QueueEntry?, former: String? = nil) async throws {
        do {
            try await database.write { db in
                guard let entry = self.entries.withLock({ $0[id] }) else {
                    return try db.execute(sql: "DELETE FROM queue WHERE id = ?", arguments: [id])
                }
                try QueueCatalogue.write(entry, db)
                guard let former else { return }
                try db.execute(
                    sql: "UPDATE message SET queue = ? WHERE queue = ?", arguments: [entry.name, former])
            }
        } catch {
            entries.withLock { $0[id] = before }
            throw error
        }
    }

    // MARK: Statements

    static func createTable(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE queue (
                    id TEXT PRIMARY KEY,
                    name TEXT NOT NULL UNIQUE,
                    created INTEGER NOT NULL, modified INTEGER NOT NULL, -- milliseconds since 1970
                    delay INTEGER NOT NULL, retention INTEGER NOT NULL, -- seconds
                    paused INTEGER NOT NULL,
                    consumer TEXT -- JSON
                ) STRICT;
                """)
    }

    static func all(_ db: Database) throws -> [QueueEntry] {
        let rows = try Row.fetchCursor(
            db, sql: "SELECT id, name, created, modified, delay, retention, paused, consumer FROM queue")
        var entries: [QueueEntry] = []
        while let row = try rows.next() {
            var entry = QueueEntry(id: row[0], name: row[1], created: row[2], modified: row[3])
            entry.settings = try QueueSettings(deliveryDelay: row[4], retention: row[5], isPaused: row[6])
            entry.consumer = (row[7] as String?).flatMap { QueueConsumerEntry($0) }
            entries.append(entry)
        }
        return entries
    }

    private static func write(_ entry: QueueEntry, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO queue (id, name, created, modified, delay, retention, paused, consumer)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                    name = excluded.name, modified = excluded.modified, delay = excluded.delay,
                    retention = excluded.retention, paused = excluded.paused, consumer = excluded.consumer
                """,
            arguments: [
                entry.id, entry.name, entry.created, entry.modified, entry.settings.deliveryDelay,
                entry.settings.retention, entry.settings.isPaused, entry.consumer?.text,
            ])
    }
}
