import Testing
import Workers

@Suite struct JSONTests {
    @Test func `members keep their order and text is escaped`() {
        let json = JSON.object([
            .init("b", .array([.null, .bool(true), .integer(-1), .number(1.5), .number(.infinity)])),
            .init("a", .string("\"\\\n\u{1}é\u{2028}")),
        ])
        #expect(json.text == "{\"b\":[null,true,-1,1.5,null],\"a\":\"\\\"\\\\\\n\\u0001é\u{2028}\"}")
    }
}

@Suite struct RequestURLTests {
    @Test func `a target is split at its first question mark`() {
        let url = RequestURL(scheme: "http", authority: "a", target: "/p%20q?x=1?y")
        #expect(url.path == "/p%20q")
        #expect(url.query == "x=1?y")
        #expect(url.text == "http://a/p%20q?x=1?y")
        #expect(RequestURL(scheme: "http", authority: "a", target: "/p?").query == "")
        #expect(RequestURL(scheme: "http", authority: "a", target: "/p").query == nil)
    }
}

@Suite struct BindingsTests {
    @Test func `everything missing is reported at once, in sentences`() throws {
        let bindings = Bindings(["A": .text("x")])
        _ = try bindings.text("A")
        _ = try bindings.text("B")
        _ = try bindings.assets("A")
        let error = #expect(throws: MissingBindings.self) { try bindings.verify() }
        #expect(
            error?.description == """
                B is missing in the configuration; the Worker needs it with the kind var.
                A has the kind var in the configuration; the Worker needs the kind assets.
                """)
    }
}

@Suite struct ProblemTests {
    @Test func `a problem is an RFC 9457 document`() async throws {
        let problem = Problem(.badRequest, code: "bad", "It is bad.", hint: "Make it good.")
        #expect(problem.response.headers[.contentType] == "application/problem+json")
        #expect(
            try await problem.response.text()
                == "{\"title\":\"Bad Request\",\"status\":400,\"code\":\"bad\",\"detail\":\"It is bad.\",\"hint\":\"Make it good.\"}"
        )
    }
}
