import HTTPTypes
import Testing
import Workers
import WorkersTesting

/// Shows what becomes of errors.
struct Shelf: Worker {
    struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }

    struct Broken: Error {}

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        if request.url.path == "/broken" { throw Broken() }
        throw Problem(
            .notFound, code: "no_such_book",
            "There is no book of this number.",
            hint: "GET /books lists those there are.")
    }
}

@Suite struct ShelfTests {
    @Test func `a problem is a document with a stable code`() async throws {
        let worker = try TestWorker(Shelf.self)
        let response = try await worker.fetch("/books/9")
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(try await response.json()["code"]?.string == "no_such_book")
    }

    @Test func `any other error reaches the test`() async throws {
        let worker = try TestWorker(Shelf.self)
        await #expect(throws: Shelf.Broken.self) {
            try await worker.fetch("/broken")
        }
    }
}
