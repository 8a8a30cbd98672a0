import Crypto
import StaticAssets

/// The SHA-256 of some bytes, by which the manifest and the caches know a content.
public struct ContentDigest: Sendable, Hashable {
    /// 32 bytes.
    public let bytes: [UInt8]

    public init(of content: [UInt8]) { bytes = Array(SHA256.hash(data: content)) }

    public init(of text: String) { self.init(of: Array(text.utf8)) }

    /// 64 lower-case digits.
    public var hex: String { Hexadecimal.text(bytes) }
}
