import HTTPTypes
import Testing
import Workers
import WorkersTesting

struct Member: Sendable {
    var name: String
}

/// Answers before the handler does while the house is being painted.
struct Closed<Env: Sendable>: Middleware {
    let isClosed: @Sendable (Env) -> Bool

    func handle(
        _ call: Call<Env>, next: Next<Env>
    ) async throws -> Response {
        if isClosed(call.env) {
            throw Problem(
                .serviceUnavailable, code: "closed",
                "We are back tomorrow.", headers: [.retryAfter: "86400"])
        }
        var response = try await next(call)
        response.headers[.cacheControl] = "private"
        return response
    }
}

struct Members: Worker {
    struct Env: WorkerEnvironment {
        let token: String
        let isClosed: Bool

        init(_ bindings: Bindings) throws {
            token = try bindings.text("TOKEN")
            isClosed = bindings.optionalText("CLOSED") == "yes"
        }
    }

    let router: Router<Env>

    init() throws {
        router = try Router { routes in
            routes.use(RequestID(random: { .random(in: .min ... .max) }))
            routes.use(SecureHeaders())
            routes.use(try CORS(origins: ["https://app.example.com"]))
            routes.use(BodyLimit(bytes: 1 << 20))
            routes.use(Closed { $0.isClosed })

            routes.get("/") { call in .text("The club") }
            routes.group("/members") { members in
                members.use(
                    BearerAuthentication(realm: "club") { token, call in
                        ConstantTime.areEqual(token, call.env.token)
                            ? Member(name: "Ada") : nil
                    })
                members.get("/me") { call in
                    .text("Hello, \(try call.principal(Member.self).name)")
                }
            }
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        try await router.handle(request, env: env, context: context)
    }
}

@Suite struct MembersTests {
    @Test func `members come in with their token`() async throws {
        let worker = try TestWorker(
            Members.self, bindings: ["TOKEN": .text("open-sesame")])
        let stranger = try await worker.fetch("/members/me")
        #expect(stranger.status == .unauthorized)
        #expect(stranger.headers[.xContentTypeOptions] == "nosniff")

        let member = try await worker.fetch(
            "/members/me", headers: [.authorization: "Bearer open-sesame"])
        #expect(try await member.text() == "Hello, Ada")
    }

    @Test func `a problem has the fields of the middleware around it, and the id`() async throws {
        let worker = try TestWorker(Members.self, bindings: ["TOKEN": .text("t"), "CLOSED": .text("yes")])
        let closed = try await worker.fetch("/", headers: [.origin: "https://app.example.com"])
        #expect(closed.status == .serviceUnavailable)
        #expect(closed.headers[.accessControlAllowOrigin] == "https://app.example.com")
        let id = closed.headers[HTTPField.Name("X-Request-ID")!]
        #expect(try await closed.json()["request_id"]?.string == id)
    }

    @Test func `a body that is too large is refused before it is read`() async throws {
        let worker = try TestWorker(Members.self, bindings: ["TOKEN": .text("t")])
        let large = Body(bytes: [UInt8](repeating: 0, count: (1 << 20) + 1))
        #expect(try await worker.fetch("/", method: .post, body: large).status == .contentTooLarge)
    }
}
