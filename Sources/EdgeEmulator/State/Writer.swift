import GRDB

/// Group commit: takes the writes that wait and puts them into one transaction, so that a commit is paid once for many.
/// When one of them fails, which is rare, the transaction is done again with a savepoint for each, so that the failing one
/// does not touch the others.
struct Writer {
    /// A transaction takes no more writes than this, …
    static let writesPerTransaction = 256
    /// … and none after it has this many bytes, so that the write-ahead log stays short and the first one need not wait
    /// for many large ones.
    static let bytesPerTransaction = 8 << 20

    let pool: DatabasePool
    let path: String

    func run(_ queue: JobQueue<any PendingWrite>) {
        while let writes = queue.take(Writer.share) {
            if let change = writes[0] as? SharedMoment {
                change.run(on: pool, path)
                continue
            }
            let foundRoom = writes.count == 1 ? alone(writes[0]) : together(writes)
            // What the log holds twice is room, too. This moves what it can into the file and waits for nobody.
            if !foundRoom { try? pool.writeWithoutTransaction { db in _ = try db.checkpoint(.passive) } }
        }
    }

    static func share(of waiting: [any PendingWrite]) -> Int {
        var bytes = 0
        for (index, write) in waiting.prefix(writesPerTransaction).enumerated() {
            if write is SharedMoment { return max(1, index) }
            bytes += write.bytes
            if bytes >= bytesPerTransaction { return index + 1 }
        }
        return min(waiting.count, writesPerTransaction)
    }

    /// - Returns: false if the disk was full.
    private func alone(_ write: any PendingWrite) -> Bool {
        do {
            try transaction { db in try write.attempt(db) }
            write.succeed()
            return true
        } catch {
            return fail(write, error)
        }
    }

    private func together(_ writes: [any PendingWrite]) -> Bool {
        do {
            try transaction { db in
                for write in writes { try write.attempt(db) }
            }
        } catch {
            return apart(writes)
        }
        for write in writes { write.succeed() }
        return true
    }

    private func apart(_ writes: [any PendingWrite]) -> Bool {
        var failures: [(any Error)?] = []
        do {
            try transaction { db in
                for write in writes { failures.append(try savepoint(db, write)) }
            }
        } catch {
            // The whole transaction is lost: SQLite gives it up by itself when a disk is full, and a commit can fail.
            // Nothing of it is in the file, so each write gets a transaction, and an error, of its own.
            return writes.map(alone).allSatisfy { $0 }
        }
        var foundRoom = true
        for (write, failure) in zip(writes, failures) {
            if let failure {
                foundRoom = fail(write, failure) && foundRoom
            } else {
                write.succeed()
            }
        }
        return foundRoom
    }

    private func fail(_ write: any PendingWrite, _ error: any Error) -> Bool {
        let failure = StateFailure.of(error, path)
        write.fail(failure ?? error)
        return failure?.kind != .full
    }

    /// - Returns: why this write failed alone.
    /// - Throws: when the transaction around it is lost as well.
    private func savepoint(_ db: Database, _ write: any PendingWrite) throws -> (any Error)? {
        try db.cachedStatement(sql: "SAVEPOINT one").execute()
        do {
            try write.attempt(db)
            try db.cachedStatement(sql: "RELEASE one").execute()
            return nil
        } catch {
            guard db.isInsideTransaction else { throw error }
            try db.cachedStatement(sql: "ROLLBACK TO one").execute()
            try db.cachedStatement(sql: "RELEASE one").execute()
            return error
        }
    }

    /// Cached statements instead of GRDB's `inTransaction`, which compiles its three anew each time.
    private func transaction(_ body: (Database) throws -> Void) throws {
        try pool.writeWithoutTransaction { db in
            do {
                try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
                try body(db)
                try db.cachedStatement(sql: "COMMIT").execute()
            } catch {
                if db.isInsideTransaction { try db.execute(sql: "ROLLBACK") }
                throw error
            }
        }
    }
}
