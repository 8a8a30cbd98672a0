import GRDB

/// A transaction that ends at one moment together with those of other databases. It shares its transaction with no other
/// write.
final class SharedMoment: PendingWrite {
    let bytes = 0
    private let source: String?
    private let rendezvous: Rendezvous
    private let body: @Sendable (Database) throws -> Void
    private let committed: @Sendable () -> Void
    private let continuation: CheckedContinuation<Void, any Error>

    init(
        _ change: StoreChange, _ rendezvous: Rendezvous, _ continuation: CheckedContinuation<Void, any Error>
    ) {
        source = change.source
        body = change.body
        committed = change.committed
        self.rendezvous = rendezvous
        self.continuation = continuation
    }

    func run(on pool: DatabasePool, _ path: String) {
        do {
            try pool.writeWithoutTransaction { db in
                do {
                    // A database cannot be attached and let go of inside of a transaction.
                    if let source { try db.execute(sql: "ATTACH DATABASE ? AS source", arguments: [source]) }
                    try db.execute(sql: "BEGIN IMMEDIATE")
                    try body(db)
                } catch {
                    try? end(db, "ROLLBACK")
                    _ = rendezvous.arrive(StateFailure.of(error, path) ?? error)
                    throw error
                }
                let goesOn = rendezvous.arrive()
                do {
                    try end(db, goesOn ? "COMMIT" : "ROLLBACK")
                } catch {
                    try? end(db, "ROLLBACK")
                    throw error
                }
                if !goesOn { throw rendezvous.failure ?? CancellationError() }
            }
            committed()
            continuation.resume()
        } catch {
            fail(StateFailure.of(error, path) ?? error)
        }
    }

    private func end(_ db: Database, _ statement: String) throws {
        if db.isInsideTransaction { try db.execute(sql: statement) }
        if source != nil { try? db.execute(sql: "DETACH DATABASE source") }
    }

    // It runs by itself, never in a transaction of others.
    func attempt(_ db: Database) throws {}
    func succeed() {}

    func fail(_ error: any Error) { continuation.resume(throwing: error) }

    /// The database was closed before.
    func turnBack(_ error: any Error) {
        _ = rendezvous.arrive(error)
        fail(error)
    }
}

/// What becomes of one database.
struct StoreChange: Sendable {
    let database: StateDatabase
    /// Another database file, which `body` sees as `source`.
    var source: String?
    var body: @Sendable (Database) throws -> Void = { _ in }
    /// Called after the commit and before anything else is written.
    var committed: @Sendable () -> Void = {}
    /// Called in the end, whatever it was.
    var finished: @Sendable () async -> Void = {}
}

extension StoreChange {
    /// Commits all of these changes at one moment, or none of them.
    ///
    /// - Parameter decide: called while nothing can be written to any of the databases, before the commits; what it throws
    ///   undoes all of them.
    /// - Throws: why nothing was changed; or, of a commit that failed by itself, that.
    static func perform(_ changes: [StoreChange], decide: @escaping @Sendable () throws -> Void = {}) async throws {
        let rendezvous = Rendezvous(of: changes.count, decide: decide)
        let failures = await withTaskGroup(of: (any Error)?.self) { group in
            for change in changes {
                group.addTask {
                    do {
                        try await change.database.perform(change, rendezvous)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: [any Error]()) { found, error in if let error { found.append(error) } }
        }
        for change in changes { await change.finished() }
        if let failure = rendezvous.failure ?? failures.first { throw failure }
    }
}
