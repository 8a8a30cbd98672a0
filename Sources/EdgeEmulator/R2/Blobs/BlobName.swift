import Workers

/// The name of stored bytes: their SHA-256.
struct BlobName: Hashable, Sendable {
    static let byteCount = 32

    let bytes: [UInt8]

    /// `nil` for anything that is not 32 bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == BlobName.byteCount else { return nil }
        self.bytes = bytes
    }

    /// The name behind a file's place; `nil` for a file that is no blob.
    init?(shard: String, file: String) {
        guard let bytes = Hexadecimal.bytes(shard + file), Hexadecimal.text(bytes) == shard + file else { return nil }
        self.init(bytes)
    }

    /// A folder has a 256th of all files: `ab`.
    var shard: String { Hexadecimal.text(bytes.prefix(1)) }
    /// Inside that folder.
    var file: String { Hexadecimal.text(bytes.dropFirst()) }
}
