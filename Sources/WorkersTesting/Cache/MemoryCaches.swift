import Synchronization
import Workers

/// The Cache API in memory, for tests.
///
/// ```swift
/// let caches = MemoryCaches(now: clock.read)
/// try await caches.default.put("https://shop.test/", .text("hello"))
/// ```
public final class MemoryCaches: CacheStorage {
    private let caches: StoredCaches

    /// - Parameters:
    ///   - now: seconds since 1970; a clock that the test moves.
    ///   - limit: bytes that all caches hold together; beyond it, what has not been used for longest goes.
    ///   - isDisabled: calls succeed and store nothing.
    ///   - defaultsByStatus: responses without any freshness information are kept as long as Cloudflare's CDN keeps them.
    public init(
        now: @escaping @Sendable () -> Double, limit: Int = 64 << 20, isDisabled: Bool = false,
        defaultsByStatus: Bool = false
    ) {
        let boundaries = Boundaries()
        let settings = CacheSettings(
            now: now, boundary: boundaries.next, isDisabled: isDisabled, defaultsByStatus: defaultsByStatus)
        caches = StoredCaches(store: MemoryCacheStore(limit: limit), settings: settings)
    }

    public var `default`: any Cache { caches.default }

    public func open(_ name: String) async throws -> any Cache { try await caches.open(name) }

    /// Empties all caches.
    ///
    /// - Returns: how many responses went.
    public func removeAll() async throws -> Int { try await caches.removeAll() }

    /// Counted rather than random, so that a test run repeats itself.
    private final class Boundaries: Sendable {
        private let count = Atomic(0)

        @Sendable func next() -> String { "part-\(count.add(1, ordering: .relaxed).newValue)-of-many" }
    }
}
