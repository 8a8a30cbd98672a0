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
            let path = files.file(number)
            do {
                try FileLink.make(from: path, to: "\(folder)/cache/\(number)")
            } catch {
                // Replaced since the copy was made. A cache may forget.
                guard access(path, F_OK) != 0 else { throw error }
                try copy.execute(sql: "DELETE FROM responses WHERE file = ?", arguments: [number])
            }
        }
    }

    func change(to folder: String?) async throws -> StoreChange {
        let (store, files) = (caches.store, files)
        let (offset, linked) = try await adopt(folder)
        let isEmpty = folder == nil
        // The files that nothing names in the end: the new ones until the commit, the former ones after it.
        let useless = Kept(linked)
        let former = Kept<[Int]>([])
        return StoreChange(database: database, source: source(folder)) { db in
            let before = try CacheRow.files(db)
            former.value = before
            let last = try Int.fetchOne(db, sql: "SELECT max(id) FROM main.responses") ?? 0
            try WholeTable.empty(["responses"], db)
            if !isEmpty { try CacheStateStore.copy(db, ids: last, files: offset) }
            try db.execute(sql: "UPDATE usage SET bytes = (SELECT CAST(total(cost) AS INTEGER) FROM main.responses)")
            let used = try CacheRow.lastUse(db)
            store.noteUse(used)
        } committed: {
            useless.value = former.value
        } finished: {
            await files.remove(useless.value)
        }
    }

    /// Links the files of a snapshot in under numbers that no file has.
    ///
    /// - Returns: what is added to their numbers, and those that they have then.
    private func adopt(_ folder: String?) async throws -> (offset: Int, files: [Int]) {
        guard let folder, let source = source(folder) else { return (0, []) }
        let numbers = try await OfflineDatabase(source).read(CacheRow.files)
        let base = files.reserve((numbers.max() ?? 0) + 1)
        do {
            for number in numbers {
                try FileLink.make(from: "\(folder)/cache/\(number)", to: files.file(number + base))
            }
        } catch {
            await files.remove(numbers.map { $0 + base })
            throw error
        }
        return (base, numbers.map { $0 + base })
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
