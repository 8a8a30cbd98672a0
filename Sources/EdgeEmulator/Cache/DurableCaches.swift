import Workers

/// The Cache API of the emulator: what is stored is there again after a restart.
package final class DurableCaches: CacheStorage {
    let store: DurableCacheStore
    private let caches: StoredCaches

    /// - Parameters:
    ///   - folder: the emulator's state; `cache.sqlite` and the folder `cache` lie in it.
    ///   - now: seconds since 1970.
    ///   - boundary: see `CacheSettings`.
    ///   - isDisabled: calls succeed and store nothing.
    ///   - defaultsByStatus: see `CacheSettings`.
    /// - Throws: `StateFailure`.
    package init(
        _ folder: StateFolder, limits: DurableCacheStore.Limits = .init(), now: @escaping @Sendable () -> Double,
        boundary: @escaping @Sendable () -> String = DurableCaches.randomBoundary, isDisabled: Bool = false,
        defaultsByStatus: Bool = false
    ) async throws {
        store = try await DurableCacheStore(folder, limits: limits)
        let settings = CacheSettings(
            now: now, boundary: boundary, isDisabled: isDisabled, defaultsByStatus: defaultsByStatus)
        caches = StoredCaches(store: store, settings: settings)
    }

    package var `default`: any Cache { caches.default }

    package func open(_ name: String) async throws -> any Cache { try await caches.open(name) }

    /// Empties all caches.
    ///
    /// - Returns: how many responses went.
    package func removeAll() async throws -> Int { try await caches.removeAll() }

    /// Finishes what is under way. Calls after that fail. Blocks for as long as that takes.
    package func close() { store.close() }

    /// 128 random bits: nobody who stores a response can know what will separate its parts.
    package static let randomBoundary: @Sendable () -> String = {
        String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
    }
}
