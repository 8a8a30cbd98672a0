import EdgeEmulator
import Foundation
import Testing
import Workers
import WorkersTesting

/// The implementations that every KV test runs against.
enum KVImplementation: String, CaseIterable, CustomTestStringConvertible {
    case memory, sqlite
    /// Without the read cache in front, so that the file answers everything.
    case sqliteAlone = "sqlite without its cache"

    var testDescription: String { rawValue }

    /// Runs `body` with an empty namespace.
    func with(
        _ behaviour: KVBehaviour = KVBehaviour(), clock: TestClock = TestClock(),
        _ body: (any KVNamespace) async throws -> Void
    ) async throws {
        switch self {
        case .memory: try await body(MemoryKV(behaviour: behaviour, now: clock.read))
        case .sqlite: try await onDisk(cacheBytes: 32 << 20, behaviour, clock, body)
        case .sqliteAlone: try await onDisk(cacheBytes: 0, behaviour, clock, body)
        }
    }

    private func onDisk(
        cacheBytes: Int, _ behaviour: KVBehaviour, _ clock: TestClock, _ body: (any KVNamespace) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/lilypad-kv-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        let database = try KVDatabase(StateFolder(path: path), cacheBytes: cacheBytes)
        defer { database.close() }
        // Another namespace in the same file, whose keys must never show.
        let other = database.namespace("other", now: clock.read)
        try await other.put("a", "not yours")
        try await body(database.namespace("main", behaviour: behaviour, now: clock.read))
    }
}

/// What a KV call failed with; nil if it did not.
func kvError(_ body: () async throws -> Void) async -> WorkersError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? WorkersError ?? WorkersError(.error, "not an error of Workers: \(error)")
    }
}
