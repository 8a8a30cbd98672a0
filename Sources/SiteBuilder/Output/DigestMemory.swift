import Synchronization

/// The digests of a session's files. From one build to the next almost every file is the very same array, which is seen
/// at once, while hashing a site of a thousand pages takes longer than making the page that changed.
public final class DigestMemory: Sendable {
    private struct Entry {
        var bytes: [UInt8]
        var digest: ContentDigest
    }

    private let entries = Mutex<[String: Entry]>([:])

    public init() {}

    /// The digest of the file's bytes, calculated unless the path had the same bytes before. Safe to call from several
    /// threads.
    func digest(of file: OutputFile) -> ContentDigest {
        if let known = entries.withLock({ $0[file.path] }), known.bytes == file.bytes { return known.digest }
        let digest = ContentDigest(of: file.bytes)
        entries.withLock { $0[file.path] = Entry(bytes: file.bytes, digest: digest) }
        return digest
    }

    /// Lets go of the bytes of files that are no more.
    func forget(allBut files: [OutputFile]) {
        let present = Set(files.map(\.path))
        entries.withLock { entries in entries = entries.filter { present.contains($0.key) } }
    }
}
