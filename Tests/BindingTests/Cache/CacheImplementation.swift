import EdgeEmulator
import Foundation
import Testing
import Workers
import WorkersTesting

/// The places in which the Cache API keeps its responses. All of them must behave alike.
enum CacheImplementation: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case memory
    case durable
    /// Durable, with every body in a file.
    case durableInFiles = "durable, in files"

    var testDescription: String { rawValue }

    /// Empty caches for the length of `body`.
    ///
    /// - Parameter limit: bytes of all entries together.
    func with<Result>(
        clock: TestClock = TestClock(), limit: Int = 8 << 20, isDisabled: Bool = false, defaultsByStatus: Bool = false,
        _ body: (any CacheStorage, _ removeAll: @Sendable () async throws -> Int) async throws -> Result
    ) async throws -> Result {
        if self == .memory {
            let caches = MemoryCaches(
                now: clock.read, limit: limit, isDisabled: isDisabled, defaultsByStatus: defaultsByStatus)
            return try await body(caches) { try await caches.removeAll() }
        }
        return try await withCacheState { folder in
            let limits = DurableCacheStore.Limits(total: limit, inline: self == .durable ? 64 << 10 : 0)
            let caches = try await DurableCaches(
                folder, limits: limits, now: clock.read, isDisabled: isDisabled, defaultsByStatus: defaultsByStatus)
            defer { caches.close() }
            return try await body(caches) { try await caches.removeAll() }
        }
    }
}

/// A state folder that exists for the length of `body`.
func withCacheState<Result>(_ body: (StateFolder) async throws -> Result) async throws -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("cache-" + UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let folder = try StateFolder(path: path)
    defer { folder.close() }
    return try await body(folder)
}
