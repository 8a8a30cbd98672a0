import HTTPTypes
import Synchronization
import Testing
import Workers
import WorkersTesting

@Suite struct RequestIDTests {
    private func router(trusts: Bool = false) throws -> Router<Env> {
        let counter = Counter()
        return try Router { routes in
            routes.use(
                RequestID(
                    random: {
                        counter.add()
                        return UInt64(counter.value)
                    }, trustsIncoming: { _ in trusts }))
            routes.get("/") { call in .text(call.requestID ?? "none") }
            routes.get("/problem") { _ in throw Problem(.conflict, code: "taken", "Taken.") }
        }
    }
    private let header = HTTPField.Name("X-Request-ID")!

    @Test func `every call gets its own, told to handler, client and problem`() async throws {
        let router = try router()
        let first = try await router.get("/")
        #expect(first.headers[header] == "00000000000000010000000000000002")
        #expect(try await first.text() == "00000000000000010000000000000002")
        let problem = try await router.get("/problem", headers: [header: "mine"])
        let id = try #require(problem.headers[header])
        #expect(try await problem.json()["request_id"]?.string == id)
        #expect(problem.problemCode == nil || id == "00000000000000030000000000000004")
        #expect(try await router.get("/none").text().contains("\"request_id\":\"00000000000000050000000000000006\""))
    }

    @Test func `one from a trusted proxy is taken over if it is well formed`() async throws {
        let router = try router(trusts: true)
        #expect(try await router.get("/", headers: [header: "a-B_1.2:3"]).headers[header] == "a-B_1.2:3")
        for bad in ["", "a b", "a/b", "ü", String(repeating: "a", count: 129), "a, b"] {
            #expect(try await router.get("/", headers: [header: bad]).headers[header]?.count == 32)
        }
    }
}

@Suite struct ServerTimingTests {
    private let header = HTTPField.Name("Server-Timing")!

    @Test func `measurements and the total are written in milliseconds`() async throws {
        let clock = TestClock()
        let router = try Router<Env> { routes in
            routes.use(ServerTiming())
            routes.get("/") { call in
                await call.measure("db", "rows \"all\"") { clock.advance(by: 0.25) }
                _ = await call.measure("no token") { 1 }
                clock.advance(by: 0.5)
                return .text("x")
            }
            routes.get("/back") { _ in
                clock.advance(by: -5)
                return .text("x")
            }
        }
        let response = try await router.ask(.get, "/", clock: clock)
        #expect(response.headers[header] == #"db;dur=250.0;desc="rows \"all\"", total;dur=750.0"#)
        #expect(try await router.ask(.get, "/back", clock: clock).headers[header] == "total;dur=0.0")
    }

    @Test func `strangers need not see it`() async throws {
        let router = try Router<Env> { routes in
            routes.use(ServerTiming(isShown: { call in call.request.headers[.authorization] != nil }))
            routes.get("/") { call in .text(await call.measure("db") { "x" }) }
        }
        #expect(try await router.get("/").headers[header] == nil)
        #expect(try await router.get("/", headers: [.authorization: "x"]).headers[header] != nil)
    }
}

@Suite struct RequestLoggingTests {
    private final class Log: Sendable {
        private let entries = Mutex<[RequestLogEntry]>([])
        var all: [RequestLogEntry] { entries.withLock { $0 } }
        func add(_ entry: RequestLogEntry) { entries.withLock { $0.append(entry) } }
    }
    private struct Broken: Error {}

    private func router(_ log: Log, _ clock: TestClock = TestClock()) throws -> Router<Env> {
        try Router { routes in
            routes.use(RequestID(random: { 1 }))
            routes.use(RequestLogging(sink: { log.add($0) }))
            routes.post("/projects/:project") { call in
                clock.advance(by: 0.002)
                return .text("hello", status: .created)
            }
            routes.get("/problem") { _ in throw Problem(.conflict, code: "taken", "Secret of the message.") }
            routes.get("/broken") { _ in throw Broken() }
        }
    }

    @Test func `an entry has what happened and nothing that is private`() async throws {
        let log = Log()
        let clock = TestClock()
        _ = try await router(log, clock).ask(
            .post, "/projects/lamp?token=hunter2&b=hunter2&b=3",
            headers: [.authorization: "Bearer hunter2", .cookie: "a=hunter2", .userAgent: "hunter2"],
            body: "hunter2", clock: clock)
        let entry = try #require(log.all.first)
        #expect(entry.method == "POST" && entry.path == "/projects/lamp" && entry.route == "/projects/:project")
        #expect(entry.queryNames == ["token", "b"] && entry.status == 201)
        #expect(entry.requestBytes == 7 && entry.responseBytes == 5)
        #expect(entry.requestID == "00000000000000010000000000000001")
        #expect((entry.seconds - 0.002).magnitude < 0.0001)
        #expect(entry.problem == nil && entry.failure == nil)
        #expect(entry.description == "POST /projects/lamp ?token&b 201 2.0 ms")
        #expect(!String(reflecting: entry).contains("hunter2"))
    }

    @Test func `problems are logged by code, errors by type, calls without a route without one`() async throws {
        let log = Log()
        let router = try router(log)
        _ = try await router.get("/problem")
        await #expect(throws: Broken.self) { try await router.get("/broken") }
        _ = try await router.get("/none")
        #expect(log.all.map(\.problem) == ["taken", nil, "not_found"])
        #expect(log.all.map(\.failure) == [nil, "Broken", nil])
        #expect(log.all.map(\.status) == [409, nil, 404])
        #expect(log.all.map(\.route) == ["/problem", "/broken", nil])
        #expect(!String(reflecting: log.all).contains("Secret"))
    }

    @Test func `control characters do not reach the terminal`() async throws {
        let log = Log()
        _ = try await router(log).ask(.get, "/a\u{1B}[2J")
        #expect(log.all[0].description.hasPrefix("GET /a\\u{1b}[2J 404 not_found"))
    }
}
