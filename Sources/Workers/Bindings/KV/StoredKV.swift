/// How a namespace behaves beyond the rules that always hold.
public struct KVBehaviour: Sendable, Hashable {
    public enum Consistency: Sendable, Hashable {
        /// Every read sees the latest write. The default for development.
        case strong
        /// As in production: each location answers from what it has read before, for up to 60 seconds or the `cacheTTL` of its
        /// reads. See the Workers KV documentation, "How KV works", "Consistency".
        case eventual
    }

    public var consistency = Consistency.strong
    /// Refuses a second put to one key within a second with `429 Too Many Requests`, as production does.
    public var limitsWrites = false
    public var limits = KVLimits()

    public init() {}
}

/// Workers KV over any store: one implementation of the rules for memory, SQLite and what comes.
package struct StoredKV: KVNamespace {
    private let store: any KVStore
    private let limits: KVLimits
    private let now: @Sendable () -> Double
    private let locations: KVLocations?
    private let writes: KVWriteLimit?
    private let location: String?

    /// - Parameter now: seconds since 1970.
    package init(_ store: any KVStore, behaviour: KVBehaviour = KVBehaviour(), now: @escaping @Sendable () -> Double) {
        self.store = store
        limits = behaviour.limits
        self.now = now
        locations = behaviour.consistency == .eventual ? KVLocations() : nil
        writes = behaviour.limitsWrites ? KVWriteLimit() : nil
        location = nil
    }

    private init(_ other: StoredKV, location: String) {
        store = other.store
        limits = other.limits
        now = other.now
        locations = other.locations
        writes = other.writes
        self.location = location
    }

    /// The same namespace, asked from another place. Differs only where the consistency is eventual.
    package func at(_ location: String) -> StoredKV { StoredKV(self, location: location) }

    // MARK: Reading

    package func content(of key: String, cacheTTL: Int?) async throws -> KVContent? {
        let key = try KVKey(key, for: .get, limits: limits)
        try limits.check(cacheTTL: cacheTTL, .get)
        if locations == nil {
            // The shortest way: no suspension, and a clock only for entries that expire.
            switch store.held(key) {
            case .entry(let record): return content(of: record)
            case .nothing: return nil
            case .unknown: break
            }
        }
        return try await records(of: [key], cacheTTL: cacheTTL, .get)[0].flatMap(content)
    }

    package func contents(
        of keys: [String], type: String, cacheTTL: Int?
    ) async throws -> [(key: String, content: KVContent?)] {
        try limits.check(bulkType: type)
        try limits.check(bulkCount: keys.count)
        var seen: Set<KVKey> = []
        var distinct: [KVKey] = []
        for text in keys {
            let key = try KVKey(text, for: .getBulk, limits: limits)
            if seen.insert(key).inserted { distinct.append(key) }
        }
        try limits.check(cacheTTL: cacheTTL, .getBulk)
        let contents = try await records(of: distinct, cacheTTL: cacheTTL, .getBulk).map { $0.flatMap(content) }
        try limits.check(bulkLength: contents.reduce(0) { $0 + ($1?.value.count ?? 0) })
        return zip(distinct, contents).map { (key: $0.text, content: $1) }
    }

    private func content(of record: KVRecord) -> KVContent? {
        guard record.isLive(at: second) else { return nil }
        return KVContent(value: record.value, metadataText: record.metadata)
    }

    /// The entries as this location sees them.
    private func records(of keys: [KVKey], cacheTTL: Int?, _ operation: KVOperation) async throws -> [KVRecord?] {
        guard let locations else { return try await named(operation) { try await store.read(keys) } }
        let place = location ?? KVLocation.current
        let now = now()
        let ttl = cacheTTL ?? KVLocations.standardTTL
        let looks = locations.look(keys, at: place, now: now, ttl: ttl)
        let missing = looks.indices.filter { if case .ask = looks[$0] { true } else { false } }
        if missing.isEmpty { return looks.map(\.record) }
        let found = try await named(operation) { try await store.read(missing.map { keys[$0] }) }
        var records = looks.map(\.record)
        for (index, record) in zip(missing, found) {
            records[index] = record
            locations.keep(record, looks[index], of: keys[index], at: place, now: now, ttl: ttl)
        }
        return records
    }

    // MARK: Writing

    package func put(_ key: String, value: KVValue, options: KVPutOptions) async throws {
        let key = try KVKey(key, for: .put, limits: limits)
        let expiration = try limits.expiration(options, now: second)
        let bytes = try await bytes(of: value)
        let record = KVRecord(value: bytes, metadata: try limits.metadataText(options.metadata), expiration: expiration)
        if let writes, !writes.admit(key, now: now()) { throw WorkersError.kvTooManyWrites }
        try await named(.put) { try await store.write(key, record) }
        locations?.wrote(key, record, at: location ?? KVLocation.current, now: now())
    }

    package func delete(_ key: String) async throws {
        let key = try KVKey(key, for: .delete, limits: limits)
        try await named(.delete) { try await store.remove(key) }
        locations?.wrote(key, nil, at: location ?? KVLocation.current, now: now())
    }

    private func bytes(of value: KVValue) async throws -> [UInt8] {
        switch value {
        case .text(let text):
            try limits.check(valueLength: text.utf8.count)
            return Array(text.utf8)
        case .bytes(let bytes):
            try limits.check(valueLength: bytes.count)
            return bytes
        case .stream(let stream):
            var bytes: [UInt8] = []
            var length = 0
            for try await chunk in stream {
                length += chunk.count
                // Past the limit the rest is only counted.
                if length > limits.value { bytes = [] } else { bytes += chunk }
            }
            try limits.check(valueLength: length)
            return bytes
        }
    }

    // MARK: Listing

    package func page(prefix: String, limit: Int?, cursor: String?) async throws -> KVPage {
        let size = try limits.pageSize(limit)
        try limits.check(prefix: prefix)
        let range = KVRange(prefix: prefix, after: try KVCursor.parse(cursor))
        // One more than the page holds tells whether there is another.
        let found = try await named(.list) { try await store.scan(range, limit: size + 1, now: second) }
        let keys = found.prefix(size).map { scanned in
            KVListedKey(
                name: scanned.key.text, expiration: scanned.expiration,
                metadata: scanned.metadata.flatMap { try? JSON(parsing: $0) })
        }
        guard found.count > size else { return KVPage(keys: keys, isComplete: true) }
        return KVPage(keys: keys, isComplete: false, cursor: KVCursor.text(after: found[size - 1].key))
    }

    // MARK: Helpers

    /// Whole seconds since 1970, as expirations count.
    private var second: Int { Int(now().rounded(.down)) }

    /// Gives a failure of the store (a full disk, a lost connection) the form of all KV errors.
    private func named<Value>(_ operation: KVOperation, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error where !(error is WorkersError) && !(error is CancellationError) {
            throw WorkersError.kv(operation, 500, "\(error)")
        }
    }
}
