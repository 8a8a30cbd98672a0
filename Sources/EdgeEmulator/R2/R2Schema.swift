import GRDB

/// The tables of `r2.sqlite`. Changes are added as further migrations, never edited.
enum R2Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: objects, uploads, blobs") { db in try db.execute(sql: first) }
        migrator.registerMigration("2: buckets, encryption, checksums of S3") { db in try db.execute(sql: second) }
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

    // A bucket is a record of its own. Those in which something was stored before there were records exist since the
    // first thing that is still there. `object` is made anew so that `segments` stays the last column. Checksums are
    // texts: `CRC32 COMPOSITE 0a1b2c3d`; of keys of encryption nothing is kept but their MD5.
    private static let second = """
        CREATE TABLE bucket (
            name TEXT NOT NULL PRIMARY KEY,
            created INTEGER NOT NULL,
            location TEXT,
            storage_class TEXT NOT NULL DEFAULT 'Standard'
        ) WITHOUT ROWID;
        INSERT INTO bucket (name, created)
            SELECT name, min(moment) FROM (
                SELECT bucket AS name, min(uploaded) AS moment FROM object GROUP BY bucket
                UNION ALL SELECT bucket, min(created) FROM upload GROUP BY bucket
                UNION ALL SELECT bucket, CAST(strftime('%s', 'now') AS INTEGER) * 1000 FROM lifecycle
            ) GROUP BY name;

        CREATE TABLE cors (
            bucket TEXT NOT NULL PRIMARY KEY,
            rules TEXT NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE new_object (
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
            s3_checksum TEXT,
            ssec_key_md5 TEXT,
            segments BLOB NOT NULL,
            PRIMARY KEY (bucket, key)
        ) WITHOUT ROWID;
        INSERT INTO new_object (bucket, key, version, size, etag, uploaded, storage_class, md5, checksum_algorithm,
                checksum, http_metadata, custom_metadata, segments)
            SELECT bucket, key, version, size, etag, uploaded, storage_class, md5, checksum_algorithm, checksum,
                http_metadata, custom_metadata, segments FROM object;
        DROP TABLE object;
        ALTER TABLE new_object RENAME TO object;

        ALTER TABLE upload ADD COLUMN s3_checksum TEXT;
        ALTER TABLE upload ADD COLUMN ssec_key_md5 TEXT;
        ALTER TABLE part ADD COLUMN s3_checksum TEXT;
        """
}
