-- kv.sqlite as its first migration made it, with a little in it. Times that must not be over are in the year 2100.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN TRANSACTION;
CREATE TABLE entry (
    namespace TEXT NOT NULL,
    key BLOB NOT NULL,
    expiration INTEGER,
    metadata TEXT,
    value BLOB NOT NULL,
    PRIMARY KEY (namespace, key)
) WITHOUT ROWID;
INSERT INTO "entry" VALUES('ENTRIES',X'6F6C64',NULL,'"since"',X'6B657074');
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('1');
CREATE INDEX entry_expiration ON entry (expiration) WHERE expiration IS NOT NULL;
COMMIT;
