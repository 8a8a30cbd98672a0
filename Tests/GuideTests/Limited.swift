import HTTPTypes
import Testing
import Workers
import WorkersTesting

struct Limited: Worker {
    struct Env: WorkerEnvironment {
        let limiter: any RateLimiter

        init(_ bindings: Bindings) throws {
            limiter = try bindings.rateLimit("LIMITER")
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        let user = request.headers[.authorization] ?? ""
        guard try await env.limiter.limit(key: user).success else {
            throw Problem(
                .tooManyRequests, code: "slow_down",
                "There were too many requests.", headers: [.retryAfter: "60"])
        }
        return .text("Come in.")
    }
}

@Suite struct LimitedTests {
    @Test func `the third call in a minute is one too many`() async throws {
        let clock = TestClock()
        let limits = MemoryRateLimits(now: clock.read)
        let limiter = try limits.limiter(
            namespace: "1001", limit: 2, period: 60)
        let worker = try TestWorker(
            Limited.self, bindings: ["LIMITER": .rateLimit(limiter)],
            clock: clock)

        #expect(try await worker.fetch("/").status == .ok)
        #expect(try await worker.fetch("/").status == .ok)
        #expect(try await worker.fetch("/").status == .tooManyRequests)
        clock.advance(by: 60)
        #expect(try await worker.fetch("/").status == .ok)
    }
}
