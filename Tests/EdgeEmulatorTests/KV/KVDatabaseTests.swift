import Foundation
import GRDB
import Testing
import Workers

@testable import EdgeEmulator

@Suite struct KVDatabaseTests {
    @Test func `entries are there after a new start`() async throws {
        try await withState { folder in
            let first = try KVDatabase(folder)
            let kv = first.namespace("sessions") { 1_760_000_000 }
            try await kv.put("a", [0, 255, 1], expirationTTL: 100, metadata: .object([.init("n", .integer(1))]))
            try await kv.put("b", "", metadata: .string("only"))
            try await kv.put("gone", "v")
            try await kv.delete("gone")
            let cursor = try await kv.list(limit: 1).cursor
            first.close()

            let second = try KVDatabase(folder)
            let again = second.namespace("sessions") { 1_760_000_099 }
            #expect(try await again.get("a", as: .bytes) == [0, 255, 1])
            #expect(try await again.getWithMetadata("a").metadata == .object([.init("n", .integer(1))]))
            #expect(try await again.get("b") == "")
            #expect(try await again.get("gone") == nil)
            // A cursor is a place, so it outlives the process that gave it.
            #expect(try await again.list(cursor: cursor).keys.map(\.name) == ["b"])
            #expect(try await again.list().keys.first?.expiration == 1_760_000_100)
            #expect(try await second.namespace("other") { 0 }.get("a") == nil)
            let late = second.namespace("sessions") { 1_760_000_100 }
            #expect(try await late.get("a") == nil)
        }
    }

    @Test func `a truncated file is named, not half read`() async throws {
        try await withState { folder in
            let first = try KVDatabase(folder)
            try await first.namespace("n") { 0 }.put("a", [UInt8](repeating: 1, count: 50_000))
            first.close()
            let path = folder.path + "/kv.sqlite"
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.truncate(atOffset: 20_000)
            try file.close()
            let failure = #expect(throws: StateFailure.self) { try KVDatabase(folder) }
            #expect(failure?.kind == .damaged)
            #expect(failure?.description.hasPrefix("The state file \(path) is damaged (") == true)
        }
    }

    @Test func `a full disk fails the put with one sentence and keeps the old value`() async throws {
        try await withState { folder in
            let database = try KVDatabase(folder)
            let kv = database.namespace("n") { 0 }
            try await kv.put("a", "old")
            try await database.database.write { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
            }
            let error = await failure { try await kv.put("a", [UInt8](repeating: 1, count: 100_000)) }
            let path = folder.path + "/kv.sqlite"
            #expect(
                (error as? WorkersError)?.message
                    == "KV PUT failed: 500 There is no room left on the disk for \(path), so nothing was written; "
                    + "free some space.")
            #expect(try await kv.get("a") == "old")
            try await kv.put("a", "new")
            #expect(try await kv.get("a") == "new")
            database.close()
            #expect(try await KVDatabase(folder).namespace("n") { 0 }.get("a") == "new")
        }
    }

    @Test func `a sweep removes what has expired and shrinks the file`() async throws {
        try await withState { folder in
            let database = try KVDatabase(folder)
            let kv = database.namespace("n") { 1000 }
            for number in 0..<1200 {
                try await kv.put("short\(number)", [UInt8](repeating: 1, count: 2000), expirationTTL: 60)
            }
            try await kv.put("long", "v", expirationTTL: 61)
            try await kv.put("forever", "v")
            #expect(try await database.sweep(now: 1059) == 0)
            let before = try await database.database.pages()
            #expect(try await database.sweep(now: 1060) == 1200)
            let after = try await database.database.pages()
            #expect(before > 600 && after < 20, "\(before) pages before, \(after) after")
            // Asked with a clock that stands before the expiration: the entry is gone from the cache, too.
            #expect(try await kv.get("short1") == nil)
            #expect(try await kv.list().keys.map(\.name) == ["forever", "long"])
        }
    }

    @Test func `a sweep spares an entry that was put again`() async throws {
        try await withState { folder in
            let database = try KVDatabase(folder)
            let kv = database.namespace("n") { 1000 }
            try await kv.put("a", "1", expirationTTL: 60)
            try await kv.put("a", "2", expirationTTL: 600)
            #expect(try await database.sweep(now: 1060) == 0)
            #expect(try await kv.get("a") == "2")
        }
    }

    @Test(arguments: [
        (KVStatements.read, "SEARCH entry USING PRIMARY KEY (namespace=? AND key=?)"),
        (KVStatements.remove, "SEARCH entry USING PRIMARY KEY (namespace=? AND key=?)"),
        (KVStatements.scan, "SEARCH entry USING PRIMARY KEY (namespace=? AND key>? AND key<?)"),
        (KVStatements.sweep, "SEARCH entry USING COVERING INDEX entry_expiration (expiration<?)"),
    ])
    func `statements find their rows by an index and sort nothing`(sql: String, plan: String) async throws {
        try await withState { folder in
            let database = try KVDatabase(folder)
            let details = try await database.database.read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: [1, 2, 3, 4, 5].prefixed(for: sql))
                    .map { row -> String in row["detail"] }
            }
            #expect(details.contains(plan), "\(details)")
            #expect(!details.contains { $0.contains("SCAN") || $0.contains("TEMP B-TREE") }, "\(details)")
        }
    }

    @Test func `a hot read does not wait for the file`() async throws {
        try await withState { folder in
            let database = try KVDatabase(folder)
            let kv = database.namespace("n") { 0 }
            try await kv.put("a", "1")
            #expect(try await kv.get("missing") == nil)
            // Answers must come from memory now: the file has been closed.
            database.close()
            #expect(try await kv.get("a") == "1")
            #expect(try await kv.get("missing") == nil)
            let error = await failure { _ = try await kv.get("unknown") }
            #expect((error as? WorkersError)?.message.hasSuffix("kv.sqlite is closed already.") == true)
        }
    }
}

extension StateDatabase {
    func pages() async throws -> Int {
        try await read { db in try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0 }
    }
}

extension [Int] {
    /// As many as the statement has parameters.
    fileprivate func prefixed(for sql: String) -> StatementArguments {
        StatementArguments(prefix(sql.filter { $0 == "?" }.count))
    }
}
