import HTTPTypes
import Testing
import Workers
import WorkersTesting

@Suite struct RouterTests {
    /// Answers with the pattern and the values of its parameters.
    private static func echo(_ call: Call<Env>) -> Response {
        let values = zip(call.parameters.names, call.parameters.values).map { "\($0)=\($1)" }.joined(separator: ",")
        return .text("\(call.route?.pattern ?? "-") \(values)")
    }

    private func router(_ patterns: String...) throws -> Router<Env> {
        try Router { routes in
            for pattern in patterns { routes.get(pattern) { call in Self.echo(call) } }
        }
    }

    @Test(
        "a literal beats a parameter, a parameter beats a tail",
        arguments: [
            ("/", "/ "), ("/a", "/a "), ("/a/", "/a/ "), ("/a/b", "/a/b "), ("/a/x", "/a/:p p=x"),
            ("/a/x/c", "/a/:p/c p=x"), ("/a/b/c", "/a/:p/c p=b"), ("/a/x/d", "/a/*rest rest=x/d"),
            ("/a/x/", "/a/*rest rest=x/"), ("/a//", "/a/*rest rest=/"), ("/b/", "/b/*t t="), ("/b/x/y", "/b/*t t=x/y"),
            ("/%61", "/a "), ("/a/%62", "/a/b "), ("/a/x%2Fy", "/a/:p p=x/y"), ("/a/%2562", "/a/:p p=%62"),
            ("/a/%C3%BC", "/a/:p p=ü"), ("/über", "/über "), ("/%C3%BCber", "/über "), ("/a/b?x", "/a/b "),
            ("/b/x%20y/%2F", "/b/*t t=x y//"),
        ])
    func prefers(target: String, answer: String) async throws {
        let router = try router(
            "/", "/a", "/a/", "/a/b", "/a/:p", "/a/:p/c", "/a/*rest", "/b/*t", "/über")
        #expect(try await router.text(target) == answer)
    }

    @Test("what no pattern has is 404", arguments: ["/A", "/b", "/a/b/c/d", "/a%2Fb", "//a", "", "a", "/a/b/", "*"])
    func misses(target: String) async throws {
        let response = try await router("/a", "/a/b", "/b/:x").get(target)
        #expect(response.status == .notFound && response.problemCode == "not_found")
        #expect(response.headers[.contentType] == "application/problem+json")
    }

    @Test(
        "dot segments get nobody out of a folder",
        arguments: [
            "/files/..", "/files/a/../b", "/files/%2e%2e", "/files/..%2Fetc", "/files/a/%2E", "/p/..", "/p/%2e%2E",
            "/p/.",
            "/p/a%2F..%2Fb", "/files/../%CC%81x", "/p/..%2F%CC%81x",
        ])
    func refusesDots(target: String) async throws {
        #expect(try await router("/files/*", "/p/:x").get(target).status == .notFound)
    }

    @Test("malformed escapes are 400", arguments: ["/a/%", "/a/%4", "/a/%zz", "/a/%FF", "/b/%C3%28/c"])
    func refusesEscapes(target: String) async throws {
        let response = try await router("/a/:x", "/b/*").get(target)
        #expect(response.status == .badRequest && response.problemCode == "malformed_path")
    }

    @Test func `a better-fitting path of another method hides no route`() async throws {
        let router = try Router<Env> { routes in
            routes.post("/a/b") { _ in .text("post") }
            routes.get("/a/:x") { call in .text("get \(call.parameters["x"] ?? "")") }
        }
        #expect(try await router.text("/a/b") == "get b")
        #expect(try await router.ask(.post, "/a/b").text() == "post")
        let refused = try await router.ask(.delete, "/a/b")
        #expect(refused.status == .methodNotAllowed && refused.headers[.allow] == "POST, GET, HEAD, OPTIONS")
        #expect(try await router.ask(.post, "/a/c").headers[.allow] == "GET, HEAD, OPTIONS")
    }

