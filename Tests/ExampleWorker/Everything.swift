import Workers

/// Uses every kind of binding, all of them through one request: `POST /everything`.
struct Everything: Worker {
    struct Env: WorkerEnvironment {
        let visits: any KVNamespace
        let files: any R2Bucket
        let jobs: any Queue
        let limiter: any RateLimiter
        let greeter: any Fetcher
        let assets: any AssetFetcher
        let database: Hyperdrive
        let release: VersionMetadata
        let name: String
        let secret: String
        let features: JSON
        /// Another server's URL, for the outgoing request.
        let upstream: String?

        init(_ bindings: Bindings) throws {
            visits = try bindings.kv("VISITS")
            files = try bindings.r2("FILES")
            jobs = try bindings.queue("JOBS")
            limiter = try bindings.rateLimit("LIMITER")
            greeter = try bindings.service("GREETER")
            assets = try bindings.assets("ASSETS")
            database = try bindings.hyperdrive("DATABASE")
            release = try bindings.versionMetadata("RELEASE")
            name = try bindings.text("NAME")
            secret = try bindings.text("SECRET")
            features = try bindings.json("FEATURES")
            upstream = bindings.optionalText("UPSTREAM")
        }
    }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        switch (request.method, request.url.path) {
        case (.post, "/everything"): return try await everything(request, env, context)
        case (.get, "/visits"): return .text(try await env.visits.get("count") ?? "0")
        case (.get, "/handled"): return .json(.array(try await handled(env).map { .string($0) }))
        default: throw Problem(.notFound, code: "not_found", "There is nothing here.")
        }
    }

    private func everything(_ request: Request, _ env: Env, _ context: ExecutionContext) async throws -> Response {
        guard try await env.limiter.limit(key: request.headers[.authorization] ?? "").success else {
            throw Problem(.tooManyRequests, code: "slow_down", "There were too many requests.")
        }
        let count = (Int(try await env.visits.get("count") ?? "") ?? 0) + 1
        try await env.visits.put("count", String(count), metadata: .object([.init("by", .string(env.name))]))

        let stored = try await env.files.put("visit/\(count)", request.body)
        let file = try await env.files.get("visit/\(count)")
        let content = try await file?.body.text() ?? ""

        try await env.jobs.send(.text("visit \(count)"))

        let address = "https://cache.test/visit/\(count)"
        try await context.caches.default.put(
            address, Response(headers: [.cacheControl: "max-age=60"], body: Body(text: content)))
        let cached = try await context.caches.default.match(address)

        let greeting = try await env.greeter.fetch(
            Request(.get, RequestURL(authority: "greeter", path: "/\(env.name)")))
        let page = try await env.assets.fetch(Request(.get, RequestURL(authority: "assets", path: "/")))
        context.waitUntil { try await env.visits.put("last", String(count)) }

        return .json(
            .object([
                .init("count", .integer(count)),
                .init("etag", .string(stored?.etag ?? "")),
                .init("cached", .string(try await cached?.text() ?? "")),
                .init("greeting", .string(try await greeting.text())),
                .init("page", .string(try await page.text())),
                .init("database", .string("\(env.database.host)/\(env.database.database)")),
                .init("release", .string(env.release.current.tag)),
                .init("secretLength", .integer(env.secret.utf8.count)),
                .init("features", env.features),
                .init("upstream", .string(try await upstream(env, context))),
            ]))
    }

    private func upstream(_ env: Env, _ context: ExecutionContext) async throws -> String {
        guard let text = env.upstream, let host = text.split(separator: "/").last else { return "" }
        let url = RequestURL(scheme: "http", authority: String(host), path: "/hello")
        return try await context.fetch(Request(.get, url)).text()
    }

    /// What the consumer and the cron trigger have left.
    private func handled(_ env: Env) async throws -> [String] {
        var names: [String] = []
        for try await key in env.visits.keys(prefix: "handled:") { names.append(String(key.name.dropFirst(8))) }
        return names
    }

    func queue(_ batch: MessageBatch, env: Env, context: ExecutionContext) async throws {
        for message in batch.messages { try await env.visits.put("handled:\(message.body.text ?? "")", message.id) }
    }

    func scheduled(_ event: ScheduledEvent, env: Env, context: ExecutionContext) async throws {
        try await env.visits.put("handled:cron \(event.cron)", String(Int(event.scheduledTime)))
    }
}

/// Stands behind a service binding.
struct Greeter: Worker {
    struct Env: WorkerEnvironment {
        let greeting: String
        init(_ bindings: Bindings) throws { greeting = try bindings.text("GREETING") }
    }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        .text("\(env.greeting), \(request.url.path.dropFirst())!")
    }
}
