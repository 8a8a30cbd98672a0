import HTTPTypes
import Testing
import Workers
import WorkersTesting

@Suite struct ScriptedFetcherTests {
    private struct Proxy: Worker {
        struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }

        func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
            let url = RequestURL(scheme: "https", authority: "api.test", path: request.url.path)
            return try await context.fetch(Request(.get, url, headers: [.authorization: "Bearer k"]))
        }
    }

    private func ask(_ outside: ScriptedFetcher, _ url: RequestURL) async -> String {
        do {
            return try await outside.fetch(Request(.get, url)).text()
        } catch {
            return "\(error)"
        }
    }

    @Test func `a handler's requests are answered by the script`() async throws {
        let outside = ScriptedFetcher()
        outside.expect(.get, "https://api.test/rates", headers: [.authorization: "Bearer k"]).answer(.text("1.1"))
        let worker = try TestWorker(Proxy.self, fetcher: outside)
        let rates = try await worker.fetch("/rates")
        #expect(try await rates.text() == "1.1")
        #expect(outside.requests.map(\.url.text) == ["https://api.test/rates"])
        try outside.verify()
    }

    @Test func `an unexpected request says what was asked and what was expected`() async throws {
        let outside = ScriptedFetcher()
        let other = RequestURL(authority: "api.test", path: "/other")
        #expect(await ask(outside, other) == "Error: Unexpected request: GET https://api.test/other. None is expected.")
        outside.expect(.post, "https://api.test/rates", body: "x")
        #expect(
            await ask(outside, other)
                == "Error: Unexpected request: GET https://api.test/other. "
                + "Expected: POST https://api.test/rates and a body of 1 bytes.")
        let near = ScriptedFetcher()
        near.expect(.get, "https://api.test/other", headers: [.accept: "text/csv"])
        #expect(
            await ask(near, other)
                == "Error: Unexpected request: GET https://api.test/other. "
                + "Expected was GET https://api.test/other with Accept: text/csv, "
                + "but Accept is missing instead of “text/csv”.")
    }

    @Test func `verify reports what came unexpectedly and what did not come`() async throws {
        let outside = ScriptedFetcher()
        outside.expect(.get, "https://api.test/one")
        outside.expect(.get, "https://api.test/two").times(2)
        outside.expect(.get, "https://api.test/three").anyTimes()
        _ = await ask(outside, RequestURL(authority: "api.test", path: "/two"))
        _ = await ask(outside, RequestURL(authority: "api.test", path: "/four"))
        #expect(outside.unused == ["GET https://api.test/one", "GET https://api.test/two (1 of 2 times)"])
        let failure = #expect(throws: UnfulfilledScript.self) { try outside.verify() }
        #expect(failure?.problems.count == 3)
        #expect(failure?.problems.first?.hasPrefix("Unexpected request: GET https://api.test/four.") == true)
    }

    @Test func `answers come in the order of the script, and as often as it says`() async throws {
        let outside = ScriptedFetcher()
        let url = RequestURL(authority: "api.test", path: "/")
        outside.expect(.get, "https://api.test/").answer(.text("first"))
        outside.expect(.get, "https://api.test/").answer(.text("second")).times(2)
        var answers: [String] = []
        for _ in 0..<3 { answers.append(await ask(outside, url)) }
        #expect(answers == ["first", "second", "second"])
        #expect(await ask(outside, url).hasSuffix("It is expected, but came more often than it should."))
    }

    @Test func `delays pass by the test's clock`() async throws {
        let clock = TestClock()
        let outside = ScriptedFetcher(clock: clock)
        outside.expect(.get, "https://api.test/slow").answer(.text("at last")).after(3600)
        let answer = Task { await ask(outside, RequestURL(authority: "api.test", path: "/slow")) }
        await clock.waitForSleepers()
        clock.advance(by: 3600)
        #expect(await answer.value == "at last")
    }

    @Test func `connections fail and streams flow as scripted`() async throws {
        let outside = ScriptedFetcher()
        outside.expect(.get, "https://api.test/down").fail("api.test: connection refused.")
        let (writer, stream) = BodyStream.pipe()
        outside.expect(.get, "https://api.test/feed").answer(Response(body: Body(stream: stream)))
        #expect(
            await ask(outside, RequestURL(authority: "api.test", path: "/down"))
                == "Error: Network connection lost. api.test: connection refused.")
        let response = try await outside.fetch(Request(.get, RequestURL(authority: "api.test", path: "/feed")))
        let feed = try response.body.stream()
        try await writer.write([1])
        #expect(try await feed.next() == [1])
        feed.cancel()
        #expect(writer.isCancelled)
    }

    @Test func `a fetcher in the process takes options, but no time limit`() async throws {
        struct Moved: Fetcher {
            func fetch(_ request: Request) async throws -> Response {
                request.url.path == "/new" ? .text("new") : Response(.found, headers: [.location: "/new"])
            }
        }
        let request = Request(.get, RequestURL(authority: "inside", path: "/old"))
        let bare = try await Moved().fetch(request)
        #expect(bare.status == .found)
        let followed = try await Moved().fetch(request, options: FetchOptions())
        #expect(try await followed.text() == "new")
        await #expect(throws: WorkersError.self) {
            try await Moved().fetch(request, options: FetchOptions(timeout: .seconds(1)))
        }
    }
}
