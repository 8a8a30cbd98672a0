import Synchronization
import Workers

/// A KV namespace in memory, with all of KV's rules.
///
/// ```swift
/// let clock = TestClock()
/// let sessions = MemoryKV(now: clock.read)
/// let worker = try TestWorker(App.self, bindings: ["SESSIONS": .kv(sessions)], clock: clock)
/// ```
public struct MemoryKV: KVNamespace {
    private let namespace: StoredKV

    /// - Parameter now: seconds since 1970; decides when entries expire.
    public init(behaviour: KVBehaviour = KVBehaviour(), now: @escaping @Sendable () -> Double) {
        namespace = StoredKV(MemoryKVStore(), behaviour: behaviour, now: now)
    }

    private init(_ namespace: StoredKV) { self.namespace = namespace }

    /// The same namespace as another location sees it, for tests of eventual consistency.
    public func at(_ location: String) -> MemoryKV { MemoryKV(namespace.at(location)) }

    public func content(of key: String, cacheTTL: Int?) async throws -> KVContent? {
        try await namespace.content(of: key, cacheTTL: cacheTTL)
    }

    public func contents(
        of keys: [String], type: String, cacheTTL: Int?
    ) async throws -> [(key: String, content: KVContent?)] {
        try await namespace.contents(of: keys, type: type, cacheTTL: cacheTTL)
    }

    public func put(_ key: String, value: KVValue, options: KVPutOptions) async throws {
        try await namespace.put(key, value: value, options: options)
    }

    public func delete(_ key: String) async throws { try await namespace.delete(key) }

    public func page(prefix: String, limit: Int?, cursor: String?) async throws -> KVPage {
        try await namespace.page(prefix: prefix, limit: limit, cursor: cursor)
    }
}
