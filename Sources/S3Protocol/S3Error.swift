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
