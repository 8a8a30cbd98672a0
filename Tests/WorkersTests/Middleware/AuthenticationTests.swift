import HTTPTypes
import Testing
import Workers

struct Robot: Sendable { var name: String }
struct Operator: Sendable { var name: String }

@Suite struct BearerAuthenticationTests {
    private func router() throws -> Router<Env> {
        try Router { routes in
            routes.group("") { closed in
                closed.use(
                    BearerAuthentication(realm: "the \"API\"") { token, _ in token == "good.1" ? Robot(name: "r") : nil
                    })
                closed.get("/me") { call in .text(try call.principal(Robot.self).name) }
            }
            routes.get("/open") { call in .text(try call.principal(Robot.self).name) }
        }
    }

    @Test(
        "a known token lets in, whatever the case of the scheme",
        arguments: ["Bearer good.1", "bearer good.1", "BEARER  good.1 "])
    func letsIn(field: String) async throws {
        #expect(try await router().get("/me", headers: [.authorization: field]).text() == "r")
    }

    @Test(
        "everything else is refused with a challenge",
        arguments: [
            (nil, 401, nil), ("", 401, nil), ("Basic YTpi", 401, nil), ("Bearer bad", 401, "invalid_token"),
            ("Bearer good.1=", 401, "invalid_token"), ("Bearer", 400, "invalid_request"),
            ("Bearer a b", 400, "invalid_request"), ("Bearer ü", 400, "invalid_request"),
            ("Bearer =", 400, "invalid_request"), ("Bearer a=b", 400, "invalid_request"),
        ] as [(String?, Int, String?)])
    func refuses(field: String?, status: Int, error: String?) async throws {
        var headers = Headers()
        if let field { headers[.authorization] = field }
        let response = try await router().get("/me", headers: headers)
        #expect(response.status.code == status)
        let challenge = #"Bearer realm="the \"API\"""# + (error.map { ", error=\"\($0)\"" } ?? "")
        #expect(response.headers[.wwwAuthenticate] == challenge)
    }

    @Test func `two fields are one too many`() async throws {
        var headers = Headers()
        headers.append(HTTPField(name: .authorization, value: "Bearer good.1"))
        headers.append(HTTPField(name: .authorization, value: "Bearer good.1"))
        #expect(try await router().get("/me", headers: headers).status == .badRequest)
    }

    @Test func `a route outside the group has no principal`() async throws {
        let response = try await router().get("/open", headers: [.authorization: "Bearer good.1"])
        #expect(response.status == .unauthorized && response.problemCode == "not_authenticated")
    }
}

@Suite struct BasicAuthenticationTests {
    private func router() throws -> Router<Env> {
        try Router { routes in
            routes.use(
                BasicAuthentication(realm: "Metrics") { user, password, _ in
                    user == "jürgen" && ConstantTime.areEqual(password, "a:b") ? Operator(name: user) : nil
                })
            routes.get("/") { call in .text(try call.principal(Operator.self).name) }
        }
    }

    @Test func `name and password are read as UTF-8, the password may have colons`() async throws {
        // jürgen:a:b
        let response = try await router().get("/", headers: [.authorization: "basic asO8cmdlbjphOmI="])
        #expect(try await response.text() == "jürgen")
    }

    @Test(
        "everything else is asked again",
        arguments: [
            nil, "Basic", "Basic !", "Basic YWJj", "Basic asO8cmdlbjp4", "Bearer x", "Basic //8=",
            "Basic asO8cmdlbjphOmIK",
        ] as [String?])
    func refuses(field: String?) async throws {
        var headers = Headers()
        if let field { headers[.authorization] = field }
        let response = try await router().get("/", headers: headers)
        #expect(response.status == .unauthorized)
        #expect(response.headers[.wwwAuthenticate] == "Basic realm=\"Metrics\", charset=\"UTF-8\"")
    }

    @Test func `secrets are equal or not`() {
        #expect(ConstantTime.areEqual("", "") && ConstantTime.areEqual("abc", "abc"))
        #expect(!ConstantTime.areEqual("abc", "abd") && !ConstantTime.areEqual("abc", "ab"))
        // Canonically equivalent text is another secret.
        #expect(!ConstantTime.areEqual("\u{E9}", "e\u{301}"))
    }
}
