/// How the body of a request is sent, by its field `x-amz-content-sha256` (Amazon S3 API Reference, "Signature calculations
/// for the Authorization header: transferring payload in multiple chunks").
public enum PayloadForm: Hashable, Sendable {
    /// As it is; nothing is known about it.
    case unsigned
    /// As it is; 64 hexadecimal digits of its SHA-256.
    case hashed(String)
    /// In chunks, each with a signature.
    case signedChunks(hasTrailers: Bool)
    /// In chunks without signatures, with fields behind the last one.
    case unsignedChunks

    /// - Parameter field: `nil` for a request without it.
    /// - Throws: `S3Error` for a form that is not known.
    public init(_ field: String?) throws(S3Error) {
        switch field {
        case nil, "UNSIGNED-PAYLOAD": self = .unsigned
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": self = .signedChunks(hasTrailers: false)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": self = .signedChunks(hasTrailers: true)
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER": self = .unsignedChunks
        case let text?:
            guard text.utf8.count == 64, text.utf8.allSatisfy(PayloadForm.isDigit) else {
                throw .invalidArgument(
                    "x-amz-content-sha256 has to be UNSIGNED-PAYLOAD, a SHA-256 in hexadecimal digits, or the name of a "
                        + "streaming form.")
            }
            self = .hashed(text.lowercased())
        }
    }

    public var isChunked: Bool {
        switch self {
        case .signedChunks, .unsignedChunks: true
        case .unsigned, .hashed: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
