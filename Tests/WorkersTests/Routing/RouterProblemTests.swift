import HTTPTypes
import Testing
import Workers

@Suite struct RouterProblemTests {
    private func problems(
        requiringAccess: Bool = false, _ build: (RouteGroup<Env>) throws -> Void
    ) throws -> [String] {
        do {
            _ = try Router<Env>(requiringAccess: requiringAccess, build)
            return []
        } catch let problem as RouterProblem {
            return problem.problems
        }
    }

    @Test(
        "malformed patterns are named with what is wrong",
        arguments: [
            ("a", "it must begin with “/”"), ("/a//b", "it has an empty segment"),
            ("/:", "“:” is not “:” and a name of letters and digits"),
            ("/:a-b", "“:a-b” is not “:” and a name of letters and digits"),
            ("/:1", "“:1” is not “:” and a name of letters and digits"), ("/*a/b", "“*a” may only stand at the end"),
            ("/*a*", "“*a*” is not “*” and a name of letters and digits"), ("/a*", "“*” cannot stand in “a*”"),
            ("/a?b", "“?” cannot stand in “a?b”"), ("/%20", "literals are written without escapes"),
            ("/a/../b", "clients resolve “..” before they send it"), ("/:a/:a", "it has the parameter “a” twice"),
        ])
    func malformed(pattern: String, reason: String) throws {
        let problems = try problems { $0.get(pattern) { _ in .text("") } }
        #expect(problems == ["GET \(pattern): the pattern “\(pattern)” is malformed: \(reason)."])
    }

    @Test func `conflicts name both routes, whatever the parameters are called`() throws {
        let found = try problems { routes in
            routes.get("/users/:id") { _ in .text("") }
            routes.post("/users/:id") { _ in .text("") }
            routes.group("/users") { $0.get("/:name") { _ in .text("") } }
            routes.get("/f/*") { _ in .text("") }
            routes.get("/f/*rest") { _ in .text("") }
            routes.any("/f/*x") { _ in .text("") }
            routes.any("/f/*y") { _ in .text("") }
        }
        #expect(
            found == [
                "GET /users/:name answers the same requests as GET /users/:id.",
                "GET /f/*rest answers the same requests as GET /f/*.",
                "any method /f/*y answers the same requests as any method /f/*x.",
            ])
    }

    @Test func `everything that is wrong is told at once`() throws {
        let found = try problems { routes in
            routes.get("") { _ in .text("") }
            routes.get("/a/:b", Int.self, Int.self) { _, _, _ in .text("") }
            routes.group("/x/") { $0.get("/y") { _ in .text("") } }
            routes.group("/x/*") { $0.get("/y") { _ in .text("") } }
            routes.group("/:a") { $0.get("/:a") { _ in .text("") } }
        }
        #expect(
            found == [
                "GET  has no path.", "GET /a/:b has 1 parameters (b), and its handler takes 2.",
                "GET /x//y: the pattern “/x/” is malformed: a prefix does not end with “/”.",
                "GET /x/*/y: the pattern “/x/*” is malformed: a prefix cannot have a tail.",
                "GET /:a/:a: the pattern “/:a/:a” is malformed: it has the parameter “a” twice.",
            ])
    }

    @Test func `routes can be made to say who may call them`() throws {
        let found = try problems(requiringAccess: true) { routes in
            routes.get("/open", about: .init(access: [.anonymous])) { _ in .text("") }
            routes.get("/silent") { _ in .text("") }
            routes.group("/in", access: [.signedIn]) { $0.get("/a") { _ in .text("") } }
        }
        #expect(found == ["GET /silent does not say who may call it."])
    }

    @Test func `an error of the building code itself is passed on`() {
        struct Own: Error {}
        #expect(throws: Own.self) { try Router<Env> { _ in throw Own() } }
    }
}

extension Access {
    fileprivate static let member = Access("member")
}

@Suite struct RouteDescriptionTests {
    @Test func `routes describe themselves in the order of registration`() throws {
        let router = try Router<Env> { routes in
            routes.group("/projects/:project", access: [.member], tags: ["projects"]) { project in
                project.get(
                    "/traces/:trace", String.self, Int.self,
                    about: .init(
                        "Show one trace", tags: ["traces"],
                        query: [.optional("limit", Int.self, "At most 200"), .required("from", String.self)],
                        headers: [.optional("If-None-Match", String.self)],
                        answers: [.init(.ok, "Trace"), .init(.notFound, "Problem"), .init(.noContent)])
                ) { _, _, _ in .text("") }
                project.post(
                    "", about: .init("Make one", access: [.anonymous], body: .init("NewProject"), isDeprecated: true)
                ) { _ in .text("") }
            }
            routes.any("/all/*") { _ in .text("") }
        }
        #expect(
            router.descriptions.map(\.description) == [
                "GET /projects/:project/traces/:trace", "POST /projects/:project", "any method /all/*",
            ])
        let trace = router.descriptions[0]
        #expect(trace.access == [.member] && trace.tags == ["projects", "traces"] && trace.summary == "Show one trace")
        #expect(trace.parameters.map(\.name) == ["project", "trace", "limit", "from", "If-None-Match"])
        #expect(trace.parameters.map(\.place) == [.path, .path, .query, .query, .header])
        #expect(trace.parameters.map(\.isRequired) == [true, true, false, true, false])
        #expect(trace.parameters.map(\.type.kind) == [.string, .integer, .integer, .string, .string])
        #expect(trace.answers.map(\.contentType) == ["application/json", "application/problem+json", nil])
        let make = router.descriptions[1]
        #expect(make.access == [.anonymous] && make.isDeprecated && make.body?.schema == "NewProject")
        #expect(router.descriptions[2].access == nil && router.descriptions[2].method == nil)
    }

    @Test func `middleware can enforce what the description says`() async throws {
        let router = try Router<Env> { routes in
            routes.use { call, next in
                guard call.route?.access?.contains(.anonymous) == true else {
                    throw Problem(.forbidden, code: "forbidden", "No.")
                }
                return try await next(call)
            }
            routes.get("/open", about: .init(access: [.anonymous])) { _ in .text("open") }
            routes.get("/closed", about: .init(access: [.member])) { _ in .text("closed") }
        }
        #expect(try await router.text("/open") == "open")
        #expect(try await router.get("/closed").status == .forbidden)
    }
}
