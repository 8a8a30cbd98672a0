import HTTPTypes
import Testing
import Workers
import WorkersTesting

struct Rates: Worker {
    struct Env: WorkerEnvironment {
        let source: RequestURL

        init(_ bindings: Bindings) throws {
            let text = try bindings.text("SOURCE")
            source =
                RequestURL(parsing: text)
                ?? RequestURL(authority: "rates.example", path: "/")
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        let options = FetchOptions(timeout: .seconds(5), maximumBody: 100_000)
        do {
            let answer = try await context.fetch(
                Request(.get, env.source), options: options)
            let rates = try await answer.json()
            return .text("One euro is \(rates["usd"]?.number ?? 0) dollars.")
        } catch let error as WorkersError {
            throw Problem(
                .badGateway, code: "rates_unavailable",
                "The rates cannot be had now.", hint: error.message)
        }
    }
}

@Suite struct RatesTests {
    let source = "https://rates.example/eur"

    @Test func `the rate is asked for`() async throws {
        let outside = ScriptedFetcher()
        outside.expect(.get, source)
            .answer(.json(.object([.init("usd", .number(1.5))])))
        let worker = try TestWorker(
            Rates.self, bindings: ["SOURCE": .text(source)], fetcher: outside)

        let response = try await worker.fetch("/")
        #expect(try await response.text() == "One euro is 1.5 dollars.")
        try outside.verify()
    }

    @Test func `nobody waits for longer than five seconds`() async throws {
        let clock = TestClock()
        let outside = ScriptedFetcher(clock: clock)
        outside.expect(.get, source).after(60)
        let worker = try TestWorker(
            Rates.self, bindings: ["SOURCE": .text(source)], clock: clock,
            fetcher: outside)

        async let response = worker.fetch("/")
        await clock.waitForSleepers(2)
        clock.advance(by: 5)
        #expect(try await response.status == .badGateway)
    }

    @Test func `a request that the test did not announce fails`() async throws {
        let outside = ScriptedFetcher()
        let worker = try TestWorker(Rates.self, bindings: ["SOURCE": .text(source)], fetcher: outside)
        let problem = try await worker.fetch("/").json()
        #expect(problem["hint"]?.string == "Unexpected request: GET https://rates.example/eur. None is expected.")
        #expect(throws: UnfulfilledScript.self) { try outside.verify() }
    }
}