    @Test func `HEAD is answered from GET without the body`() async throws {
        let router = try Router<Env> { routes in
            routes.get("/a") { _ in .text("hello") }
            routes.get("/b") { _ in .text("get") }
            routes.on(.head, "/b") { _ in Response(headers: [.age: "1"]) }
            routes.post("/c") { _ in .text("c") }
        }
        let head = try await router.ask(.head, "/a")
        #expect(head.status == .ok && head.body.isNull && head.headers[.contentLength] == "5")
        #expect(try await router.ask(.head, "/b").headers[.age] == "1")
        let refused = try await router.ask(.head, "/c")
        #expect(
            refused.status == .methodNotAllowed && refused.body.isNull && refused.headers[.allow] == "POST, OPTIONS")
        #expect(try await router.ask(.head, "/nothing").body.isNull)
    }

    @Test func `OPTIONS lists the methods unless a route answers it`() async throws {
        let router = try Router<Env> { routes in
            routes.get("/a") { _ in .text("a") }
            routes.put("/a") { _ in .text("a") }
            routes.on(.options, "/b") { _ in .text("mine") }
            routes.any("/c") { call in .text(call.request.method.rawValue) }
        }
        let options = try await router.ask(.options, "/a")
        #expect(options.status == .noContent && options.headers[.allow] == "GET, HEAD, PUT, OPTIONS")
        #expect(try await router.ask(.options, "/b").text() == "mine")
        #expect(try await router.ask(.options, "/c").text() == "OPTIONS")
        #expect(try await router.ask(.init("PURGE")!, "/c").text() == "PURGE")
        #expect(try await router.ask(.options, "/d").status == .notFound)
    }

    @Test func `parameters arrive as their types, or the client hears which is wrong`() async throws {
        let router = try Router<Env> { routes in
            routes.group("/projects/:project") { project in
                project.get("/traces/:trace/*file", String.self, Int.self, String.self) { call, project, trace, file in
                    .text("\(project) \(trace + 1) \(file)")
                }
                project.get("/spans/:span") { call in
                    .text("\(try call.parameters("span", as: Int.self)) of \(try call.parameters("project"))")
                }
                project.get("/wrong") { call in .text(try call.parameters("nothing")) }
            }
        }
        #expect(try await router.text("/projects/lamp/traces/41/a/b.txt") == "lamp 42 a/b.txt")
        #expect(try await router.text("/projects/lamp/spans/7") == "7 of lamp")
        let wrong = try await router.get("/projects/lamp/traces/x/")
        #expect(wrong.status == .badRequest && wrong.problemCode == "invalid_path_parameter")
        #expect(wrong.problemDetail == "“trace” in the path must be a whole number.")
        let unknown = await #expect(throws: UnknownParameter.self) { try await router.get("/projects/lamp/wrong") }
        #expect(unknown?.description == "The route has no path parameter “nothing”; it has project.")
    }

    @Test func `a Worker with a router is short to write`() async throws {
        struct Shop: Worker {
            let router: Router<Env>

            init() throws {
                router = try Router { routes in routes.get("/status") { _ in .text("well") } }
            }

            func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
                try await router.handle(request, env: env, context: context)
            }
        }
        #expect(try await TestWorker(Shop.self).fetch("/status").text() == "well")
    }

    @Test func `middleware surrounds its group in order, whichever was written first`() async throws {
        let trace: @Sendable (String) -> @Sendable (Call<Env>, Next<Env>) async throws -> Response = { name in
            { call, next in
                var response = try await next(call)
                let text = String(decoding: response.body.buffered ?? [], as: UTF8.self)
                response.body = Body(text: "\(name)(\(text))")
                return response
            }
        }
        let router = try Router<Env> { routes in
            routes.use(trace("1"))
            routes.get("/a") { _ in .text("a") }
            routes.group("/g") { group in
                group.get("/b") { _ in .text("b") }
                group.use(trace("3"))
                group.use(trace("4"))
            }
            routes.use(trace("2"))
        }
        #expect(try await router.text("/a") == "1(2(a))")
        #expect(try await router.text("/g/b") == "1(2(3(4(b))))")
        #expect(try await router.text("/g/none").hasPrefix("1(2({"))
        #expect(try await router.ask(.options, "/g/b").text() == "1(2(3(4())))")
        #expect(try await router.ask(.post, "/g/b").text().hasPrefix("1(2(3(4({"))
    }

    @Test func `a problem is a response before outer middleware sees it, another error goes on`() async throws {
        struct Broken: Error {}
        let router = try Router<Env> { routes in
            routes.use { call, next in
                var response = try await next(call)
                response.headers[.age] = "1"
                return response
            }
            routes.get("/problem") { _ in throw Problem(.conflict, code: "taken", "It is taken.") }
            routes.get("/large") { _ in throw BodyTooLarge(limit: 3) }
            routes.get("/broken") { _ in throw Broken() }
        }
        let problem = try await router.get("/problem")
        #expect(problem.status == .conflict && problem.headers[.age] == "1" && problem.problemCode == "taken")
        let large = try await router.get("/large")
        #expect(large.status == .contentTooLarge && large.problemCode == "body_too_large")
        await #expect(throws: Broken.self) { try await router.get("/broken") }
    }

    @Test func `an application can write problems its own way`() async throws {
        let router = try Router<Env>(problemResponse: { problem, call in
            .text("\(problem.code) at \(call.request.url.path)", status: problem.status)
        }) { routes in routes.get("/a") { _ in .text("a") } }
        #expect(try await router.text("/b") == "not_found at /b")
    }

    @Test func `values travel inwards and not outwards`() async throws {
        enum Name: CallKey { typealias Value = String }
        let router = try Router<Env> { routes in
            routes.use { call, next in
                var inner = call
                inner.values[Name.self] = "ada"
                var response = try await next(inner)
                response.headers[.age] = call.values[Name.self] == nil ? "0" : "1"
                return response
            }
            routes.get("/") { call in .text(call.values[Name.self] ?? "nobody") }
        }
        let response = try await router.get("/")
        #expect(response.headers[.age] == "0")
        #expect(try await response.text() == "ada")
        var values = CallValues()
        values[Name.self] = "a"
        values[Name.self] = "b"
        #expect(values[Name.self] == "b")
        values[Name.self] = nil
        #expect(values[Name.self] == nil)
    }
}

