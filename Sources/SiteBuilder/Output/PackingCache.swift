import Glibc

/// Packed files by the content they came from, in a folder that may be deleted at any time.
///
/// The strongest settings cost about a second a megabyte, and most files of a build were in the last one. An entry is named by
/// the content's hash and the encoder with its version and settings. It begins with its length and its own hash: one that
/// was cut short or damaged is as good as absent. Nothing that goes wrong here stops a build.
struct PackingCache: Sendable {
    /// What packing a content gave.
    enum Entry: Sendable, Equatable {
        case packed([UInt8], ContentDigest)
        /// It did not get small enough to be worth a second file.
        case useless
    }

    /// Bytes that the folder may hold after pruning.
    static let limit = 256 << 20

    private static let magic = Array("LPK1".utf8)
    private static let headerSize = 4 + 8 + 32

    let folder: String

    /// Makes the folder if it can.
    init(folder: String) {
        self.folder = folder
        try? Files.makeFolder(folder)
    }

    func entry(_ content: ContentDigest, encoder: String) -> Entry? {
        let path = path(content, encoder: encoder)
        guard let file = try? Files.read(path), file.count >= Self.headerSize, file.starts(with: Self.magic) else {
            return nil
        }
        let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(file[4 + $1]) << UInt64(8 * $1) }
        guard length == UInt64(file.count - Self.headerSize) else { return nil }
        let packed = Array(file[Self.headerSize...])
        let hash = ContentDigest(of: packed)
        guard hash.bytes.elementsEqual(file[12..<Self.headerSize]) else { return nil }
        // The time of the file is the time of its last use: pruning goes by it.
        utimensat(AT_FDCWD, path, nil, 0)
        return packed.isEmpty ? .useless : .packed(packed, hash)
    }

    func store(_ entry: Entry, _ content: ContentDigest, encoder: String) {
        var packed: [UInt8] = []
        var hash = ContentDigest(of: [])
        if case .packed(let bytes, let fingerprint) = entry { (packed, hash) = (bytes, fingerprint) }
        var file = Self.magic
        for shift in 0..<8 { file.append(UInt8(truncatingIfNeeded: UInt64(packed.count) >> UInt64(8 * shift))) }
        file += hash.bytes
        file += packed
        // Two builds may store the same entry at once; each renames its own file.
        let path = path(content, encoder: encoder)
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max))~"
        do {
            try Files.write(file, to: temporary)
            try Files.move(temporary, to: path)
        } catch {
            unlink(temporary)
        }
    }

    /// Deletes what was not used for the longest time until the folder holds at most three quarters of the limit. Does nothing
    /// below the limit.
    func prune(limit: Int = PackingCache.limit) {
        guard let entries = try? Files.list(folder) else { return }
        var files: [(path: String, size: Int, used: Int)] = []
        var total = 0
        for entry in entries where entry.kind == .file {
            let path = folder + "/" + entry.name
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            let used = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
            // What a killed build left half written is never read again.
            files.append((path, Int(status.st_size), entry.name.hasSuffix("~") ? 0 : used))
            total += Int(status.st_size)
        }
        guard total > limit else { return }
        files.sort { $0.used < $1.used }
        for file in files {
            if total <= limit / 4 * 3 { break }
            if unlink(file.path) == 0 { total -= file.size }
        }
    }

    private func path(_ content: ContentDigest, encoder: String) -> String { "\(folder)/\(content.hex).\(encoder)" }
}
