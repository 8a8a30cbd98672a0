import HTTPTypes
import Testing
import Workers
import WorkersTesting

struct Prices: Worker {
    struct Env: WorkerEnvironment {
        let prices: any KVNamespace

        init(_ bindings: Bindings) throws {
            prices = try bindings.kv("PRICES")
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        let cache = context.caches.default
        if let stored = try await cache.match(request) { return stored }

        var page = ""
        for try await key in env.prices.keys() {
            page += "\(key.name) \(try await env.prices.get(key.name) ?? "")\n"
        }
        var response = Response.text(page)
        response.headers[.cacheControl] = "max-age=60"
        let copy = try response.clone()
        context.waitUntil { try await cache.put(request, copy) }
        return response
    }
}

@Suite struct PricesTests {
    @Test func `prices are a minute old at most`() async throws {
        let clock = TestClock()
        let prices = MemoryKV(now: clock.read)
        let worker = try TestWorker(
            Prices.self, bindings: ["PRICES": .kv(prices)], clock: clock)

        try await prices.put("tea", "2.40")
        #expect(try await worker.fetch("/").text() == "tea 2.40\n")
        try await worker.settle()

        try await prices.put("tea", "2.60")
        #expect(try await worker.fetch("/").text() == "tea 2.40\n")
        clock.advance(by: 60)
        #expect(try await worker.fetch("/").text() == "tea 2.60\n")
    }
}