@Suite struct MountingTests {
    struct Part: Sendable { var name: String }

    @Test func `a mounted router keeps its middleware and its typed parameters`() async throws {
        let inner = try Router<Env> { routes in
            routes.use { call, next in
                var response = try await next(call)
                response.headers[.age] = "1"
                return response
            }
            routes.get("/items/:item", Int.self) { call, item in
                .text("\(call.parameters["tenant"] ?? "") \(item) \(call.route?.pattern ?? "")")
            }
        }
        let router = try Router<Env> { routes in
            routes.group("/api", access: [.signedIn]) { $0.mount("/:tenant", inner) }
        }
        let response = try await router.get("/api/lamp/items/7")
        #expect(response.headers[.age] == "1")
        #expect(try await response.text() == "lamp 7 /api/:tenant/items/:item")
        #expect(router.descriptions.map(\.description) == ["GET /api/:tenant/items/:item"])
        #expect(router.descriptions[0].parameters.map(\.name) == ["tenant", "item"])
        #expect(router.descriptions[0].access == [.signedIn])
    }

    @Test func `a router with a part of the environment sees that part, its middleware too`() async throws {
        let inner = try Router<Part> { routes in
            routes.use { call, next in
                var response = try await next(call)
                response.headers[.age] = call.env.name
                return response
            }
            routes.get("/name") { call in .text(call.env.name) }
        }
        let router = try Router<Env> { routes in
            routes.mount("/part", inner) { _ in Part(name: "7") }
        }
        let response = try await router.get("/part/name")
        #expect(response.headers[.age] == "7")
        #expect(try await response.text() == "7")
        let refused = try await router.ask(.post, "/part/name")
        #expect(refused.status == .methodNotAllowed && refused.headers[.age] == "7")
    }

    struct Other: Worker {
        struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }
        init() {}
        func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
            .text("\(request.method.rawValue) \(request.url.path)?\(request.url.query ?? "")")
        }
    }

    @Test(
        "a mounted Worker sees the path without the prefix",
        arguments: [
            ("/old/shop", "GET /?"), ("/old/shop/", "GET /?"), ("/old/shop/a%2Fb/c?x=1", "GET /a%2Fb/c?x=1"),
            ("/%6Fld/shop/a", "GET /a?"), ("/old/shop//a", "GET //a?"),
        ])
    func stripsPrefix(target: String, answer: String) async throws {
        let router = try Router<Env> { routes in
            routes.group("/old") { group in
                group.mount("/shop", worker: Other()) { _ in try! Other.Env(Bindings([:])) }
            }
        }
        #expect(try await router.text(target) == answer)
        #expect(try await router.get("/old/shops").status == .notFound)
    }
}
