import Foundation
import Testing
import Workers
import WorkersTesting

@testable import EdgeEmulator

/// The implementations that share one set of contract tests.
enum R2Implementation: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case memory
    case durable

    var testDescription: String { rawValue }

    /// Runs a test with an empty bucket and the clock that it goes by.
    @discardableResult
    func withBucket<Value>(
        limits: R2Limits = R2Limits(), now: Double? = nil,
        _ body: (LocalR2Bucket, any R2TestClock) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .memory:
            let clock = now.map { TestClock(now: $0) } ?? TestClock()
            return try await body(LocalR2Bucket.inMemory(limits: limits, clock: clock), clock)
        case .durable:
            return try await R2Folder.with { folder in
                let clock = MovableClock(at: now ?? 1_770_000_000)
                return try await folder.open(limits: limits, clock: clock) { state in
                    try await body(state.bucket("bucket"), clock)
                }
            }
        }
    }
}

extension R2Implementation {
    /// Runs a test with an account that has no buckets, and the clock that it goes by.
    @discardableResult
    func withBuckets<Value>(
        limits: R2Limits = R2Limits(), now: Double = 1_770_000_000,
        _ body: (LocalR2Buckets, any R2TestClock) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .memory:
            let clock = TestClock(now: now)
            return try await body(LocalR2Buckets.inMemory(limits: limits, clock: clock), clock)
        case .durable:
            return try await R2Folder.with { folder in
                let clock = MovableClock(at: now)
                return try await folder.open(limits: limits, clock: clock) { state in
                    try await body(state.buckets, clock)
                }
            }
        }
    }
}

/// A clock that a test moves.
protocol R2TestClock: Sendable {
    func advance(by seconds: Double)
}

extension TestClock: R2TestClock {}
extension MovableClock: R2TestClock {
    func advance(by seconds: Double) { move(by: seconds) }
}

/// A state folder of one test, which may be opened several times.
struct R2Folder {
    let path: String

    /// Runs a test with a folder of its own and removes it afterwards.
    static func with<Value>(_ body: (R2Folder) async throws -> Value) async throws -> Value {
        let path = NSTemporaryDirectory() + "r2-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(R2Folder(path: path))
    }

    /// Opens the state, as a process does at its start, and closes it at the end.
    func open<Value>(
        limits: R2Limits = R2Limits(), clock: any EmulatorClock = WallClock(), write: BlobFiles.Write? = nil,
        _ body: (R2State) async throws -> Value
    ) async throws -> Value {
        let folder = try StateFolder(path: path)
        defer { folder.close() }
        let blobs = folder.path + "/blobs"
        let files = try write.map { try BlobFiles(path: blobs, write: $0) } ?? BlobFiles(path: blobs)
        let state = try R2State(folder, limits: limits, clock: clock, files: files)
        defer { state.close() }
        return try await body(state)
    }

    /// The files that hold bodies, by their paths below `blobs`, sorted. Those in `incoming` are half of one.
    var files: [String] {
        let all = FileManager.default.enumerator(atPath: path + "/blobs")?.compactMap { $0 as? String } ?? []
        return all.filter { name in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path + "/blobs/" + name, isDirectory: &isFolder)
            return exists && !isFolder.boolValue
        }.sorted()
    }

    /// What lies in all files, the database included.
    func contents() throws -> [[UInt8]] {
        let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return all.compactMap { FileManager.default.contents(atPath: path + "/" + $0).map { Array($0) } }
    }

    /// Waits until a condition holds, which it does soon.
    static func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while !(try await condition()) {
            if ContinuousClock.now > deadline {
                Issue.record(what)
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
