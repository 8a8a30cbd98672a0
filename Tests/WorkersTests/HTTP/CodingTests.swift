import Testing
import Workers

@Suite struct CodingTests {
    struct Span: Codable, Equatable {
        var name: String
        var tokens: Int
        var cost: Double?
    }
    struct Batch: Codable, Equatable {
        var spans: [Span]
        var labels: [String: Bool]
    }

    private func read(_ text: String, type: String? = "application/json") async throws -> Batch {
        try await post(type, Body(text: text)).json(as: Batch.self)
    }

    @Test func `a body is decoded, with and without a content type`() async throws {
        let text = #"{"spans":[{"name":"a","tokens":1}],"labels":{"x":true}}"#
        let batch = Batch(spans: [Span(name: "a", tokens: 1)], labels: ["x": true])
        #expect(try await read(text) == batch)
        #expect(try await read(text, type: nil) == batch)
        #expect(try await read(text, type: "application/vnd.a+json; charset=utf-8") == batch)
    }

    @Test(
        "a wrong member is named by its path",
        arguments: [
            (
                #"{"spans":[{"name":"a","tokens":1},{"name":2,"tokens":1}],"labels":{}}"#,
                "The member “spans[1].name” must be a text."
            ),
            (
                #"{"spans":[{"name":"a","tokens":"many"}],"labels":{}}"#,
                "The member “spans[0].tokens” must be a whole number."
            ),
            (
                #"{"spans":[{"name":"a","tokens":1,"cost":"x"}],"labels":{}}"#,
                "The member “spans[0].cost” must be a number."
            ),
            (#"{"spans":[{"tokens":1}],"labels":{}}"#, "The member “spans[0].name” is missing."),
            (
                #"{"spans":[{"name":null,"tokens":1}],"labels":{}}"#,
                "The member “spans[0].name” must be a text, not null."
            ),
            (#"{"spans":{},"labels":{}}"#, "The member “spans” must be a list."),
            (#"{"spans":[],"labels":{"x":1}}"#, "The member “labels.x” must be true or false."),
            (#"{"spans":[],"labels":[]}"#, "The member “labels” must be an object."),
            (#"{"spans":[]}"#, "The member “labels” is missing."), ("[]", "The document must be an object."),
            ("7", "The document must be an object."),
        ])
    func namesMember(text: String, message: String) async throws {
        let problem = await #expect(throws: Problem.self) { try await read(text) }
        #expect(problem?.status == .badRequest && problem?.code == "invalid_member")
        #expect(problem?.message == message)
    }

    @Test("what is not JSON is told with its place", arguments: ["{", "{\"a\":}", "nope", "{\"spans\":[]} x"])
    func refusesText(text: String) async throws {
        let problem = await #expect(throws: Problem.self) { try await read(text) }
        #expect(problem?.code == "invalid_json")
        #expect(problem?.message.contains("line 1") == true)
    }

    @Test func `an empty body, another type and a body too large are told apart`() async throws {
        let empty = await #expect(throws: Problem.self) { try await read("") }
        #expect(empty?.message == "The body is empty; it must be JSON.")
        let form = await #expect(throws: Problem.self) { try await read("{}", type: "text/plain") }
        #expect(form?.status == .unsupportedMediaType)
        await #expect(throws: BodyTooLarge.self) {
            try await post(nil, Body(text: "[1,2,3]")).json(as: [Int].self, limit: 3)
        }
    }

    @Test func `equal values are equal bytes, members sorted`() async throws {
        let response = try Response.json(Batch(spans: [], labels: ["b/c": true, "a": false]), status: .created)
        #expect(try await response.text() == #"{"labels":{"a":false,"b/c":true},"spans":[]}"#)
        #expect(response.status == .created && response.headers[.contentType] == "application/json")
        #expect(response.headers[.cacheControl] == "no-store")
    }
}

@Suite struct NormalisedResponseTests {
    private let get = Request(.get, RequestURL(authority: "a", path: "/"))
    private let head = Request(.head, RequestURL(authority: "a", path: "/"))

    @Test func `the answer to HEAD keeps the length and loses the body`() throws {
        let response = try Response.text("hello").normalised(for: head)
        #expect(response.body.isNull && response.headers[.contentLength] == "5")
        #expect(try response.normalised(for: head).headers[.contentLength] == "5")
        #expect(try Response.text("hello").normalised(for: get).body.length == 5)
    }

    @Test func `the stream of an answer to HEAD is cancelled`() throws {
        let flag = Flag()
        let stream = BodyStream(onCancel: { flag.raise() }) { [1] }
        let response = try Response(body: Body(stream: stream)).normalised(for: head)
        #expect(flag.isRaised && response.headers[.contentLength] == nil)
    }

    @Test func `204 and 304 have no length, 205 has none to read`() throws {
        var response = Response(.noContent, headers: [.contentLength: "0", .transferEncoding: "chunked"])
        #expect(try response.normalised(for: get).headers.isEmpty)
        response.status = 304
        #expect(try response.normalised(for: get).headers.isEmpty)
        response.status = 205
        #expect(try response.normalised(for: get).headers[.contentLength] == "0")
    }

    @Test func `errors have the texts of Workers`() {
        let status = #expect(throws: WorkersError.self) { try Response(600).normalised(for: get) }
        #expect(status?.name == .rangeError)
        #expect(
            status?.message
                == "Responses may only be constructed with status codes in the range 200 to 599, inclusive.")
        let body = #expect(throws: WorkersError.self) { try Response(.noContent, body: "x").normalised(for: get) }
        #expect(body?.name == .typeError)
        #expect(body?.message == "Response with null body status (101, 204, 205, or 304) cannot have a body.")
    }
}
