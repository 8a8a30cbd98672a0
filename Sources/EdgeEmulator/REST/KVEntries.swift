import Synchronization
import Workers

/// The entries of one namespace as the REST interface reads and writes them: by the rules of KV, always at the central store.
struct KVEntries: Sendable {
    let id: String
    let store: any KVStore
    let limits: KVLimits
    let now: @Sendable () -> Double
    let writes: KVWriteLimits?

    /// The namespace behind the rules of listings.
    var namespace: StoredKV { StoredKV(store, now: now) }

    var second: Int { Int(now().rounded(.down)) }

    /// - Returns: `nil` for a key that is not there, and for one that has expired.
    func read(_ key: String) async throws -> KVRecord? {
        try await read([try checked(key, .get)])[0]
    }

    func read(_ keys: [KVKey]) async throws -> [KVRecord?] {
        let second = second
        return try await store.read(keys).map { record in record.flatMap { $0.isLive(at: second) ? $0 : nil } }
    }

    func checked(_ key: String, _ operation: KVOperation) throws -> KVKey {
        try refusing { try KVKey(key, for: operation, limits: limits) }
    }

    /// A write that keeps all rules.
    func record(_ value: [UInt8], _ options: KVPutOptions) throws -> KVRecord {
        try refusing {
            let expiration = try limits.expiration(options, now: second)
            try limits.check(valueLength: value.count)
            return KVRecord(
                value: value, metadata: try limits.metadataText(options.metadata), expiration: expiration)
        }
    }

    func write(_ key: KVKey, _ record: KVRecord) async throws {
        if let writes, !writes.admit(key, of: id, now: now()) {
            throw RESTError(kv: .kvTooManyWrites)
        }
        try await store.write(key, record)
    }

    /// Gives what the rules refuse the form of this interface.
    func refusing<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as WorkersError {
            throw RESTError(kv: error)
        }
    }
}

/// One put a second for each key of each namespace, over this interface.
final class KVWriteLimits: Sendable {
    private let namespaces = Mutex<[String: KVWriteLimit]>([:])

    func admit(_ key: KVKey, of namespace: String, now: Double) -> Bool {
        let limit = namespaces.withLock { namespaces in
            let limit = namespaces[namespace] ?? KVWriteLimit()
            namespaces[namespace] = limit
            return limit
        }
        return limit.admit(key, now: now)
    }
}
