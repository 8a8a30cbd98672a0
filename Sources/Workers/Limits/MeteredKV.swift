/// Counts the calls of a KV namespace on the account of the request that makes them.
package struct MeteredKV: KVNamespace {
    private let namespace: any KVNamespace

    package init(_ namespace: any KVNamespace) { self.namespace = namespace }

    package func content(of key: String, cacheTTL: Int?) async throws -> KVContent? {
        try await RequestMeter.during(.kv) { try await namespace.content(of: key, cacheTTL: cacheTTL) }
    }

    /// A bulk read counts once.
    package func contents(
        of keys: [String], type: String, cacheTTL: Int?
    ) async throws -> [(key: String, content: KVContent?)] {
        try await RequestMeter.during(.kv) {
            try await namespace.contents(of: keys, type: type, cacheTTL: cacheTTL)
        }
    }

    package func put(_ key: String, value: KVValue, options: KVPutOptions) async throws {
        try await RequestMeter.during(.kv) { try await namespace.put(key, value: value, options: options) }
    }

    package func delete(_ key: String) async throws {
        try await RequestMeter.during(.kv) { try await namespace.delete(key) }
    }

    package func page(prefix: String, limit: Int?, cursor: String?) async throws -> KVPage {
        try await RequestMeter.during(.kv) {
            try await namespace.page(prefix: prefix, limit: limit, cursor: cursor)
        }
    }
}
