-- cache.sqlite as its first migration made it, with a little in it. Times that must not be over are in the year 2100.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('responses');
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
INSERT INTO "responses" VALUES(1,'','https://cache.test/old',200,'Cache-Control: max-age=3600
',0.0,1795484772.0,4102444800.0,4,54,X'6B657074',NULL,1);
CREATE TABLE usage (bytes INTEGER NOT NULL);
INSERT INTO "usage" VALUES(54);
CREATE INDEX responses_by_expiry ON responses (expires);
CREATE INDEX responses_by_use ON responses (used);
COMMIT;
