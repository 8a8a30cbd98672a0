import Synchronization
import Workers

/// The cache in front of a Worker, for tests that call its handlers directly: nothing is stored, so that every request
/// reaches the handler, and what is purged is remembered.
///
/// ```swift
/// try await worker.fetch("/articles/7", method: .put, body: "…")
/// #expect(worker.cache.purges == [CachePurge(tags: ["article-7"])])
/// ```
public final class MemoryWorkersCache: WorkersCache {
    private let carriedOut = Mutex<[CachePurge]>([])

    public init() {}

    /// Those that succeeded, in their order.
    public var purges: [CachePurge] { carriedOut.withLock { $0 } }

    /// Succeeds and fails as a host does.
    public func purge(_ purge: CachePurge) async throws -> CachePurgeResult {
        let problems = purge.problems
        if problems.isEmpty { carriedOut.withLock { $0.append(purge) } }
        return CachePurgeResult(errors: problems)
    }
}
