import HTTPTypes
import Testing
import Workers
import WorkersTesting

struct Streams: Worker {
    struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }

    let router: Router<Env>

    init() throws {
        router = try Router { routes in
            routes.post("/count") { call in
                var lines = 0
                for try await chunk in try call.request.body.stream() {
                    lines += chunk.count { $0 == UInt8(ascii: "\n") }
                }
                return .text("\(lines) lines")
            }
            routes.get("/numbers.csv") { call in
                let (writer, stream) = BodyStream.pipe()
                call.context.waitUntil {
                    for number in 1...1000 {
                        try await writer.write(Array("\(number)\n".utf8))
                    }
                    writer.finish()
                }
                return Response(
                    headers: [.contentType: "text/csv"],
                    body: Body(stream: stream))
            }
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        try await router.handle(request, env: env, context: context)
    }
}

@Suite struct StreamsTests {
    @Test func `a body is read chunk by chunk`() async throws {
        let worker = try TestWorker(Streams.self)
        let chunks = BodyStream(
            chunks: [Array("a\nb".utf8), Array("\nc\n".utf8)])
        let response = try await worker.fetch(
            "/count", method: .post, body: Body(stream: chunks))
        #expect(try await response.text() == "3 lines")
    }

    @Test func `rows are written as fast as they are read`() async throws {
        let worker = try TestWorker(Streams.self)
        let response = try await worker.fetch("/numbers.csv")
        #expect(response.body.length == nil)
        let text = try await response.text()
        #expect(text.hasSuffix("\n999\n1000\n"))
        try await worker.settle()
    }

    @Test func `a reader that goes stops the writer`() async throws {
        let (writer, stream) = BodyStream.pipe(capacity: 10)
        stream.cancel()
        #expect(writer.isCancelled)
        await #expect(throws: BodyCancelled.self) { try await writer.write([1]) }
    }
}
