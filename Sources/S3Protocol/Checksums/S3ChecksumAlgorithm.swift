/// The checksums that clients send along with content (Amazon S3 User Guide, "Checking object integrity").
public enum S3ChecksumAlgorithm: String, Sendable, Hashable, CaseIterable {
    case crc32 = "CRC32"
    case crc32c = "CRC32C"
    case crc64nvme = "CRC64NVME"
    case sha1 = "SHA1"
    case sha256 = "SHA256"

    /// The field that carries its value: `x-amz-checksum-crc32`.
    public var headerName: String { "x-amz-checksum-\(rawValue.lowercased())" }

    public var byteCount: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// Whether that of all content can be had from those of parts.
    public var supportsFullObject: Bool {
        switch self {
        case .crc32, .crc32c, .crc64nvme: true
        case .sha1, .sha256: false
        }
    }

    /// Whether parts can have one of their own that are hashed together.
    public var supportsComposite: Bool { self != .crc64nvme }
}

/// A value that is known to be one of its algorithm.
public struct S3Checksum: Sendable, Hashable {
    public let algorithm: S3ChecksumAlgorithm
    /// Most significant first.
    public let bytes: [UInt8]

    /// - Parameter base64: with its padding, as fields have it.
    public init?(_ algorithm: S3ChecksumAlgorithm, base64: String) {
        guard let bytes = Base64.decoded(base64), bytes.count == algorithm.byteCount else { return nil }
        self.algorithm = algorithm
        self.bytes = bytes
    }
}

/// RFC 4648 §4, strictly: clients compare these texts.
enum Base64 {
    static func decoded(_ text: String) -> [UInt8]? {
        let source = Array(text.utf8)
        guard source.count % 4 == 0 else { return nil }
        let padding = source.reversed().prefix { $0 == 0x3D }.count
        guard padding <= 2 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(source.count / 4 * 3)
        var (bits, count) = (UInt32(0), 0)
        for byte in source.dropLast(padding) {
            guard let value = value(byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            output.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        // Bits that no byte needs are zero.
        guard bits & ((1 << UInt32(count)) - 1) == 0 else { return nil }
        return output
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x41...0x5A: byte - 0x41
        case 0x61...0x7A: byte - 0x61 + 26
        case 0x30...0x39: byte - 0x30 + 52
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }
}
