import GRDB

/// The tables of `r2.sqlite`. Changes are added as further migrations, never edited.
enum R2Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: objects, uploads, blobs") { db in try db.execute(sql: first) }
        return migrator
    }

    // Keys are blobs: compared byte by byte, and free to contain a zero. Times are milliseconds since 1970. `segments`
    // comes last, because a list does not need it and an object of many parts has much of it: 32 bytes of name and 8 of
    // size each.
    private static let first = """
        CREATE TABLE object (
            bucket TEXT NOT NULL,
            key BLOB NOT NULL,
            version TEXT NOT NULL,
            size INTEGER NOT NULL,
            etag TEXT NOT NULL,
            uploaded INTEGER NOT NULL,
            storage_class TEXT NOT NULL,
            md5 BLOB,
            checksum_algorithm TEXT,
            checksum BLOB,
            http_metadata TEXT,
            custom_metadata TEXT,
            segments BLOB NOT NULL,
            PRIMARY KEY (bucket, key)
        ) WITHOUT ROWID;

        CREATE TABLE upload (
            id TEXT NOT NULL PRIMARY KEY,
            bucket TEXT NOT NULL,
            key BLOB NOT NULL,
            created INTEGER NOT NULL,
            state INTEGER NOT NULL,
            ended INTEGER,
            storage_class TEXT NOT NULL,
            http_metadata TEXT,
            custom_metadata TEXT
        ) WITHOUT ROWID;
        CREATE INDEX upload_by_age ON upload (bucket, created, id);

        CREATE TABLE part (
            upload TEXT NOT NULL REFERENCES upload (id),
            number INTEGER NOT NULL,
            etag TEXT NOT NULL,
            size INTEGER NOT NULL,
            md5 BLOB NOT NULL,
            uploaded INTEGER NOT NULL,
            segments BLOB NOT NULL,
            PRIMARY KEY (upload, number)
        ) WITHOUT ROWID;

        -- How many segments of objects and parts name a blob. A blob that none names has no row.
        CREATE TABLE blob (
            name BLOB NOT NULL PRIMARY KEY,
            uses INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE lifecycle (
            bucket TEXT NOT NULL PRIMARY KEY,
            rules TEXT NOT NULL
        ) WITHOUT ROWID;
        """
}
