import HTTPTypes
import Testing
import Workers

@Suite struct ETagTests {
    private func router() throws -> Router<Env> {
        try Router { routes in
            routes.use(ETag())
            routes.get("/a") { _ in .text("hello") }
            routes.get("/own") { _ in Response(headers: [.eTag: "W/\"v1\"", .cacheControl: "max-age=60"], body: "x") }
            routes.get("/stream") { _ in Response(body: Body(stream: BodyStream(chunks: [[1], [2]]))) }
            routes.get("/stream-own") { _ in
                Response(headers: [.eTag: "\"s\""], body: Body(stream: BodyStream(chunks: [[1]])))
            }
            routes.get("/error") { _ in .text("no", status: .notFound) }
            routes.get("/null") { _ in Response() }
            routes.post("/a") { _ in .text("posted") }
        }
    }

    private let tag = "\"2cf24dba5fb0a30e26e83b2ac5b9e29e\""

    @Test func `content in memory gets a strong tag made of it`() async throws {
        #expect(try await router().get("/a").headers[.eTag] == tag)
        #expect(try await router().ask(.head, "/a").headers[.eTag] == tag)
        #expect(try await router().ask(.head, "/a").headers[.contentLength] == "5")
    }

    @Test(
        "the client's tag gives 304",
        arguments: [
            "\"2cf24dba5fb0a30e26e83b2ac5b9e29e\"", "W/\"2cf24dba5fb0a30e26e83b2ac5b9e29e\"", "*",
            "\"x\", \"2cf24dba5fb0a30e26e83b2ac5b9e29e\"", "\"a,b\" , W/\"2cf24dba5fb0a30e26e83b2ac5b9e29e\"",
        ])
    func matches(field: String) async throws {
        for method in [HTTPRequest.Method.get, .head] {
            let response = try await router().ask(method, "/a", headers: [.ifNoneMatch: field])
            #expect(response.status == .notModified && response.body.isNull)
            #expect(response.headers[.eTag] == tag && response.headers[.contentType] == nil)
            #expect(
                try response.normalised(for: Request(.get, RequestURL(authority: "a", path: "/"))).status
                    == .notModified)
        }
    }

    @Test("another tag gives the content", arguments: ["\"x\"", "2cf24dba5fb0a30e26e83b2ac5b9e29e", "", "\""])
    func differs(field: String) async throws {
        #expect(try await router().get("/a", headers: [.ifNoneMatch: field]).status == .ok)
    }

    @Test func `a tag that is there already is kept and compared`() async throws {
        #expect(try await router().get("/own").headers[.eTag] == "W/\"v1\"")
        let unchanged = try await router().get("/own", headers: [.ifNoneMatch: "\"v1\""])
        #expect(unchanged.status == .notModified && unchanged.headers[.cacheControl] == "max-age=60")
        #expect(try await router().get("/stream-own", headers: [.ifNoneMatch: "\"s\""]).status == .notModified)
    }

    @Test("nothing else gets a tag", arguments: ["/stream", "/error", "/null"])
    func leaves(target: String) async throws {
        let response = try await router().get(target, headers: [.ifNoneMatch: "*"])
        #expect(response.headers[.eTag] == nil && response.status != .notModified)
    }

    @Test func `writing is never answered with 304`() async throws {
        let response = try await router().ask(.post, "/a", headers: [.ifNoneMatch: "*"])
        #expect(response.status == .ok && response.headers[.eTag] == nil)
    }
}
