/// A refusal of the S3 API: a code that clients know, its status, and a sentence (Amazon S3 API Reference, "Error
/// responses"; Cloudflare R2 documentation, "Error codes").
public struct S3Error: Error, Hashable, Sendable {
    /// As in the `Code` element: `NoSuchKey`.
    public var code: String
    public var status: Int
    public var message: String

    public init(_ code: String, _ status: Int, _ message: String) {
        self.code = code
        self.status = status
        self.message = message
    }
}

extension S3Error {
    /// R2 answers 401 where S3 answers 403.
    static let unauthorized = S3Error(
        "Unauthorized", 401, "The request is not signed, or with a key that is not known.")
    static let signatureDoesNotMatch = S3Error(
        "SignatureDoesNotMatch", 403,
        "The signature is not the one that the request and the secret key give; check the secret key and the signing "
            + "method.")
    static let expired = S3Error("ExpiredRequest", 403, "The time of this URL is over.")
    static let skewed = S3Error(
        "RequestTimeTooSkewed", 403, "The time of the request is more than 15 minutes away from the server's.")
    static let incompleteBody = S3Error("IncompleteBody", 400, "The body ended before what it announced.")
    static let contentHashMismatch = S3Error(
        "XAmzContentSHA256Mismatch", 400, "The body is not the one whose hash x-amz-content-sha256 names.")

    static func malformedAuthorization(_ reason: String) -> S3Error {
        S3Error("AuthorizationHeaderMalformed", 400, "The signature cannot be read: \(reason).")
    }

    static func invalidArgument(_ message: String) -> S3Error { S3Error("InvalidArgument", 400, message) }

    static func malformedChunk(_ reason: String) -> S3Error {
        S3Error("InvalidRequest", 400, "The chunks of the body cannot be read: \(reason).")
    }
}
