import FoundationEssentials
import HTTPTypes
import Workers

/// Bindings as a web service: a request is one call of one binding, so that whoever asks from outside knows exactly which
/// writes were acknowledged. What a binding refuses is answered with 400 and the error's name, text and code.
///
/// | | |
/// |---|---|
/// | `PUT GET DELETE /kv/KEY` | a value; `?expiration`, `?expirationTtl`, `?cacheTtl`, `?metadata=JSON` |
/// | `GET /kv`, `POST /kv` | a page by `?prefix`, `?limit`, `?cursor`; a bulk read of a JSON list of keys |
/// | `/r2/KEY`, `/r2` | see `Ledger+Objects.swift` |
/// | `POST /queue` | one message `{"body", "contentType"?, "delaySeconds"?}`, or a list of them |
/// | `GET /delivered`, `POST /delivered` | the texts of the messages that the consumer has seen, by id; as `/kv` |
/// | `PUT GET DELETE /cache/URL` | a response in the default cache, with the request's `Cache-Control`; `?method` |
///
/// Keys and URLs are the percent-encoded rest of the path.
struct Ledger: Worker {
    struct Env: WorkerEnvironment {
        let entries: any KVNamespace
        /// What the consumer has seen.
        let delivered: any KVNamespace
        let objects: any R2Bucket
        let messages: any Queue

        init(_ bindings: Bindings) throws {
            entries = try bindings.kv("ENTRIES")
            delivered = try bindings.kv("DELIVERED")
            objects = try bindings.r2("OBJECTS")
            messages = try bindings.queue("MESSAGES")
        }
    }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        let call = Call(request)
        do {
            switch (call.area, call.rest) {
            case ("kv", nil): return try await entries(call, env.entries)
            case ("kv", let key?): return try await entry(call, key, env.entries)
            case ("r2", nil): return try await objects(call, env.objects)
            case ("r2", let key?): return try await object(call, key, env.objects)
            case ("queue", nil): return try await send(call, env.messages)
            case ("delivered", nil): return try await entries(call, env.delivered)
            case ("cache", let url?): return try await cached(call, url, context.caches.default)
            default: throw Call.unknown
            }
        } catch let error as WorkersError {
            var members: [JSON.Member] = [
                .init("name", .string(error.name.rawValue)), .init("message", .string(error.message)),
            ]
            if let code = error.code { members.append(.init("code", .integer(code))) }
            return .json(.object(members), status: .badRequest)
        }
    }

    /// Writes down what it gets. A message with `"failures": 2` fails twice before that.
    func queue(_ batch: MessageBatch, env: Env, context: ExecutionContext) async throws {
        for message in batch.messages {
            guard case .json(let content) = message.body, let id = content["id"]?.string else { continue }
            if message.attempts <= content["failures"]?.integer ?? 0 {
                message.retry()
                continue
            }
            try await env.delivered.put(
                id, content["text"]?.string ?? "", metadata: .object([.init("attempts", .integer(message.attempts))]))
            message.ack()
        }
    }

    // MARK: KV

    private func entry(_ call: Call, _ key: String, _ entries: any KVNamespace) async throws -> Response {
        switch call.method {
        case .put:
            let options = KVPutOptions(
                expiration: call.integer("expiration"), expirationTTL: call.integer("expirationTtl"),
                metadata: try call["metadata"].map { try JSON(parsing: $0) })
            let value: KVValue =
                if let bytes = call.body.buffered { .bytes(bytes) } else { .stream(try call.body.stream()) }
            try await entries.put(key, value: value, options: options)
            return Response(.noContent)
        case .get:
            let found = try await entries.getWithMetadata(key, as: .bytes, cacheTTL: call.integer("cacheTtl"))
            guard let value = found.value else { return Response(.notFound) }
            return Response(headers: [Call.metadata: (found.metadata ?? .null).text], body: Body(bytes: value))
        case .delete:
            try await entries.delete(key)
            return Response(.noContent)
        default: throw Call.unknown
        }
    }

    private func entries(_ call: Call, _ entries: any KVNamespace) async throws -> Response {
        if call.method == .post {
            let keys = try await call.body.json().array?.compactMap(\.string) ?? []
            let found = try await entries.getWithMetadata(keys)
            return .json(
                .object(
                    found.map { key, entry in
                        .init(key, entry.map { .array([.string($0.value), $0.metadata ?? .null]) } ?? .null)
                    }))
        }
        let page = try await entries.list(
            prefix: call["prefix"] ?? "", limit: call.integer("limit"), cursor: call["cursor"])
        return .json(
            .object([
                .init("keys", .array(page.keys.map { .string($0.name) })),
                .init("cursor", page.cursor.map { .string($0) } ?? .null),
            ]))
    }

    // MARK: Queues

    private func send(_ call: Call, _ queue: any Queue) async throws -> Response {
        let content = try await call.body.json()
        if let list = content.array {
            try await queue.sendBatch(try list.map(message), delaySeconds: call.integer("delaySeconds"))
        } else {
            try await queue.send(try message(content))
        }
        return Response(.accepted)
    }

    private func message(_ content: JSON) throws -> QueueMessage {
        QueueMessage(
            .json(content["body"] ?? .null), contentType: content["contentType"]?.string.map { QueueContentType($0) },
            delaySeconds: content["delaySeconds"]?.integer)
    }

    // MARK: Cache

    private func cached(_ call: Call, _ url: String, _ cache: any Cache) async throws -> Response {
        switch call.method {
        case .put where call["method"] == "POST":
            let request = Request(.post, RequestURL(authority: "cache.test", path: "/"))
            try await cache.put(request, Response(body: call.body))
            return Response(.noContent)
        case .put:
            var headers: Headers = [.cacheControl: call.headers[.cacheControl] ?? "max-age=3600"]
            headers[.vary] = call["vary"]
            let status = HTTPResponse.Status(code: call.integer("status") ?? 200)
            try await cache.put(url, Response(status, headers: headers, body: call.body))
            return Response(.noContent)
        case .get: return try await cache.match(url) ?? Response(.notFound)
        case .delete: return .json(.bool(try await cache.delete(url)))
        default: throw Call.unknown
        }
    }
}

/// A request in the terms of this Worker.
struct Call {
    static let metadata = HTTPField.Name("X-Metadata")!
    static let unknown = Problem(.notFound, code: "not_found", "There is nothing here.")

    let method: HTTPRequest.Method
    /// The first part of the path.
    let area: String
    /// The rest of the path; `nil` when there is no second slash.
    let rest: String?
    let headers: Headers
    let body: Body
    private let parameters: [String: String]

    init(_ request: Request) {
        method = request.method
        headers = request.headers
        body = request.body
        let parts = request.url.path.dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        area = String(parts[0])
        rest = parts.count > 1 ? Call.decoded(parts[1]) : nil
        let pairs = (request.url.query ?? "").split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Call.decoded(sides[0]), sides.count > 1 ? Call.decoded(sides[1]) : "")
        }
        parameters = Dictionary(pairs) { _, last in last }
    }

    subscript(name: String) -> String? { parameters[name] }

    func integer(_ name: String) -> Int? { parameters[name].flatMap { Int($0) } }

    private static func decoded(_ text: Substring) -> String { String(text).removingPercentEncoding ?? String(text) }
}
