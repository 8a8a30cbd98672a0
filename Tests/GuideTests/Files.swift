import HTTPTypes
import Testing
import Workers
import WorkersTesting

struct Files: Worker {
    struct Env: WorkerEnvironment {
        let files: any R2Bucket

        init(_ bindings: Bindings) throws {
            files = try bindings.r2("FILES")
        }
    }

    let router: Router<Env>

    init() throws {
        router = try Router { routes in
            routes.put("/files/*name", String.self) { call, name in
                let request = call.request
                let stored = try await call.env.files.put(
                    name, request.body,
                    options: R2PutOptions(
                        httpMetadata: R2HTTPMetadata(request.headers),
                        onlyIf: try R2Conditional(request.headers)))
                guard let stored else {
                    throw Problem(
                        .preconditionFailed, code: "changed_meanwhile",
                        "The file is not the one you know.")
                }
                return Response(.noContent, headers: [.eTag: stored.httpETag])
            }
            routes.get("/files/*name", String.self) { call, name in
                try await call.env.files.serve(call.request, key: name)
            }
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        try await router.handle(request, env: env, context: context)
    }
}

@Suite struct FilesTests {
    @Test func `a file comes back whole or in part`() async throws {
        let bucket = LocalR2Bucket.inMemory()
        let worker = try TestWorker(
            Files.self, bindings: ["FILES": .r2(bucket)])
        let stored = try await worker.fetch(
            "/files/poems/1.txt", method: .put,
            headers: [.contentType: "text/plain"], body: "Tyger Tyger")
        let etag = stored.headers[.eTag] ?? ""

        let whole = try await worker.fetch("/files/poems/1.txt")
        #expect(try await whole.text() == "Tyger Tyger")
        #expect(whole.headers[.contentType] == "text/plain")

        let part = try await worker.fetch(
            "/files/poems/1.txt", headers: [.range: "bytes=6-"])
        #expect(part.status == .partialContent)
        #expect(try await part.text() == "Tyger")

        let unchanged = try await worker.fetch(
            "/files/poems/1.txt", headers: [.ifNoneMatch: etag])
        #expect(unchanged.status == .notModified)
    }

    @Test func `a write with a condition that does not hold changes nothing`() async throws {
        let bucket = LocalR2Bucket.inMemory()
        let worker = try TestWorker(Files.self, bindings: ["FILES": .r2(bucket)])
        try await bucket.put("a", "one")
        let refused = try await worker.fetch(
            "/files/a", method: .put, headers: [.ifMatch: "\"another\""], body: "two")
        #expect(refused.status == .preconditionFailed)
        #expect(try await bucket.get("a")?.text() == "one")
    }

    @Test func `an upload in parts becomes one object`() async throws {
        let bucket = LocalR2Bucket.inMemory()
        let megabytes = [UInt8](repeating: 7, count: 5 << 20)
        let upload = try await bucket.createMultipartUpload("film.mp4")
        let first = try await upload.uploadPart(1, Body(bytes: megabytes))
        let last = try await upload.uploadPart(2, "the end")
        let film = try await upload.complete([first, last])
        #expect(film.size == megabytes.count + 7)
    }
}
