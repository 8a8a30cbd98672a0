-- ratelimits.sqlite as its first migration made it, with a little in it. Times that must not be over are in the year 2100.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN TRANSACTION;
CREATE TABLE counters (
    namespace TEXT NOT NULL,
    period INTEGER NOT NULL,
    key TEXT NOT NULL,
    window INTEGER NOT NULL,
    count INTEGER NOT NULL,
    ends REAL NOT NULL,
    PRIMARY KEY (namespace, period, key)
) WITHOUT ROWID;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('counters');
CREATE INDEX counters_by_end ON counters (ends);
INSERT INTO "counters" VALUES('1001',60,'old',68000000,1,4080000060.0);
COMMIT;
