import Workers

/// Streams bodies into a bucket and out of it: `PUT /key` and `GET /key`.
struct FileStore: Worker {
    struct Env: WorkerEnvironment {
        let files: any R2Bucket
        init(_ bindings: Bindings) throws { files = try bindings.r2("FILES") }
    }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        let key = String(request.url.path.dropFirst())
        if request.method == .put {
            let stored = try await env.files.put(key, request.body)
            return .text(stored?.etag ?? "", status: .created)
        }
        guard let file = try await env.files.get(key) else { return Response(.notFound) }
        return Response(headers: [.contentType: "application/octet-stream"], body: file.body)
    }
}
