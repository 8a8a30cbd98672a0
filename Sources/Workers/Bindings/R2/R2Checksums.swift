/// The checksums that are known of an object. An object that was uploaded in parts has none.
public struct R2Checksums: Sendable, Hashable {
    public var md5: [UInt8]?
    public var sha1: [UInt8]?
    public var sha256: [UInt8]?
    public var sha384: [UInt8]?
    public var sha512: [UInt8]?

    public init(
        md5: [UInt8]? = nil, sha1: [UInt8]? = nil, sha256: [UInt8]? = nil, sha384: [UInt8]? = nil,
        sha512: [UInt8]? = nil
    ) {
        self.md5 = md5
        self.sha1 = sha1
        self.sha256 = sha256
        self.sha384 = sha384
        self.sha512 = sha512
    }

    /// Those that are known, in hexadecimal digits.
    public var json: JSON {
        let known: [(String, [UInt8]?)] = [
            ("md5", md5), ("sha1", sha1), ("sha256", sha256), ("sha384", sha384), ("sha512", sha512),
        ]
        return .object(
            known.compactMap { name, bytes in bytes.map { JSON.Member(name, .string(Hexadecimal.text($0))) } })
    }

    package subscript(algorithm: R2HashAlgorithm) -> [UInt8]? {
        get {
            switch algorithm {
            case .md5: md5
            case .sha1: sha1
            case .sha256: sha256
            case .sha384: sha384
            case .sha512: sha512
            }
        }
        set {
            switch algorithm {
            case .md5: md5 = newValue
            case .sha1: sha1 = newValue
            case .sha256: sha256 = newValue
            case .sha384: sha384 = newValue
            case .sha512: sha512 = newValue
            }
        }
    }
}

/// A checksum that the writer of an object knows: hexadecimal digits of either case, or the bytes.
public enum R2Digest: Sendable, Hashable, ExpressibleByStringLiteral {
    case hex(String)
    case bytes([UInt8])

    public init(stringLiteral text: String) { self = .hex(text) }

    /// - Throws: a `TypeError` for anything that is no checksum of this algorithm.
    func bytes(for algorithm: R2HashAlgorithm) throws -> [UInt8] {
        let name = algorithm.rawValue
        switch self {
        case .bytes(let bytes):
            if bytes.count == algorithm.byteCount { return bytes }
            throw WorkersError(.typeError, "\(name) is \(algorithm.byteCount) bytes, not \(bytes.count)")
        case .hex(let text):
            guard text.utf8.count == algorithm.byteCount * 2 else {
                throw WorkersError(
                    .typeError, "\(name) is \(algorithm.byteCount * 2) hex characters, not \(text.count)")
            }
            if let bytes = Hexadecimal.bytes(text) { return bytes }
            throw WorkersError(.typeError, "Provided \(name) wasn't a valid hex string")
        }
    }
}

/// The hash functions that R2 knows, under the names its messages use.
package enum R2HashAlgorithm: String, Sendable, CaseIterable {
    case md5 = "MD5"
    case sha1 = "SHA-1"
    case sha256 = "SHA-256"
    case sha384 = "SHA-384"
    case sha512 = "SHA-512"

    package var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }
}

/// The one checksum that a writer has named.
struct R2NamedDigest: Hashable {
    var algorithm: R2HashAlgorithm
    var bytes: [UInt8]

    /// - Returns: `nil` when the options name none.
    /// - Throws: a `TypeError` for more than one, and for one that is no checksum.
    init?(_ options: R2PutOptions) throws {
        let given: [(R2HashAlgorithm, R2Digest?)] = [
            (.md5, options.md5), (.sha1, options.sha1), (.sha256, options.sha256), (.sha384, options.sha384),
            (.sha512, options.sha512),
        ]
        let named = given.compactMap { algorithm, digest in digest.map { (algorithm, $0) } }
        guard let (algorithm, digest) = named.first else { return nil }
        if named.count > 1 { throw WorkersError(.typeError, "You cannot specify multiple hashing algorithms.") }
        self.algorithm = algorithm
        bytes = try digest.bytes(for: algorithm)
    }
}
