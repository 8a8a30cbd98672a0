import Synchronization
import Workers

/// The rate limiters of the emulator. Windows that are open when the process ends are still open, and as full, when it is
/// started again.
///
/// Counting happens in memory. The disk follows behind: a call that is limited never waits for it, because a limiter that
/// slowed every request down would not be worth its exactness. A process that is killed forgets the calls of its last
/// moment, no more than were counted while one transaction was written; one that is closed forgets nothing.
package final class DurableRateLimits: Sendable {
    private struct State {
        var table: RateLimitTable
        /// Counters that have changed since the last write.
        var changes: [RateLimitTable.Counter: RateLimitTable.Tally] = [:]
        var isWriting = false
        /// Called when there is nothing left to write.
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// Seconds since 1970.
        var nextSweep = 0.0
    }

    let database: StateDatabase
    private let now: @Sendable () -> Double
    private let capacity: Int
    private let report: @Sendable (any Error) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - folder: the emulator's state; `ratelimits.sqlite` lies in it.
    ///   - now: seconds since 1970.
    ///   - capacity: counters at most.
    ///   - report: told when counters could not be written, for the log; limiting goes on without.
    /// - Throws: `StateFailure`.
    package init(
        _ folder: StateFolder, now: @escaping @Sendable () -> Double, capacity: Int = 100_000,
        report: @escaping @Sendable (any Error) -> Void
    ) async throws {
        database = try StateDatabase(
            folder, name: "ratelimits.sqlite", migrator: RateLimitSchema.migrator, readers: 1)
        self.now = now
        self.capacity = capacity
        self.report = report
        let present = now()
        let open: [RateLimitSchema.Change]
        do {
            open = try await database.read { db in try RateLimitSchema.open(now: present, limit: capacity, db) }
        } catch {
            database.close()
            throw error
        }
        var table = RateLimitTable(capacity: capacity)
        for (counter, tally) in open { table.restore(counter, tally, now: present) }
        state = Mutex(State(table: table))
    }

    /// A limiter, as one of `[[ratelimits]]` in the configuration describes it.
    package func limiter(_ rule: RateLimitRule) -> any RateLimiter { Limiter(limits: self, rule: rule) }

    /// Waits until the disk has caught up.
    package func flush() async {
        await withCheckedContinuation { continuation in
            let isWritten = state.withLock { state in
                if !state.isWriting { return true }
                state.waiters.append(continuation)
                return false
            }
            if isWritten { continuation.resume() }
        }
    }

    /// How many counters are stored.
    func content() async throws -> StateContent {
        try await database.read { db in try .read(db, "SELECT 0, count(*) FROM counters") }
    }

    /// Forgets every call that was counted.
    package func removeAll() async throws {
        state.withLock { state in
            state.table = RateLimitTable(capacity: capacity)
            state.changes = [:]
        }
        // Behind whatever is on its way into the file.
        await flush()
        try await database.write { db in try RateLimitSchema.removeAll(db) }
    }

    /// Writes what is left and closes the file.
    package func close() async {
        await flush()
        database.close()
    }

    private func limit(_ key: String, _ rule: RateLimitRule) -> RateLimitOutcome {
        let now = now()
        let (success, startsWriting) = state.withLock { state in
            let (success, changed) = state.table.limit(key, rule: rule, now: now)
            guard let (counter, tally) = changed else { return (success, false) }
            state.changes[counter] = tally
            defer { state.isWriting = true }
            return (success, !state.isWriting)
        }
        if startsWriting { Task { await write() } }
        return RateLimitOutcome(success: success)
    }

    /// Writes until nothing is left. What changes meanwhile goes into the next transaction, however much that is.
    private func write() async {
        while let (changes, sweepsAt) = nextWrite() {
            do {
                try await database.write { db in
                    try RateLimitSchema.write(changes, db)
                    if let sweepsAt { try RateLimitSchema.sweep(now: sweepsAt, db) }
                }
            } catch {
                report(error)
            }
        }
    }

    private func nextWrite() -> (changes: [RateLimitTable.Counter: RateLimitTable.Tally], sweepsAt: Double?)? {
        let now = now()
        let (next, waiters) = state.withLock { state in
            guard !state.changes.isEmpty else {
                state.isWriting = false
                defer { state.waiters = [] }
                return (nil as ([RateLimitTable.Counter: RateLimitTable.Tally], Double?)?, state.waiters)
            }
            // Windows are 10 seconds long at least, so there is nothing to sweep more often.
            let sweeps = now >= state.nextSweep
            if sweeps {
                state.nextSweep = now + 10
                state.table.sweep(now: now)
            }
            defer { state.changes = [:] }
            return ((state.changes, sweeps ? now : nil), [])
        }
        for waiter in waiters { waiter.resume() }
        return next
    }

    private struct Limiter: RateLimiter {
        let limits: DurableRateLimits
        let rule: RateLimitRule

        func limit(key: String) async throws -> RateLimitOutcome { limits.limit(key, rule) }
    }
}
