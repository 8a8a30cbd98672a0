import Crypto

/// Computes a checksum while content passes by.
public struct S3ChecksumHasher: Sendable {
    private enum State: Sendable {
        case cyclic(CyclicTables, UInt64, byteCount: Int)
        case sha1(Insecure.SHA1)
        case sha256(SHA256)
    }

    private var state: State

    public init(_ algorithm: S3ChecksumAlgorithm) {
        state =
            switch algorithm {
            case .crc32: .cyclic(.crc32, CyclicTables.crc32.start, byteCount: 4)
            case .crc32c: .cyclic(.crc32c, CyclicTables.crc32c.start, byteCount: 4)
            case .crc64nvme: .cyclic(.crc64nvme, CyclicTables.crc64nvme.start, byteCount: 8)
            case .sha1: .sha1(Insecure.SHA1())
            case .sha256: .sha256(SHA256())
            }
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .cyclic(let tables, let register, let byteCount):
            state = .cyclic(tables, tables.update(register, bytes), byteCount: byteCount)
        case .sha1(var hash):
            hash.update(bufferPointer: bytes)
            state = .sha1(hash)
        case .sha256(var hash):
            hash.update(bufferPointer: bytes)
            state = .sha256(hash)
        }
    }

    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// - Returns: most significant byte first.
    public func finalize() -> [UInt8] {
        switch state {
        case .cyclic(let tables, let register, let byteCount):
            withUnsafeBytes(of: tables.value(register).bigEndian) { Array($0.suffix(byteCount)) }
        case .sha1(let hash): Array(hash.finalize())
        case .sha256(let hash): Array(hash.finalize())
        }
    }
}
