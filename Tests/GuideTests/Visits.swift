import Testing
import Workers
import WorkersTesting

struct Visits: Worker {
    struct Env: WorkerEnvironment {
        let visits: any KVNamespace

        init(_ bindings: Bindings) throws {
            visits = try bindings.kv("VISITS")
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        let path = request.url.path
        context.waitUntil {
            try await env.visits.put(path, "\(context.now)")
        }
        return .text("Welcome.")
    }
}

@Suite struct VisitsTests {
    @Test func `the visit is noted after the answer`() async throws {
        let clock = TestClock(now: 1000)
        let visits = MemoryKV(now: clock.read)
        let worker = try TestWorker(
            Visits.self, bindings: ["VISITS": .kv(visits)], clock: clock)

        _ = try await worker.fetch("/garden")
        try await worker.settle()
        #expect(try await visits.get("/garden") == "1000.0")
    }
}
