import Foundation
import GRDB
import Workers

/// The R2 buckets of the emulator: `r2.sqlite` and the files under `blobs/` in the state folder.
///
/// ```swift
/// let r2 = try R2State(folder, clock: WallClock())
/// let uploads = r2.bucket("uploads")
/// ```
/// A write that has returned survives the death of the process. What an interrupted one has left behind is removed when
/// the folder is opened again, and by `sweep`.
public final class R2State: Sendable {
    /// How often the lifecycle rules are applied, in seconds.
    private static let interval = 3600.0

    let database: StateDatabase
    let threads: FileThreads
    let blobs: BlobStore
    let clock: any EmulatorClock
    let limits: R2Limits

    /// - Throws: `StateFailure` for a folder that cannot be written, a damaged file, or a newer schema.
    public convenience init(
        _ folder: StateFolder, limits: R2Limits = R2Limits(), clock: any EmulatorClock
    ) throws(StateFailure) {
        try self.init(folder, limits: limits, clock: clock, files: BlobFiles(path: folder.path + "/blobs"))
    }

    init(
        _ folder: StateFolder, limits: R2Limits, clock: any EmulatorClock, files: BlobFiles
    ) throws(StateFailure) {
        let database = try StateDatabase(folder, name: "r2.sqlite", migrator: R2Schema.migrator, companion: "blobs")
        self.database = database
        self.limits = limits
        self.clock = clock
        threads = FileThreads(name: "blobs")
        blobs = BlobStore(files, threads: threads) { names in
            try await database.read { try SQLiteR2Records.needed(names, in: $0) }
        }
    }

    /// The bucket with this name, as a binding has it. The first write creates it if it does not exist.
    public func bucket(_ name: String) -> LocalR2Bucket { buckets.bound(name) }

    /// All buckets, for whoever makes, lists and removes them.
    package var buckets: LocalR2Buckets {
        let account = SQLiteR2Account(database: database, blobs: blobs)
        let clock = clock
        return LocalR2Buckets(store: account, limits: limits, now: { clock.now }) {
            var generator = SystemRandomNumberGenerator()
            return LocalR2Bucket.token(using: &generator)
        }
    }

    /// The names of the buckets, sorted.
    public func bucketNames() async throws -> [String] {
        try await database.read { db in try String.fetchAll(db, sql: "SELECT name FROM bucket ORDER BY name") }
    }

    /// How many objects a bucket has, and their bytes.
    func statistics(of bucket: String) async throws -> (objects: Int, bytes: Int) {
        try await database.read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT count(*), coalesce(sum(size), 0) FROM object WHERE bucket = ?", arguments: [bucket])
            return (row?[0] ?? 0, row?[1] ?? 0)
        }
    }

    /// Removes the files that no object needs. It may run beside anything else, and never removes what an acknowledged
    /// write needs.
    ///
    /// - Returns: how many files were removed.
    @discardableResult
    public func sweep() async throws -> Int { try await blobs.sweep() }

    /// Sweeps once, then does what is due by the lifecycle rules of all buckets every hour, until it is cancelled.
    public func maintain() async throws {
        try await sweep()
        while true {
            for name in try await bucketNames() { try await bucket(name).applyLifecycle() }
            try await clock.sleep(until: clock.now + R2State.interval)
        }
    }

    /// Finishes what is under way and closes the files. Calls after that fail. Blocks for as long as that takes.
    public func close() {
        database.close()
        threads.close()
    }

    /// Whether nothing holds a file and none waits to be removed.
    var isQuiet: Bool { blobs.isQuiet }
}
