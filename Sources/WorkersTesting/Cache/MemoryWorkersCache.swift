import Synchronization
import Workers

/// The cache in front of a Worker, for tests that call its handlers directly: nothing is stored, so that every request
/// reaches the handler, and what is purged or made stale is remembered.
///
/// ```swift
/// try await worker.fetch("/articles/7", method: .put, body: "…")
/// #expect(worker.cache.purges == [CachePurge(tags: ["article-7"])])
/// ```
public final class MemoryWorkersCache: WorkersCache {
    private let carriedOut = Mutex<[CachePurge]>([])
    private let madeStale = Mutex<[CachePurge]>([])

    public init() {}

    /// Those that succeeded, in their order.
    public var purges: [CachePurge] { carriedOut.withLock { $0 } }

    /// What was made stale, in its order.
    public var invalidations: [CachePurge] { madeStale.withLock { $0 } }

    /// Succeeds and fails as a host does.
    public func purge(_ purge: CachePurge) async throws -> CachePurgeResult {
        let problems = purge.problems
        if problems.isEmpty { carriedOut.withLock { $0.append(purge) } }
        return CachePurgeResult(errors: problems)
    }

    /// Succeeds and fails as a host does.
    public func invalidate(_ purge: CachePurge) async throws -> CachePurgeResult {
        let problems = purge.problems
        if problems.isEmpty { madeStale.withLock { $0.append(purge) } }
        return CachePurgeResult(errors: problems)
    }
}
