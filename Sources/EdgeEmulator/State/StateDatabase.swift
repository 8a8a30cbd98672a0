import Foundation
import GRDB

/// One SQLite file of the emulator's state, with threads of its own: callers are suspended, never blocked.
///
/// A write that has returned survives the death of the process (write-ahead log, `synchronous = NORMAL`); only a power
/// cut can lose the last ones. A read that begins after a write has returned sees it.
public final class StateDatabase: Sendable {
    public let path: String
    /// Its lock is kept for as long as the file is open.
    private let folder: StateFolder
    private let pool: DatabasePool
    private let writes = JobQueue<any PendingWrite>()
    private let reads = JobQueue<Read>()
    private let threads = DispatchGroup()

    /// Opens or creates the file and brings its schema up to date.
    ///
    /// - Parameters:
    ///   - name: the file's name inside the folder: `kv.sqlite`.
    ///   - migrator: every schema change so far, oldest first; changes are added, never edited.
    ///   - readers: how many reads may run at once.
    ///   - companion: the folder beside it whose files mean something only together with this one, for the message to
    ///     whoever has to move a damaged file away: files that no database names would be swept.
    public init(
        _ folder: StateFolder, name: String, migrator: DatabaseMigrator, readers: Int = 2, companion: String? = nil
    ) throws(StateFailure) {
        self.folder = folder
        let path = folder.path + "/" + name
        self.path = path
        // SQLite would open a file that it may only read, and leave a log beside it when it finds out.
        guard access(path, W_OK) == 0 || errno == ENOENT else { throw .system(path, errno) }
        var opened: DatabasePool?
        do {
            let pool = try DatabasePool(path: path, configuration: Self.configuration(name, readers: readers))
            opened = pool
            if try pool.read(migrator.hasBeenSuperseded) { throw StateFailure.newer(path) }
            try migrator.migrate(pool)
            self.pool = pool
        } catch {
            // What is refused stays as it was found, without a log beside it.
            if let opened { Self.close(opened) }
            throw StateFailure.of(error, path, companion: companion)
                ?? StateFailure(.unavailable, "The state file \(path) cannot be brought up to date: \(error).")
        }
        start(readers: readers, name: name)
    }

    // The last reference may go away on one of the threads, so nothing waits for them here. No call is under way then.
    deinit {
        writes.close()
        reads.close()
    }

    /// Runs statements inside a read transaction: all of them see the same state.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        let path = self.path
        return try await withCheckedThrowingContinuation { continuation in
            let read = Read { db in
                do {
                    continuation.resume(returning: try body(db))
                } catch {
                    continuation.resume(throwing: StateFailure.of(error, path) ?? error)
                }
            } fail: { error in
                continuation.resume(throwing: StateFailure.of(error, path) ?? error)
            }
            if !reads.submit(read) { read.fail(StateFailure.closed(path)) }
        }
    }

    /// Runs statements inside a transaction and returns after it is committed. Waiting writes share one; what a failing
    /// write did is undone without touching the others. Writes take effect in the order of their calls.
    ///
    /// - Parameters:
    ///   - bytes: about how much is written, so that large writes are not heaped into one transaction.
    ///   - body: the statements; no `BEGIN` or `COMMIT` of its own. It may run twice, so it changes nothing but the database.
    ///   - committed: called after the commit and before the next transaction begins, on the writing thread: the place to
    ///     bring a cache up to date in the order of the commits.
    public func write<Value: Sendable>(
        bytes: Int = 0, _ body: @escaping @Sendable (Database) throws -> Value,
        committed: @escaping @Sendable (Value) -> Void = { _ in }
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let write = Write(bytes: bytes, body: body, committed: committed, continuation: continuation)
            if !writes.submit(write) { write.fail(StateFailure.closed(path)) }
        }
    }

    /// Runs a change that ends together with those of other databases.
    func perform(_ change: StoreChange, _ rendezvous: Rendezvous) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let moment = SharedMoment(change, rendezvous, continuation)
            if !writes.submit(moment) { moment.turnBack(StateFailure.closed(path)) }
        }
    }

    /// Finishes what waits, moves the write-ahead log into the file and closes it. Calls after that fail. Blocks for as
    /// long as the remaining work takes; a second call returns when the first does.
    public func close() {
        writes.close()
        reads.close()
        threads.wait()
        Self.close(pool)
    }

    private static func close(_ pool: DatabasePool) {
        // Readers first: the last connection moves the log into the file, and one that only reads cannot.
        pool.invalidateReadOnlyConnections()
        // The one failure is a connection in use, and nobody uses one any more.
        try? pool.close()
    }

    private static func configuration(_ name: String, readers: Int) -> Configuration {
        var configuration = Configuration()
        configuration.label = name
        configuration.maximumReaderCount = readers
        // Nobody else writes; a person who looks at the file with sqlite3 may hold it for a moment.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            if db.configuration.readonly { return }
            // Before the first table: lets a sweep give freed pages back to the file system. Setting it writes, which a
            // file that has it already, and may turn out to be damaged, is spared.
            if try Int.fetchOne(db, sql: "PRAGMA auto_vacuum") != 2 {
                try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
            // A burst leaves a long log behind, which would otherwise keep its size.
            try db.execute(sql: "PRAGMA journal_size_limit = 16777216")
        }
        return configuration
    }

    private func start(readers: Int, name: String) {
        let (pool, path, reads, writes) = (pool, path, reads, writes)
        thread(name + " writer") { Writer(pool: pool, path: path).run(writes) }
        for number in 1...readers {
            thread(name + " reader \(number)") { Self.answer(reads, from: pool) }
        }
    }

    /// Reads that wait share one snapshot, which begins after the last of them was asked for.
    private static func answer(_ queue: JobQueue<Read>, from pool: DatabasePool) {
        while let reads = queue.take({ min($0.count, 32) }) {
            var answered = 0
            do {
                try pool.read { db in
                    for read in reads {
                        answered += 1
                        read.run(db)
                    }
                }
            } catch {
                for read in reads[answered...] { read.fail(error) }
            }
        }
    }

    private func thread(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let (threads, folder) = (threads, folder)
        threads.enter()
        let thread = Thread {
            withExtendedLifetime(folder, body)
            threads.leave()
        }
        thread.name = name
        thread.start()
    }
}
