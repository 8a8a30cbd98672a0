import Crypto
import FoundationEssentials
import StaticAssets

/// Hashes in the spellings the client build needs.
enum ContentHash {
    /// The part of a published file's name that changes with its bytes: the first 16 hex digits.
    static func short(_ bytes: [UInt8]) -> String { String(hex(bytes).prefix(16)) }

    static func hex(_ bytes: some Sequence<UInt8>) -> String { ContentDigest(of: Array(bytes)).hex }

    /// `sha384-…` as Subresource Integrity writes it.
    static func integrity(_ bytes: [UInt8]) -> String {
        "sha384-" + Data(SHA384.hash(data: bytes)).base64EncodedString()
    }

    /// `sha256-…` as Content-Security-Policy names an inline script, without the quotes.
    static func policySource(_ text: String) -> String {
        "sha256-" + Data(SHA256.hash(data: Array(text.utf8))).base64EncodedString()
    }

    /// One hash over named parts. Every part is preceded by its length, so no two lists of parts look alike.
    struct Key {
        private var state = SHA256()

        init() {}

        mutating func add(_ bytes: [UInt8]) {
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { state.update(bufferPointer: $0) }
            state.update(data: bytes)
        }

        mutating func add(_ text: String) { add(Array(text.utf8)) }

        func hex() -> String { Hexadecimal.text(Array(state.finalize())) }
    }
}
