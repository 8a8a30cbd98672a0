import Testing
import Workers
import WorkersTesting

/// A Worker that purges what its path says.
private struct Purger: Worker {
    struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        if request.method == .patch {
            return .text(try await context.cache.invalidate(tags: ["one"]).isSuccess ? "stale" : "failed")
        }
        let result = try await context.cache.purge(
            tags: request.url.path == "/tags" ? ["one", "Two"] : [],
            pathPrefixes: request.url.path == "/paths" ? ["/docs/"] : [], everything: request.url.path == "/all")
        return .text(result.isSuccess ? "purged" : result.errors.map(\.message).joined())
    }
}

@Suite struct CachePurgeTests {
    @Test func `a test sees what its Worker purged`() async throws {
        let worker = try TestWorker(Purger.self)
        for path in ["/tags", "/paths", "/all"] { #expect(try await worker.fetch(path).text() == "purged") }
        #expect(
            worker.cache.purges == [
                CachePurge(tags: ["one", "Two"]), CachePurge(pathPrefixes: ["/docs/"]), CachePurge(everything: true),
            ])
    }

    @Test func `a test sees what its Worker made stale`() async throws {
        let worker = try TestWorker(Purger.self)
        #expect(try await worker.fetch("/", method: .patch).text() == "stale")
        #expect(worker.cache.invalidations == [CachePurge(tags: ["one"])])
        #expect(worker.cache.purges.isEmpty)
    }

    @Test func `a purge that names nothing fails as it does on a host`() async throws {
        let worker = try TestWorker(Purger.self)
        #expect(try await worker.fetch("/").text().contains("names nothing"))
        #expect(worker.cache.purges.isEmpty)
    }

    @Test(
        "each part of a purge has to be one",
        arguments: [
            (CachePurge(tags: ["a b"]), [2]), (CachePurge(tags: [""]), [2]), (CachePurge(tags: ["ü"]), [2]),
            (CachePurge(tags: [String(repeating: "a", count: 1025)]), [2]), (CachePurge(pathPrefixes: ["docs/"]), [3]),
            (CachePurge(tags: ["a", "b c"], pathPrefixes: [""]), [2, 3]), (CachePurge(), [1]),
            (CachePurge(tags: ["a"], pathPrefixes: ["/"]), []), (CachePurge(everything: true), []),
        ])
    func checks(purge: CachePurge, codes: [Int]) async throws {
        let cache = MemoryWorkersCache()
        #expect(try await cache.purge(purge).errors.map(\.code) == codes)
        #expect(cache.purges.count == (codes.isEmpty ? 1 : 0))
    }
}
