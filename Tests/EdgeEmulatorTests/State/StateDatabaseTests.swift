import Foundation
import GRDB
import Testing

@testable import EdgeEmulator

@Suite struct StateDatabaseTests {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        }
        return migrator
    }

    static func open(_ folder: StateFolder, _ migrator: DatabaseMigrator = migrator) throws -> StateDatabase {
        try StateDatabase(folder, name: "notes.sqlite", migrator: migrator)
    }

    @Test func `what was written is there after it was opened again`() async throws {
        try await withState { folder in
            let first = try Self.open(folder)
            try await first.add("one")
            #expect(try await first.texts() == ["one"])
            first.close()
            // The log went into the file, so this file is all there is to copy or to move away.
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["lock", "notes.sqlite"])
            let second = try Self.open(folder)
            #expect(try await second.texts() == ["one"])
        }
    }

    @Test func `an acknowledged write is in the files, whatever happens to the process`() async throws {
        try await withTemporaryFolder { root in
            let database = try Self.open(StateFolder(path: root + "/state"))
            try await database.add("one")
            // The files as a killed process would leave them.
            try FileManager.default.copyItem(atPath: root + "/state", toPath: root + "/copy")
            let copy = try Self.open(StateFolder(path: root + "/copy"))
            #expect(try await copy.texts() == ["one"])
        }
    }

    @Test func `a failing write leaves those that share its transaction alone`() async throws {
        try await withState { folder in
            let database = try Self.open(folder)
            let gate = try await database.holdWriter()
            var tasks: [Task<Bool, Never>] = []
            for number in 0..<40 {
                tasks.append(
                    Task {
                        do {
                            try await database.write { db in
                                try db.execute(sql: "INSERT INTO note VALUES (?, 'x')", arguments: [number])
                                // Comes after a change, which has to be undone.
                                if number % 3 == 0 { throw Refused() }
                            }
                            return true
                        } catch {
                            return !(error is Refused)
                        }
                    })
            }
            gate.signal()
            for (number, task) in tasks.enumerated() { #expect(await task.value == (number % 3 != 0)) }
            let ids = try await database.read { db in try Int.fetchAll(db, sql: "SELECT id FROM note ORDER BY id") }
            #expect(ids == (0..<40).filter { $0 % 3 != 0 })
        }
    }

    @Test func `the hook after a commit sees the commits in their order`() async throws {
        try await withState { folder in
            let database = try Self.open(folder)
            let seen = Seen()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        _ = try await database.write { db -> Int in
                            try db.execute(sql: "INSERT INTO note (text) VALUES ('x')")
                            return Int(db.lastInsertedRowID)
                        } committed: {
                            seen.add($0)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(seen.all == Array(1...200))
        }
    }

    @Test func `a full disk fails the writes that need room, and nothing else`() async throws {
        try await withState { folder in
            let database = try Self.open(folder)
            try await database.add("first")
            try await database.write { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages + 4)")
            }
            let gate = try await database.holdWriter()
            let large = String(repeating: "x", count: 100_000)
            async let before: Void = database.add("before")
            async let tooLarge = failure { try await database.add(large) }
            async let after: Void = database.add("after")
            gate.signal()
            try await before
            try await after
            let failure = await tooLarge
            #expect((failure as? StateFailure)?.kind == .full)
            #expect(
                (failure as? StateFailure)?.description
                    == "There is no room left on the disk for \(database.path), so nothing was written; free some space."
            )
            #expect(Set(try await database.texts()) == ["first", "before", "after"])
            try await database.write { db in try db.execute(sql: "PRAGMA max_page_count = 1000000") }
            try await database.add(large)
            #expect(try await database.texts().count == 4)
            #expect(try await database.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check") } == "ok")
        }
    }

    @Test(arguments: [0, 100, 4096])
    func `a file full of something else is called damaged`(offset: Int) async throws {
        try await withState { folder in
            let database = try Self.open(folder)
            try await database.add(String(repeating: "x", count: 20_000))
            let path = database.path
            database.close()
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.seek(toOffset: UInt64(offset))
            try file.write(contentsOf: Data(repeating: 0x5A, count: 12_000))
            try file.close()
            let failure = await failure {
                let again = try Self.open(folder)
                _ = try await again.texts()
            }
            #expect((failure as? StateFailure)?.kind == .damaged, "\(String(describing: failure))")
            #expect("\(try #require(failure))".hasPrefix("The state file \(path) is damaged ("))
        }
    }

    @Test(arguments: [0, 100, 4096])
    func `a damaged file is left as it is, and the folder that belongs to it is named`(offset: Int) async throws {
        try await withState { folder in
            let database = try Self.open(folder)
            try await database.add(String(repeating: "x", count: 20_000))
            let path = database.path
            database.close()
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.seek(toOffset: UInt64(offset))
            try file.write(contentsOf: Data(repeating: 0x5A, count: 12_000))
            try file.close()
            let before = FileManager.default.contents(atPath: path)
            let failure = #expect(throws: StateFailure.self) {
                try StateDatabase(folder, name: "notes.sqlite", migrator: Self.migrator, companion: "notes")
            }
            #expect(
                failure?.description.hasSuffix("; move it and the folder notes/ away to start with an empty one.")
                    == true)
            #expect(FileManager.default.contents(atPath: path) == before)
        }
    }

    @Test func `a file beside the log that cannot grow means a full disk`() {
        let failure = StateFailure.of(DatabaseError(resultCode: .SQLITE_IOERR_SHMSIZE), "/state/notes.sqlite")
        #expect(failure == .full("/state/notes.sqlite"))
    }

    @Test func `a truncated file is called damaged`() async throws {
        try await withState { folder in
            let database = try Self.open(folder)
            try await database.add(String(repeating: "x", count: 20_000))
            let path = database.path
            database.close()
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.truncate(atOffset: 9000)
            try file.close()
            let failure = #expect(throws: StateFailure.self) { try Self.open(folder) }
            #expect(failure?.kind == .damaged)
        }
    }

    @Test func `an older schema is brought up to date, a newer one is left alone`() async throws {
        try await withState { folder in
            var later = Self.migrator
            later.registerMigration("2") { db in try db.execute(sql: "ALTER TABLE note ADD COLUMN colour TEXT") }

            let old = try Self.open(folder)
            try await old.add("kept")
            old.close()
            let new = try Self.open(folder, later)
            let colours = try await new.read { db in try String?.fetchAll(db, sql: "SELECT colour FROM note") }
            #expect(colours == [nil])
            new.close()

            let failure = #expect(throws: StateFailure.self) { try Self.open(folder) }
            #expect(failure?.kind == .newer)
            #expect(failure?.description.contains("was written by a newer version of this program; update") == true)
            let again = try Self.open(folder, later)
            #expect(try await again.texts() == ["kept"])
        }
    }

    @Test func `a closed database refuses calls, and closing twice does no harm`() async throws {
        try await withState { folder in
            let database = try Self.open(folder)
            database.close()
            database.close()
            #expect((await failure { try await database.add("late") } as? StateFailure)?.kind == .closed)
            #expect((await failure { _ = try await database.texts() } as? StateFailure)?.kind == .closed)
        }
    }

    @Test func `writes that wait while it closes are finished`() async throws {
        try await withState { folder in
            let database = try Self.open(folder)
            let gate = try await database.holdWriter()
            let started = Seen()
            let tasks = (0..<20).map { number in
                Task {
                    started.add(number)
                    return (try? await database.add("\(number)")) != nil
                }
            }
            while started.all.count < 20 { await Task.yield() }
            gate.signal()
            database.close()
            var acknowledged = 0
            for task in tasks where await task.value { acknowledged += 1 }
            let again = try Self.open(folder)
            #expect(try await again.texts().count == acknowledged)
        }
    }

    @Test func `a read sees every write that returned before it`() async throws {
        try await withState { folder in
            let database = try Self.open(folder)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        try await database.add("\(number)")
                        #expect(try await database.texts().contains("\(number)"))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `pages freed can be given back`() async throws {
        try await withState { folder in
            let database = try Self.open(folder)
            let mode = try await database.read { db in try Int.fetchOne(db, sql: "PRAGMA auto_vacuum") }
            #expect(mode == 2)
        }
    }
}

struct Refused: Error {}

/// What `body` throws; nil if it does not.
func failure(_ body: () async throws -> Void) async -> (any Error)? {
    do {
        try await body()
        return nil
    } catch {
        return error
    }
}

final class Seen: @unchecked Sendable {
    private let lock = NSLock()
    private var numbers: [Int] = []
    var all: [Int] { lock.withLock { numbers } }
    func add(_ number: Int) { lock.withLock { numbers.append(number) } }
}

extension StateDatabase {
    func add(_ text: String) async throws {
        try await write { db in try db.execute(sql: "INSERT INTO note (text) VALUES (?)", arguments: [text]) }
    }

    func texts() async throws -> [String] {
        try await read { db in try String.fetchAll(db, sql: "SELECT text FROM note ORDER BY id") }
    }

    /// Keeps the writing thread busy until the semaphore is signalled, so that what comes meanwhile shares a transaction.
    func holdWriter() async throws -> DispatchSemaphore {
        let (reached, gate) = (Seen(), DispatchSemaphore(value: 0))
        Task {
            try await write { _ in
                reached.add(1)
                gate.wait()
            }
        }
        while reached.all.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        return gate
    }
}
