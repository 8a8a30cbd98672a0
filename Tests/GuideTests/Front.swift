import HTTPTypes
import Testing
import Workers
import WorkersTesting

struct Front: Worker {
    struct Env: WorkerEnvironment {
        let greeter: any Fetcher

        init(_ bindings: Bindings) throws {
            greeter = try bindings.service("GREETER")
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        let url = RequestURL(authority: "greeter", path: "/hello")
        let greeting = try await env.greeter.fetch(Request(.get, url))
        return .text("They say: \(try await greeting.text())")
    }
}

@Suite struct FrontTests {
    @Test func `the greeting comes from the other Worker`() async throws {
        let greeter = ScriptedFetcher()
        greeter.expect(.get, "https://greeter/hello").answer(.text("Hello!"))
        let worker = try TestWorker(
            Front.self, bindings: ["GREETER": .service(greeter)])

        let response = try await worker.fetch("/")
        #expect(try await response.text() == "They say: Hello!")
        try greeter.verify()
    }
}
