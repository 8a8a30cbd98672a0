extension Bindings.Value {
    /// A KV namespace.
    public static func kv(_ namespace: any KVNamespace) -> Bindings.Value {
        Bindings.Value(kind: "kv_namespace", resource: namespace)
    }
}

extension Bindings {
    /// The KV namespace under a name: `kv_namespaces` in `wrangler.toml`.
    public func kv(_ name: String) throws -> any KVNamespace {
        resource(name, kind: "kv_namespace", as: (any KVNamespace).self, orElse: MissingKV())
    }
}

/// Stands in for a namespace that the configuration lacks, until start-up has reported it.
private struct MissingKV: KVNamespace {
    private var missing: WorkersError { WorkersError(.typeError, "The configuration has no such KV namespace.") }

    func content(of key: String, cacheTTL: Int?) async throws -> KVContent? { throw missing }
    func contents(of keys: [String], type: String, cacheTTL: Int?) async throws -> [(key: String, content: KVContent?)]
    {
        throw missing
    }
    func put(_ key: String, value: KVValue, options: KVPutOptions) async throws { throw missing }
    func delete(_ key: String) async throws { throw missing }
    func page(prefix: String, limit: Int?, cursor: String?) async throws -> KVPage { throw missing }
}
