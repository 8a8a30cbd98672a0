import Workers

/// What the benchmarks do with a store of keys and values: `GET /key` and `PUT /key`.
protocol BenchStore: Sendable {
    func read(_ key: String) async throws -> [UInt8]?
    func write(_ key: String, _ value: [UInt8]) async throws
}

extension BenchStore {
    func answer(_ request: Request) async throws -> Response {
        let key = String(request.url.path.dropFirst())
        if request.method == .put {
            try await write(key, try await request.bytes())
            return Response(.noContent)
        }
        guard let value = try await read(key) else { return Response(.notFound) }
        return Response(headers: [.contentType: "application/octet-stream"], body: Body(bytes: value))
    }
}

/// Asks the KV binding.
struct KVStore: Worker {
    struct Env: WorkerEnvironment, BenchStore {
        let store: any KVNamespace
        init(_ bindings: Bindings) throws { store = try bindings.kv("STORE") }

        func read(_ key: String) async throws -> [UInt8]? { try await store.get(key, as: .bytes) }
        func write(_ key: String, _ value: [UInt8]) async throws { try await store.put(key, value) }
    }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        try await env.answer(request)
    }
}

/// Asks a Redis server.
struct RedisStore: Worker {
    struct Env: WorkerEnvironment, BenchStore {
        let redis: Redis
        init(_ bindings: Bindings) throws { redis = Redis(path: try bindings.text("SOCKET")) }

        func read(_ key: String) async throws -> [UInt8]? { try await redis.get(key) }
        func write(_ key: String, _ value: [UInt8]) async throws { try await redis.set(key, value) }
    }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        try await env.answer(request)
    }
}
