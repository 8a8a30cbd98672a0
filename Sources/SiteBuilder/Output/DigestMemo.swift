import Synchronization

/// The digests of contents that stay the same from one build of a session to the next.
///
/// Parts that have not changed hand over the very arrays of the build before, and comparing those looks at no byte. A
/// thousand pages are so told apart in the time that hashing ten of them would take.
public final class DigestMemo: Sendable {
    private struct Entry: Sendable {
        var bytes: [UInt8]
        var digest: ContentDigest
    }

    private let known = Mutex<[String: Entry]>([:])

    public init() {}

    func digest(of file: OutputFile) -> ContentDigest {
        if let old = known.withLock({ $0[file.path] }), old.bytes == file.bytes { return old.digest }
        let digest = ContentDigest(of: file.bytes)
        known.withLock { $0[file.path] = Entry(bytes: file.bytes, digest: digest) }
        return digest
    }
}
