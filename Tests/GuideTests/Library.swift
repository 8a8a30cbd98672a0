import HTTPTypes
import Testing
import Workers
import WorkersTesting

/// What a path parameter can be read as: one of these words.
enum Format: String, CaseIterable, ParameterValue { case text, epub }

struct Library: Worker {
    struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }

    let router: Router<Env>

    init() throws {
        router = try Router { routes in
            routes.get("/") { call in .text("The library") }
            routes.group("/books") { books in
                books.get("/:number", Int.self) { call, number in
                    .text("Book \(number)")
                }
                books.get("/:number/:format", Int.self, Format.self) {
                    call, number, format in
                    .text("Book \(number) as \(format.rawValue)")
                }
            }
            routes.get("/files/*") { call in
                .text(call.parameters.tail ?? "")
            }
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        try await router.handle(request, env: env, context: context)
    }
}

@Suite struct LibraryTests {
    @Test func `books are found by number`() async throws {
        let worker = try TestWorker(Library.self)
        let book = try await worker.fetch("/books/7/epub")
        #expect(try await book.text() == "Book 7 as epub")
        #expect(try await worker.fetch("/books/seven").status == .badRequest)
        #expect(try await worker.fetch("/nothing").status == .notFound)

        let removal = try await worker.fetch("/books/7", method: .delete)
        #expect(removal.status == .methodNotAllowed)
        #expect(removal.headers[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test func `a parameter of the wrong type is answered with a sentence`() async throws {
        let worker = try TestWorker(Library.self)
        let number = try await worker.fetch("/books/seven").json()
        #expect(number["code"]?.string == "invalid_path_parameter")
        #expect(number["detail"]?.string == "“number” in the path must be a whole number.")
        let format = try await worker.fetch("/books/7/pdf").json()
        #expect(format["detail"]?.string == "“format” in the path must be one of text, epub.")
    }

    @Test func `HEAD and OPTIONS are answered without a route of their own`() async throws {
        let worker = try TestWorker(Library.self)
        let head = try await worker.fetch("/", method: .head)
        #expect(head.status == .ok)
        #expect(head.headers[.contentLength] == "11")
        #expect(head.body.isNull)
        let options = try await worker.fetch("/", method: .options)
        #expect(options.status == .noContent)
        #expect(options.headers[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test func `a tail is everything behind its place`() async throws {
        let worker = try TestWorker(Library.self)
        #expect(try await worker.fetch("/files/a/b.txt").text() == "a/b.txt")
    }
}
