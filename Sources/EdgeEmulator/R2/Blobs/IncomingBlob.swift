import Synchronization
import Workers

#if canImport(Glibc)
    import Glibc
#endif

/// One body on its way into a file. Hashing happens with the writing, so that each byte is touched once. Its calls
/// block, and come one after the other.
final class IncomingBlob: Sendable {
    private struct State {
        var descriptor: Int32
        var file: String
        var hasher: R2Hasher
        var size = 0
    }

    private let files: BlobFiles
    private let algorithms: Set<R2HashAlgorithm>
    /// `nil` before the first bytes and after the end.
    private let state = Mutex<State?>(nil)

    /// - Parameter algorithms: wanted besides MD5.
    init(_ files: BlobFiles, hashing algorithms: Set<R2HashAlgorithm>) {
        self.files = files
        self.algorithms = algorithms
    }

    func append(_ chunks: [[UInt8]]) throws {
        try state.withLock { state in
            var current = try state ?? begin()
            // Moved out and back, because a second reference would make the hashes copy themselves for each batch. Back
            // also on failure, so that `abandon` finds the file.
            state = nil
            defer { state = current }
            for chunk in chunks {
                try chunk.withUnsafeBytes { bytes in
                    current.hasher.update(bytes)
                    try files.append(bytes, to: current.descriptor)
                }
                current.size += chunk.count
            }
        }
    }

    /// Names the file by its content.
    ///
    /// - Parameter hold: called with the name before the file has it, so that nobody removes it.
    func finish(hold: (BlobName) -> Void) throws -> (name: BlobName, size: Int, checksums: R2Checksums)? {
        guard let current = state.withLock({ $0 }) else { return nil }
        var checksums = current.hasher.finish()
        guard let name = checksums.sha256.flatMap({ BlobName($0) }) else { return nil }
        if !algorithms.contains(.sha256) { checksums.sha256 = nil }
        hold(name)
        state.withLock { $0 = nil }
        close(current.descriptor)
        do {
            try files.publish(current.file, as: name)
        } catch {
            files.discard(current.file)
            throw error
        }
        return (name, current.size, checksums)
    }

    func abandon() {
        let current = state.withLock { state in
            defer { state = nil }
            return state
        }
        guard let current else { return }
        close(current.descriptor)
        files.discard(current.file)
    }

    private func begin() throws(StateFailure) -> State {
        let (descriptor, file) = try files.begin()
        return State(descriptor: descriptor, file: file, hasher: R2Hasher(algorithms.union([.sha256])))
    }
}
