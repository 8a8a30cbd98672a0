import GRDB
import Workers

/// The table of `ratelimits.sqlite`, and every statement on it.
enum RateLimitSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("counters") { db in
            // `ends` is the end of the window in seconds since 1970.
            try db.execute(
                sql: """
                    CREATE TABLE counters (
                        namespace TEXT NOT NULL,
                        period INTEGER NOT NULL,
                        key TEXT NOT NULL,
                        window INTEGER NOT NULL,
                        count INTEGER NOT NULL,
                        ends REAL NOT NULL,
                        PRIMARY KEY (namespace, period, key)
                    ) WITHOUT ROWID;
                    CREATE INDEX counters_by_end ON counters (ends);
                    """)
        }
        return migrator
    }

    typealias Change = (counter: RateLimitTable.Counter, tally: RateLimitTable.Tally)

    /// Counters whose windows are still open.
    static func open(now: Double, limit: Int, _ db: Database) throws -> [Change] {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT namespace, period, key, window, count FROM counters WHERE ends > ? LIMIT ?",
            arguments: [now, limit])
        return rows.map { row in
            let counter = RateLimitTable.Counter(namespace: row[0], period: row[1], key: row[2])
            return (counter, RateLimitTable.Tally(window: row[3], count: row[4]))
        }
    }

    static func write(_ changes: [RateLimitTable.Counter: RateLimitTable.Tally], _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO counters (namespace, period, key, window, count, ends) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET window = excluded.window, count = excluded.count, ends = excluded.ends
                """)
        for (counter, tally) in changes {
            let ends = Double((tally.window + 1) * counter.period)
            try statement.execute(arguments: [
                counter.namespace, counter.period, counter.key, tally.window, tally.count, ends,
            ])
        }
    }

    static func removeAll(_ db: Database) throws { try db.execute(sql: "DELETE FROM counters") }

    static func sweep(now: Double, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM counters WHERE ends <= ?").execute(arguments: [now])
    }
}
