import GRDB

#if canImport(Glibc)
    import Glibc
#endif

/// The Cache API as a part of the whole state: rows, and larger bodies in numbered files.
struct CacheStateStore: StateStore {
    let caches: DurableCaches

    let name = "cache"
    let file = "cache.sqlite"
    let fileFolder: String? = "cache"
    var database: StateDatabase { caches.store.database }
    var migrator: DatabaseMigrator { CacheSchema.migrator }
    private var files: CacheFiles { caches.store.files }

    func content() async throws -> StateContent {
        try await database.read { db in
            try .read(db, "SELECT CAST(total(size) AS INTEGER), count(*) FROM responses")
        }
    }

    func linkFiles(of copy: Database, into folder: String) throws {
        try FileLink.makeFolder(folder + "/cache")
        for number in try CacheRow.files(copy) {
            do {
                try FileLink.make(from: files.file(number), to: "\(folder)/cache/\(number)")
            } catch  where access(files.file(number), F_OK) != 0 {
                // Replaced since the copy was made. A cache may forget.
                try copy.execute(sql: "DELETE FROM responses WHERE file = ?", arguments: [number])
            }
        }
    }

    func change(to folder: String?) async throws -> StoreChange {
        let (store, files) = (caches.store, files)
        var linked: [Int] = []
        var base = 0
        if let source = source(folder), let folder {
            let numbers = try await OfflineDatabase(source).read(CacheRow.files)
            base = files.reserve((numbers.max() ?? 0) + 1)
            linked = numbers.map { $0 + base }
            for number in numbers {
                do {
                    try FileLink.make(from: "\(folder)/cache/\(number)", to: files.file(number + base))
                } catch {
                    await files.remove(linked)
                    throw error
                }
            }
        }
        // The files that nothing names in the end: the new ones until the commit, the former ones after it.
        let useless = Kept(linked)
        let former = Kept<[Int]>([])
        let (offset, isEmpty) = (base, folder == nil)
        return StoreChange(database: database, source: source(folder)) { db in
            let before = try CacheRow.files(db)
            former.value = before
            let last = try Int.fetchOne(db, sql: "SELECT max(id) FROM main.responses") ?? 0
            try WholeTable.empty(["responses"], db)
            if !isEmpty { try CacheStateStore.copy(db, ids: last, files: offset) }
            try db.execute(sql: "UPDATE usage SET bytes = (SELECT CAST(total(cost) AS INTEGER) FROM main.responses)")
            let used = try CacheRow.lastUse(db)
            // A number that is too high does no harm, should the change be undone.
            store.lastUse.max(used, ordering: .relaxed)
        } committed: {
            useless.value = former.value
        } finished: {
            await files.remove(useless.value)
        }
    }

    /// Rows get other numbers, lest one be taken for the row that had its number before.
    private static func copy(_ db: Database, ids: Int, files: Int) throws {
        let columns = "cache, key, status, headers, initial_age, stored_at, expires, size, cost, body, used"
        try db.execute(
            sql: """
                INSERT INTO main.responses (id, file, \(columns))
                SELECT id + ?, file + ?, \(columns) FROM source.responses
                """, arguments: [ids, files])
    }
}
