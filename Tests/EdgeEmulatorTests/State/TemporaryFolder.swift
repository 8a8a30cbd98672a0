import EdgeEmulator
import Foundation

/// A folder that exists for the length of `body`.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lilypad-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
}

/// A state folder that exists for the length of `body`.
func withState<Result>(_ body: (StateFolder) async throws -> Result) async throws -> Result {
    try await withTemporaryFolder { try await body(StateFolder(path: $0)) }
}
