import GRDB

/// The tables of `cache.sqlite`.
enum CacheSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("responses") { db in
            // Content is either in `body`, or in the file of this number. `used` counts uses: the smallest was used first.
            try db.execute(
                sql: """
                    CREATE TABLE responses (
                        id INTEGER PRIMARY KEY,
                        cache TEXT NOT NULL,
                        key TEXT NOT NULL,
                        status INTEGER NOT NULL,
                        headers TEXT NOT NULL,
                        initial_age REAL NOT NULL,
                        stored_at REAL NOT NULL,
                        expires REAL NOT NULL,
                        size INTEGER NOT NULL,
                        cost INTEGER NOT NULL,
                        body BLOB,
                        file INTEGER,
                        used INTEGER NOT NULL,
                        UNIQUE (cache, key)
                    );
                    CREATE INDEX responses_by_expiry ON responses (expires);
                    CREATE INDEX responses_by_use ON responses (used);
                    CREATE TABLE usage (bytes INTEGER NOT NULL);
                    INSERT INTO usage VALUES (0);
                    """)
        }
        return migrator
    }
}
