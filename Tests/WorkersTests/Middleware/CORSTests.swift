import HTTPTypes
import Testing
import Workers

@Suite struct CORSTests {
    private let app = "https://app.example.com"

    private func router(_ cors: CORS<Env>) throws -> Router<Env> {
        try Router { routes in
            routes.use(cors)
            routes.get("/a") { _ in .text("a") }
            routes.get("/vary") { _ in Response(headers: [.vary: "Accept-Encoding, origin"]) }
            routes.get("/star") { _ in Response(headers: [.vary: "*"]) }
        }
    }

    private func preflight(_ router: Router<Env>, from origin: String, path: String = "/a") async throws -> Response {
        try await router.ask(
            .options, path, headers: [.origin: origin, .accessControlRequestMethod: "PUT"])
    }

    @Test func `an allowed origin gets the fields, credentials included`() async throws {
        let router = try router(
            CORS(origins: [app], credentials: true, policy: .init(exposedHeaders: [.eTag])))
        let response = try await router.get("/a", headers: [.origin: app])
        #expect(response.headers[.accessControlAllowOrigin] == app)
        #expect(response.headers[.accessControlAllowCredentials] == "true")
        #expect(response.headers[.accessControlExposeHeaders] == "ETag")
        #expect(response.headers[.vary] == "Origin")
    }

    @Test(
        "other origins get none, and caches hear that it matters",
        arguments: [
            "https://evil.example.com", "https://app.example.com.evil", "http://app.example.com", "null",
            "https://app.example.com:8443",
            "https://APP.example.com", "",
        ])
    func refuses(origin: String) async throws {
        let router = try router(CORS(origins: [app], credentials: true))
        let response = try await router.get("/a", headers: [.origin: origin])
        #expect(response.status == .ok)
        #expect(response.headers[.accessControlAllowOrigin] == nil)
        #expect(response.headers[.accessControlAllowCredentials] == nil)
        #expect(response.headers[.vary] == "Origin")
        let preflight = try await preflight(router, from: origin)
        #expect(preflight.status == .forbidden && preflight.problemCode == "origin_not_allowed")
        #expect(preflight.headers[.accessControlAllowOrigin] == nil && preflight.headers[.vary] == "Origin")
    }

    @Test func `a request without an origin is marked for caches, too`() async throws {
        let router = try router(CORS(origins: [app]))
        #expect(try await router.get("/a").headers[.vary] == "Origin")
        #expect(try await router.get("/vary").headers[.vary] == "Accept-Encoding, origin")
        #expect(try await router.get("/star").headers[.vary] == "*")
    }

    @Test func `a preflight is answered with what is allowed, without the handler`() async throws {
        let router = try router(
            CORS(
                origins: [app],
                policy: .init(methods: [.get, .put], headers: [.contentType, .authorization], maxAge: 60)))
        let response = try await preflight(router, from: app)
        #expect(response.status == .noContent)
        #expect(response.headers[.accessControlAllowOrigin] == app)
        #expect(response.headers[.accessControlAllowMethods] == "GET, PUT")
        #expect(response.headers[.accessControlAllowHeaders] == "Content-Type, Authorization")
        #expect(response.headers[.accessControlMaxAge] == "60")
        #expect(response.headers[.accessControlAllowCredentials] == nil)
        #expect(
            response.headers[.vary] == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
        #expect(try await preflight(router, from: app, path: "/nothing").status == .noContent)
    }

    @Test func `OPTIONS without the preflight's fields is an ordinary request`() async throws {
        let response = try await router(CORS(origins: [app])).ask(.options, "/a", headers: [.origin: app])
        #expect(response.headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(response.headers[.accessControlAllowOrigin] == app)
    }

    @Test func `problems are readable for the page, too`() async throws {
        let response = try await router(CORS(origins: [app])).get("/nothing", headers: [.origin: app])
        #expect(response.status == .notFound && response.headers[.accessControlAllowOrigin] == app)
    }

    @Test func `any origin means a star and never credentials`() async throws {
        let router = try router(CORS(anyOrigin: CORSPolicy()))
        for origin in [app, "null"] {
            let response = try await router.get("/a", headers: [.origin: origin])
            #expect(response.headers[.accessControlAllowOrigin] == "*")
            #expect(response.headers[.accessControlAllowCredentials] == nil)
            #expect(response.headers[.vary] == nil)
            #expect(try await preflight(router, from: origin).headers[.accessControlAllowOrigin] == "*")
        }
    }

    @Test func `a rule is asked with well-formed origins only`() async throws {
        let router = try router(CORS(credentials: true) { _, _ in true })
        for origin in ["null", "https://a b", "https://a/path", "https://u@a", "nonsense", "https://a, https://b"] {
            let response = try await router.get("/a", headers: [.origin: origin])
            #expect(response.headers[.accessControlAllowOrigin] == nil, "\(origin)")
        }
        for origin in ["http://localhost:5173", "https://[::1]:8080", "chrome-extension://abcdef"] {
            let response = try await router.get("/a", headers: [.origin: origin])
            #expect(response.headers[.accessControlAllowOrigin] == origin)
        }
    }

    @Test(
        "what is no origin cannot be configured",
        arguments: [
            "*", "null", "https://a.com/", "https://A.com", "https://a.com:443", "a.com", "https://*.a.com", "",
            "https://a.com?x", "https://u@a.com",
        ])
    func refusesConfiguration(origin: String) {
        #expect(throws: MiddlewareProblem.self) { try CORS<Env>(origins: [origin]) }
    }
}
