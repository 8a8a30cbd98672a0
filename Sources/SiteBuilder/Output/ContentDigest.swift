import Crypto

/// The SHA-256 of some bytes, by which the manifest and the caches know a content.
public struct ContentDigest: Sendable, Hashable {
    /// 32 bytes.
    public let bytes: [UInt8]

    public init(of content: [UInt8]) { bytes = Array(SHA256.hash(data: content)) }

    public init(of text: String) { self.init(of: Array(text.utf8)) }

    /// 64 lower-case digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for (index, byte) in bytes.enumerated() {
                buffer[index * 2] = digits[Int(byte >> 4)]
                buffer[index * 2 + 1] = digits[Int(byte & 15)]
            }
            return bytes.count * 2
        }
    }
}
