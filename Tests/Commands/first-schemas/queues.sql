-- queues.sqlite as its first migration made it, with a little in it. Times that must not be over are in the year 2100.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN TRANSACTION;
CREATE TABLE body (
    key INTEGER PRIMARY KEY,
    type TEXT NOT NULL, -- json, text or bytes
    bytes BLOB NOT NULL
) STRICT;
INSERT INTO "body" VALUES(1,'json',X'7B226964223A226F6C64222C2274657874223A226B657074227D');
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('1 messages');
CREATE TABLE message (
    key INTEGER PRIMARY KEY,
    high INTEGER NOT NULL, low INTEGER NOT NULL, -- the id's 128 bits
    queue TEXT NOT NULL,
    timestamp INTEGER NOT NULL, entered INTEGER NOT NULL, -- milliseconds since 1970
    size INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    phase INTEGER NOT NULL, -- 0 visible from due on, 1 in flight, 2 leased until due
    due INTEGER NOT NULL,
    lease TEXT
) STRICT;
INSERT INTO "message" VALUES(1,-7714709660158954138,-3665464690982184429,'messages',4102444800000,4102444800000,26,0,0,1795484772064,NULL);
COMMIT;
