import HTTPTypes
import Testing
import Workers
import WorkersTesting

struct NewBook: Codable, Sendable {
    var title: String
    var year: Int?
}

struct Desk: Worker {
    struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }

    let router: Router<Env>

    init() throws {
        router = try Router { routes in
            routes.get("/books") { call in
                let query = call.request.query
                let limit = try query("limit", as: Int.self, in: 1...100) ?? 20
                let tags = query.all("tag")
                return .json(
                    .object([
                        .init("limit", .integer(limit)),
                        .init("tags", .array(tags.map { .string($0) })),
                    ]))
            }
            routes.post("/books") { call in
                let book = try await call.request.json(as: NewBook.self)
                return try .json(book, status: .created)
            }
            routes.post("/theme") { call in
                let form = try await call.request.form()
                let theme = try form.required("theme")
                var response = Response(.seeOther, headers: [.location: "/"])
                response.setCookie(try SetCookie("theme", theme, maxAge: 86_400))
                return response
            }
            routes.get("/") { call in
                .text("The theme is \(call.request.cookies["theme"] ?? "light").")
            }
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        try await router.handle(request, env: env, context: context)
    }
}

@Suite struct DeskTests {
    @Test func `a query is read with its types and bounds`() async throws {
        let worker = try TestWorker(Desk.self)
        let page = try await worker.fetch("/books?limit=5&tag=new&tag=red")
        #expect(try await page.text() == #"{"limit":5,"tags":["new","red"]}"#)
        let problem = try await worker.fetch("/books?limit=500").json()
        #expect(problem["detail"]?.string == "The query parameter “limit” must lie between 1 and 100.")
    }

    @Test func `a document that does not fit is answered with the member's name`() async throws {
        let worker = try TestWorker(Desk.self)
        let made = try await worker.fetch("/books", method: .post, body: #"{"title": "Emma", "year": 1815}"#)
        #expect(made.status == .created)
        #expect(try await made.text() == #"{"title":"Emma","year":1815}"#)

        let refused = try await worker.fetch("/books", method: .post, body: #"{"year": 1815}"#)
        #expect(refused.status == .badRequest)
        #expect(try await refused.json()["detail"]?.string == "The member “title” is missing.")
    }

    @Test func `a form sets a cookie, which comes back`() async throws {
        let worker = try TestWorker(Desk.self)
        let response = try await worker.fetch(
            "/theme", method: .post,
            headers: [.contentType: "application/x-www-form-urlencoded"],
            body: "theme=dark")
        let cookie = response.headers[.setCookie] ?? ""
        #expect(cookie.hasPrefix("theme=dark; Path=/; Max-Age=86400; Secure"))

        let page = try await worker.fetch(
            "/", headers: [.cookie: "theme=dark"])
        #expect(try await page.text() == "The theme is dark.")
    }
}
