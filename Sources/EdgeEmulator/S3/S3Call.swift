import HTTPTypes
import S3Protocol
import Workers

/// One request about an object or a bucket, with what was learned of it so far.
struct S3Call: Sendable {
    let request: Request
    let proof: S3Authentication.Proof
    let bucket: String
    /// Empty for a request about the bucket.
    let key: String

    var fields: Headers { request.headers }
    var place: R2Place { R2Place(bucket: bucket, key: key) }
    var isHead: Bool { request.method == .head }
    /// The path as it was sent, for error documents.
    var resource: String { request.url.path }

    /// The small body of a request that is a document.
    func document() async throws -> [UInt8] {
        let claims = try S3Claims(request, proof)
        guard claims.length <= S3Call.longestDocument else {
            throw S3Error("EntityTooLarge", 400, "The document may have \(S3Call.longestDocument) bytes at most.")
        }
        let intake = try S3Intake(request, claims)
        let bytes = try await intake.body.bytes(limit: S3Call.longestDocument)
        _ = try await intake.seal()
        return bytes
    }

    /// A thousand keys of 1024 bytes, escaped and with their elements, are well below it.
    private static let longestDocument = 8 << 20
}

extension Response {
    /// A document of the S3 interface.
    static func xml(_ bytes: [UInt8], status: HTTPResponse.Status = .ok, headers: Headers = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/xml"
        return Response(status, headers: headers, body: Body(bytes: bytes))
    }
}
