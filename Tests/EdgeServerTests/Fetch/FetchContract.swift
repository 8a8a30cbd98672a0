import EdgeServer
import HTTPTypes
import Testing
import Workers
import WorkersTesting

/// What every fetcher does, over the network and by a script.
@Suite struct FetchContract {
    private static let kinds = FetcherKind.allCases

    @Test(arguments: kinds)
    func `status, fields and content of the response arrive`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [.on("/thing?a=1&b=%20") { _ in Response(.accepted, headers: [.eTag: "\"1\""], body: "hello") }]
        } _: { world in
            let response = try await world.get("/thing?a=1&b=%20")
            #expect(response.status == .accepted)
            #expect(response.headers[.eTag] == "\"1\"")
            #expect(try await response.text() == "hello")
        }
    }

    @Test(arguments: kinds)
    func `a body of bytes arrives whole, and so does a stream`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [.on(.post, "/up") { .text($0.body) }]
        } _: { world in
            let bytes = try await world.post("/up", "some bytes")
            #expect(try await bytes.text() == "some bytes")
            let stream = BodyStream(chunks: [Array("one ".utf8), Array("two".utf8)])
            let streamed = try await world.post("/up", Body(stream: stream))
            #expect(try await streamed.text() == "one two")
            let measured = BodyStream(chunks: [Array("one ".utf8), Array("two".utf8)], length: 7)
            let known = try await world.post("/up", Body(stream: measured))
            #expect(try await known.text() == "one two")
        }
    }

    @Test(arguments: kinds)
    func `fields about the connection and the framing are the client's own`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [.on(.post, "/up") { _ in Response() }]
        } _: { world in
            var headers: Headers = [.contentType: "text/plain", .connection: "x-private", .contentLength: "999"]
            headers[.init("X-Private")!] = "1"
            headers[.init("X-Kept")!] = "2"
            headers[.init("Host")!] = "other.test"
            headers[.te] = "trailers"
            headers[.init("Keep-Alive")!] = "timeout=5"
            _ = try await world.post("/up", "12345", headers: headers)
            let seen = try #require(world.received.all.first)
            #expect(seen.body == "12345")
            #expect(seen.headers["content-type"] == "text/plain")
            #expect(seen.headers["x-kept"] == "2")
            #expect(seen.headers["x-private"] == nil)
            #expect(seen.headers["te"] == nil)
            #expect(seen.headers["keep-alive"] == nil)
            #expect(seen.headers["host"] != "other.test")
            #expect(seen.headers["content-length"] != "999")
        }
    }

    @Test(arguments: kinds)
    func `HEAD, 204 and 304 have no body`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [
                .on(.head, "/head") { _ in Response(headers: [.eTag: "\"h\""]) },
                .on("/none") { _ in Response(.noContent) },
                .on("/same") { _ in Response(.notModified, headers: [.eTag: "\"s\""]) },
            ]
        } _: { world in
            let head = try await world.fetcher.fetch(Request(.head, world.url("/head")))
            #expect(head.headers[.eTag] == "\"h\"")
            #expect(head.body.isNull)
            let none = try await world.get("/none")
            #expect(none.status == .noContent && none.body.isNull)
            let same = try await world.get("/same")
            #expect(same.status == .notModified && same.body.isNull)
        }
    }

    // MARK: Redirects

    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int
        var method: HTTPRequest.Method
        var then: HTTPRequest.Method
        var keepsBody: Bool
        var testDescription: String { "\(method) \(status) → \(then)" }
    }

    private static let cases = [
        Case(status: 301, method: .post, then: .get, keepsBody: false),
        Case(status: 302, method: .post, then: .get, keepsBody: false),
        Case(status: 303, method: .post, then: .get, keepsBody: false),
        Case(status: 303, method: .put, then: .get, keepsBody: false),
        Case(status: 301, method: .put, then: .put, keepsBody: true),
        Case(status: 302, method: .delete, then: .delete, keepsBody: true),
        Case(status: 307, method: .post, then: .post, keepsBody: true),
        Case(status: 308, method: .put, then: .put, keepsBody: true),
    ]

    @Test(arguments: kinds, cases)
    func `a redirect keeps or changes method and body`(kind: FetcherKind, entry: Case) async throws {
        try await FetchWorld.run(kind) { _ in
            [
                .redirect(entry.method, "/from", entry.status, to: "/to"),
                .on(entry.then, "/to") { .text("\($0.method) \($0.body) \($0.headers["content-type"] ?? "-")") },
            ]
        } _: { world in
            let request = Request(
                entry.method, world.url("/from"), headers: [.contentType: "text/x"], body: "payload")
            let response = try await world.fetcher.fetch(request)
            #expect(response.status == .ok)
            let expected = entry.keepsBody ? "\(entry.then) payload text/x" : "\(entry.then)  -"
            #expect(try await response.text() == expected)
        }
    }

    @Test(arguments: kinds)
    func `in manual mode the redirect is the response`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [.redirect("/from", 301, to: "/to")]
        } _: { world in
            let response = try await world.get("/from", options: FetchOptions(redirect: .manual))
            #expect(response.status == .movedPermanently)
            #expect(response.headers[.location] == "/to")
        }
    }

    @Test(arguments: kinds)
    func `a redirect without a Location, and 300, are ordinary responses`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [
                .on("/bare") { _ in Response(.found, body: "here") },
                .on("/choices") { _ in Response(.multipleChoices, headers: [.location: "/x"]) },
            ]
        } _: { world in
            let bare = try await world.get("/bare")
            #expect(bare.status == .found)
            #expect(try await bare.text() == "here")
            let choices = try await world.get("/choices")
            #expect(choices.status == .multipleChoices)
        }
    }

    @Test(arguments: kinds)
    func `twenty redirects are followed, and no more`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            (0..<21).map { .redirect("/hop/\($0)", to: "\($0 + 1)") } + [.on("/hop/21") { _ in .text("there") }]
        } _: { world in
            let last = try await world.get("/hop/1")
            #expect(try await last.text() == "there")
            let error = await #expect(throws: WorkersError.self) { try await world.get("/hop/0") }
            #expect(error?.description == "TypeError: Too many redirects.")
        }
    }

    @Test(arguments: kinds)
    func `a streamed body cannot be sent again, but 303 does not ask for that`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [
                .redirect(.post, "/307", 307, to: "/to"), .redirect(.post, "/302", 302, to: "/to"),
                .redirect(.post, "/303", 303, to: "/to"), .on("/to") { _ in .text("there") },
            ]
        } _: { world in
            for path in ["/307", "/302"] {
                let error = await #expect(throws: WorkersError.self) {
                    try await world.post(path, Body(stream: BodyStream(chunks: [[1], [2]])))
                }
                #expect(error?.name == .typeError)
                #expect(error?.message.hasPrefix("A request with a one-time-use body") == true)
            }
            let response = try await world.post("/303", Body(stream: BodyStream(chunks: [[1], [2]])))
            #expect(try await response.text() == "there")
        }
    }

    @Test(arguments: kinds)
    func `credentials stay with their origin`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { origins in
            [
                .redirect("/within", to: "/to"), .redirect("/across", to: origins[1] + "/to"),
                .on("/to") { _ in Response() }, .on("/to", origin: 1) { _ in Response() },
            ]
        } _: { world in
            let headers: Headers = [
                .authorization: "Bearer secret", .cookie: "a=1", .proxyAuthorization: "Basic x", .accept: "text/html",
            ]
            _ = try await world.get("/within", headers: headers)
            #expect(world.received.all.last?.headers["authorization"] == "Bearer secret")
            #expect(world.received.all.last?.headers["cookie"] == "a=1")
            _ = try await world.get("/across", headers: headers)
            let stranger = try #require(world.received.all.last)
            #expect(stranger.headers["authorization"] == nil)
            #expect(stranger.headers["cookie"] == nil)
            #expect(stranger.headers["proxy-authorization"] == nil)
            #expect(stranger.headers["accept"] == "text/html")
        }
    }

    @Test(arguments: kinds)
    func `a Location that leads nowhere is an error`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [
                .redirect("/bad", to: "http://[oops/"), .redirect("/user", to: "http://a:b@one.test/"),
                .redirect("/mail", to: "mailto:a@b.test"),
            ]
        } _: { world in
            for path in ["/bad", "/user"] {
                let error = await #expect(throws: WorkersError.self) { try await world.get(path) }
                #expect(error?.message == "Invalid Location header; unable to follow redirect.")
            }
            let error = await #expect(throws: WorkersError.self) { try await world.get("/mail") }
            #expect(error?.message.hasPrefix("Fetch API cannot load: mailto:") == true)
        }
    }

    // MARK: What cannot be asked

    @Test(arguments: kinds)
    func `requests that cannot be made are refused before anything is sent`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            []
        } _: { world in
            let withBody = await #expect(throws: WorkersError.self) {
                try await world.fetcher.fetch(Request(.get, world.url("/"), body: "x"))
            }
            #expect(withBody?.message == "Request with a GET or HEAD method cannot have a body.")
            let other = await #expect(throws: WorkersError.self) {
                try await world.fetcher.fetch(
                    Request(.get, RequestURL(scheme: "ftp", authority: "a.test", path: "/key")))
            }
            #expect(other?.description == "TypeError: Fetch API cannot load: ftp://a.test")
            let user = await #expect(throws: WorkersError.self) {
                try await world.fetcher.fetch(Request(.get, RequestURL(authority: "me:secret@a.test", path: "/")))
            }
            let method = await #expect(throws: WorkersError.self) {
                try await world.fetcher.fetch(Request(.trace, world.url("/")))
            }
            #expect(method?.description == "TypeError: Invalid HTTP method string: TRACE")
            #expect(user?.message.contains("secret") == false)
            #expect(user?.name == .typeError)
            #expect(world.received.count == 0)
        }
    }

    @Test(arguments: kinds)
    func `a fetch uses its request's body`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [.on(.post, "/up") { .text($0.body) }]
        } _: { world in
            let request = Request(.post, world.url("/up"), body: "once")
            _ = try await world.fetcher.fetch(request)
            #expect(request.body.isUsed)
            let error = await #expect(throws: WorkersError.self) { try await world.fetcher.fetch(request) }
            #expect(error?.message.hasPrefix("Body has already been used.") == true)
        }
    }

    // MARK: Limits

    @Test(arguments: kinds)
    func `a response that is too large fails`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [.on("/large") { _ in .text(String(repeating: "x", count: 2000)) }]
        } _: {
            world in
            let fits = try await world.get("/large", options: FetchOptions(maximumBody: 2000))
            #expect(try await fits.bytes().count == 2000)
            let error = await #expect(throws: WorkersError.self) {
                try await world.get("/large", options: FetchOptions(maximumBody: 1999)).bytes()
            }
            #expect(error?.message.contains("1999 bytes") == true)
        }
    }

    @Test(arguments: kinds)
    func `the time limit ends a wait for the response`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [Route(method: .get, path: "/never", origin: 0, answer: .silence)]
        } _: {
            world in
            let answer = Task { try await world.get("/never", options: FetchOptions(timeout: .seconds(5))) }
            try await eventually { world.received.count == 1 }
            await world.clock.waitForSleepers()
            world.clock.advance(by: 5)
            let error = await #expect(throws: WorkersError.self) { try await answer.value }
            #expect(error?.message == "The operation was aborted due to timeout")
        }
    }

    @Test(arguments: kinds)
    func `the time limit ends a wait for the rest of the body`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [Route(method: .get, path: "/part", origin: 0, answer: .stall("half"))]
        } _: { world in
            let response = try await world.get("/part", options: FetchOptions(timeout: .seconds(5)))
            let stream = try response.body.stream()
            #expect(try await stream.next() == Array("half".utf8))
            let rest = Task { try await stream.next() }
            await world.clock.waitForSleepers()
            world.clock.advance(by: 5)
            let error = await #expect(throws: WorkersError.self) { try await rest.value }
            #expect(error?.message == "The operation was aborted due to timeout")
        }
    }

    @Test(arguments: kinds)
    func `a cancelled task cancels its fetch`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [Route(method: .get, path: "/never", origin: 0, answer: .silence)]
        } _: {
            world in
            let task = Task { try await world.get("/never") }
            try await eventually { world.received.count == 1 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test(arguments: kinds)
    func `each redirect is a subrequest`(kind: FetcherKind) async throws {
        try await FetchWorld.run(kind) { _ in
            [.redirect("/a", to: "/b"), .redirect("/b", to: "/c"), .on("/c") { _ in .text("there") }]
        } _: { world in
            var limits = PlatformLimits(.free)
            limits.subrequests = 5
            let meter = RequestMeter(limits: limits, mode: .enforcing)
            try await RequestMeter.$current.withValue(meter) {
                _ = try await world.get("/a")
                #expect(meter.report(now: 0)[.subrequests]?.used == 3)
                let error = await #expect(throws: WorkersError.self) { try await world.get("/a") }
                #expect(error?.message.hasPrefix("Too many subrequests") == true)
            }
            #expect(world.received.count == 5)
        }
    }
}
