import Crypto

/// A key for encryption at rest (SSE-C): 32 bytes, or their 64 hexadecimal digits.
public enum R2EncryptionKey: Sendable, Hashable, ExpressibleByStringLiteral {
    case hex(String)
    case bytes([UInt8])

    public init(stringLiteral text: String) { self = .hex(text) }

    /// - Throws: a `TypeError` for anything but 32 bytes.
    func secret() throws -> R2SecretKey {
        switch self {
        case .bytes(let bytes):
            if let key = R2SecretKey(bytes) { return key }
        case .hex(let text):
            if let key = Hexadecimal.bytes(text).flatMap({ R2SecretKey($0) }) { return key }
        }
        throw WorkersError(.typeError, "SSE-C Key must be 32 bytes in length")
    }
}

extension R2EncryptionKey: CustomStringConvertible, CustomDebugStringConvertible {
    /// Nothing of the key: it must not reach a log.
    public var description: String { "an SSE-C key" }
    public var debugDescription: String { description }
}

/// A key of the right length.
struct R2SecretKey: Sendable, Hashable {
    let bytes: [UInt8]

    init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// In hexadecimal digits: what is kept of a key.
    var md5: String { Hexadecimal.text(Array(Insecure.MD5.hash(data: bytes))) }

    /// Whether what was stored with `known`, the MD5 of a key or none, may be read with this key, or none.
    static func check(_ key: R2SecretKey?, against known: String?) throws(R2Failure) {
        switch (key, known) {
        case (nil, nil): return
        case (let key?, let known?):
            if key.md5 != known { throw .encryptionKeyWrong }
        case (nil, _), (_, nil): throw .encryptionKeyMissing
        }
    }
}

extension R2Object {
    /// Whether a caller who names this key, or none, may see the object: a head of the S3 interface asks for the key,
    /// too.
    ///
    /// - Throws: `R2Failure`; a `TypeError` for a key that is none.
    package func checkKey(_ key: R2EncryptionKey?) throws {
        try R2SecretKey.check(key?.secret(), against: ssecKeyMd5)
    }
}
