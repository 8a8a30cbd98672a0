import GRDB
import Synchronization
import Workers

/// All KV namespaces of the emulator in one SQLite file, behind a cache that answers hot reads without a thread's help.
public final class KVDatabase: Sendable {
    let database: StateDatabase
    private let cache: Mutex<KVReadCache>
    private let namespaces = Mutex<[String: Int]>([:])

    /// - Parameter cacheBytes: memory for entries that were read or written lately, all namespaces together.
    public init(_ folder: StateFolder, cacheBytes: Int = 32 << 20) throws(StateFailure) {
        database = try StateDatabase(folder, name: "kv.sqlite", migrator: KVStatements.migrator)
        cache = Mutex(KVReadCache(capacity: cacheBytes))
    }

    /// The namespace with an id, for a binding. Two with the same id share their entries.
    ///
    /// - Parameter now: seconds since 1970; decides when entries expire.
    public func namespace(
        _ id: String, behaviour: KVBehaviour = KVBehaviour(), now: @escaping @Sendable () -> Double
    ) -> any KVNamespace {
        StoredKV(store(id), behaviour: behaviour, now: now)
    }

    /// The entries of a namespace without KV's rules.
    package func store(_ id: String) -> any KVStore { SQLiteKVStore(self, id: id, number: number(of: id)) }

    /// Removes what has expired from the file and gives the space back to the file system. Reads never see expired entries, so
    /// it matters only how often, not when.
    ///
    /// - Parameter now: whole seconds since 1970.
    /// - Returns: how many entries went.
    @discardableResult
    public func sweep(now: Int) async throws -> Int {
        // In portions, so that writes need not wait for a large one.
        let portion = 500
        var count = 0
        while true {
            let removed = try await database.write { db in
                try KVStatements.sweep(db, now: now, limit: portion)
            } committed: { removed in
                for entry in removed { self.committed(self.cacheKey(entry.namespace, entry.key), nil) }
            }
            count += removed.count
            if removed.count < portion { break }
        }
        while try await database.write({ db in try Self.shrink(db) }) {}
        return count
    }

    /// See `StateDatabase.close()`.
    public func close() { database.close() }

    /// - Returns: whether there is more to give back.
    private static func shrink(_ db: Database) throws -> Bool {
        let portion = 1000
        let before = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        if before == 0 { return false }
        try db.execute(sql: "PRAGMA incremental_vacuum(\(portion))")
        return before > portion
    }

    // MARK: The cache

    private func number(of id: String) -> Int {
        namespaces.withLock { namespaces in
            if let number = namespaces[id] { return number }
            namespaces[id] = namespaces.count
            return namespaces.count - 1
        }
    }

    func cacheKey(_ id: String, _ key: KVKey) -> KVReadCache.Key {
        KVReadCache.Key(namespace: number(of: id), key: key)
    }

    fileprivate func look(_ key: KVReadCache.Key) -> KVHeld { cache.withLock { $0.look(key) } }

    /// Everything may have changed.
    func forget() { cache.withLock { $0.removeAll() } }

    func committed(_ key: KVReadCache.Key, _ record: KVRecord?) {
        cache.withLock { $0.commit(key, record) }
    }

    fileprivate func begin(_ keys: [KVReadCache.Key]) -> [Int] {
        cache.withLock { cache in keys.map { cache.begin($0) } }
    }

    fileprivate func end(_ keys: [KVReadCache.Key], _ tickets: [Int], _ records: [KVRecord?]) {
        cache.withLock { cache in
            for index in keys.indices { cache.end(keys[index], ticket: tickets[index], records[index]) }
        }
    }

    fileprivate func abandon(_ keys: [KVReadCache.Key], _ tickets: [Int]) {
        cache.withLock { cache in
            for index in keys.indices { cache.abandon(keys[index], ticket: tickets[index]) }
        }
    }
}

/// One namespace of the file.
private struct SQLiteKVStore: KVStore {
    private let database: KVDatabase
    private let id: String
    private let number: Int

    init(_ database: KVDatabase, id: String, number: Int) {
        self.database = database
        self.id = id
        self.number = number
    }

    private func cacheKey(_ key: KVKey) -> KVReadCache.Key { KVReadCache.Key(namespace: number, key: key) }

    func held(_ key: KVKey) -> KVHeld { database.look(cacheKey(key)) }

    func read(_ keys: [KVKey]) async throws -> [KVRecord?] {
        var records: [KVRecord?] = []
        var missing: [Int] = []
        for (index, key) in keys.enumerated() {
            switch held(key) {
            case .entry(let record): records.append(record)
            case .nothing: records.append(nil)
            case .unknown:
                records.append(nil)
                missing.append(index)
            }
        }
        if missing.isEmpty { return records }
        let wanted = missing.map { keys[$0] }
        for (index, record) in zip(missing, try await readFromFile(wanted)) { records[index] = record }
        return records
    }

    private func readFromFile(_ keys: [KVKey]) async throws -> [KVRecord?] {
        let id = id
        let cacheKeys = keys.map(cacheKey)
        let tickets = database.begin(cacheKeys)
        do {
            let records = try await database.database.read { db in
                try keys.map { try KVStatements.read(db, id, $0) }
            }
            database.end(cacheKeys, tickets, records)
            return records
        } catch {
            database.abandon(cacheKeys, tickets)
            throw error
        }
    }

    func write(_ key: KVKey, _ record: KVRecord) async throws {
        let (id, cacheKey, database) = (id, cacheKey(key), database)
        try await database.database.write(bytes: record.value.count) { db in
            try KVStatements.write(db, id, key, record)
        } committed: {
            database.committed(cacheKey, record)
        }
    }

    func remove(_ key: KVKey) async throws {
        let (id, cacheKey, database) = (id, cacheKey(key), database)
        try await database.database.write { db in
            try KVStatements.remove(db, id, key)
        } committed: {
            database.committed(cacheKey, nil)
        }
    }

    func scan(_ range: KVRange, limit: Int, now: Int) async throws -> [KVScanned] {
        let id = id
        return try await database.database.read { db in
            try KVStatements.scan(db, id, range, limit: limit, now: now)
        }
    }
}
