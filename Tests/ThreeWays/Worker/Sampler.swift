import Crypto
import HTTPTypes
import Workers

/// Answers in every way that a Worker can, so that the ways to run one can be compared. `Tests/ThreeWays/requests.json` says
/// what it is asked.
public struct Sampler: Worker {
    public struct Env: WorkerEnvironment {
        let files: any R2Bucket

        public init(_ bindings: Bindings) throws { files = try bindings.r2("FILES") }
    }

    public init() {}

    struct Broken: Error {}

    public func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        let query = request.query
        let path = request.url.path
        if path.hasPrefix("/files/") { return try await file(request, String(path.dropFirst(7)), env.files) }
        if path.hasPrefix("/url/") { return .text("\(request.method.rawValue) \(request.url.text)") }
        switch path {
        case "/text": return .text("Hello, World!")
        case "/bytes": return bytes(query)
        case "/stream": return try stream(query)
        case "/echo": return echo(request)
        case "/digest": return try await digest(request)
        case "/status": return try status(query)
        case "/redirect": return try redirect(query)
        case "/cookies": return try cookies(request, query)
        case "/fields": return fields(request)
        case "/page": return page(request)
        case "/cache": return try await cached(request, context)
        case "/small": return .text(try await request.text(limit: 10))
        case "/problem": throw Problem(.init(code: 418), code: "teapot", "No coffee.")
        case "/thrown": throw Broken()
        case "/broken": return broken()
        default: throw Problem(.notFound, code: "not_found", "There is nothing here.")
        }
    }

    // MARK: Content

    /// Bytes that differ from place to place, so that none can be lost or doubled unnoticed.
    public static func pattern(_ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    private func bytes(_ query: URLQuery) -> Response {
        let size = query["size"].flatMap { Int($0) } ?? 0
        return Response(
            headers: [.contentType: "application/octet-stream"], body: Body(bytes: Sampler.pattern(min(size, 1 << 25))))
    }

    private func stream(_ query: URLQuery) throws -> Response {
        let count = try query.required("chunks", as: Int.self)
        let size = try query.required("size", as: Int.self)
        let chunk = Sampler.pattern(size)
        let chunks = [[UInt8]](repeating: chunk, count: count)
        let length = query.contains("length") ? count * size : nil
        return Response(
            headers: [.contentType: "application/octet-stream"],
            body: Body(stream: BodyStream(chunks: chunks, length: length)))
    }

    private func echo(_ request: Request) -> Response {
        var response = Response(body: request.body)
        response.headers[.contentType] = request.headers[.contentType]
        return response
    }

    /// Reads the body piece by piece.
    private func digest(_ request: Request) async throws -> Response {
        var hash = SHA256()
        var size = 0
        for try await chunk in try request.body.stream() {
            hash.update(data: chunk)
            size += chunk.count
        }
        let text = hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return .json(.object([.init("size", .integer(size)), .init("sha256", .string(text))]))
    }

    private func broken() -> Response {
        let (writer, stream) = BodyStream.pipe()
        _ = writer.offer(Array("the beginning".utf8))
        writer.fail(Broken())
        return Response(headers: [.contentType: "text/plain"], body: Body(stream: stream))
    }

    // MARK: Heads

    private func status(_ query: URLQuery) throws -> Response {
        let code = try query("code", in: 200...599) ?? 200
        let body: Body = [204, 205, 304].contains(code) ? .empty : Body(text: "status \(code)")
        return Response(.init(code: code), headers: [.contentType: "text/plain"], body: body)
    }

    private func redirect(_ query: URLQuery) throws -> Response {
        Response(.init(code: try query("code", in: 300...399) ?? 302), headers: [.location: query["to"] ?? "/"])
    }

    private func cookies(_ request: Request, _ query: URLQuery) throws -> Response {
        var response = Response.json(
            .array(request.cookies.items.map { .array([.string($0.name), .string($0.value)]) }))
        if query.contains("set") {
            response.setCookie(try SetCookie("session", "abc", maxAge: 60))
            response.setCookie(try SetCookie("theme", "dark", path: "/a", isHTTPOnly: false, sameSite: .strict))
            response.setCookie(try .removal(of: "old"))
        }
        return response
    }

    /// The fields that begin with `X-Sample`, in order, and some in the answer.
    private func fields(_ request: Request) -> Response {
        let sent = request.headers.filter { $0.name.canonicalName.hasPrefix("x-sample") }
        var response = Response.json(
            .array(sent.map { .array([.string($0.name.canonicalName), .string($0.value)]) }))
        for value in ["one", "two", "three, four", String(repeating: "x", count: 6000)] {
            response.headers.append(HTTPField(name: .init("X-Sample-Answer")!, value: value))
        }
        response.headers[.init("X-Sample-Empty")!] = ""
        response.headers[.server] = "sampler"
        response.headers[.vary] = "X-Sample"
        return response
    }

    private func page(_ request: Request) -> Response {
        let headers: Headers = [.eTag: "\"v1\"", .cacheControl: "no-cache", .contentType: "text/html; charset=utf-8"]
        if request.headers[.ifNoneMatch] == "\"v1\"" { return Response(.notModified, headers: headers) }
        return Response(headers: headers, body: "<p>page</p>")
    }

    // MARK: Bindings

    private func file(_ request: Request, _ key: String, _ files: any R2Bucket) async throws -> Response {
        guard request.method == .put else { return try await files.serve(request, key: key) }
        let options = R2PutOptions(httpMetadata: R2HTTPMetadata(request.headers))
        let object = try await files.put(key, request.body, options: options)
        return Response(.created, headers: [.eTag: object?.httpETag ?? ""])
    }

    private func cached(_ request: Request, _ context: ExecutionContext) async throws -> Response {
        let cache = context.caches.default
        let key = "https://cache.test/page"
        if request.method == .put {
            try await cache.put(key, Response(headers: [.cacheControl: "max-age=60"], body: request.body))
            return Response(.noContent)
        }
        guard let found = try await cache.match(key) else { return .text("miss") }
        return .text("hit: \(try await found.text())")
    }
}
