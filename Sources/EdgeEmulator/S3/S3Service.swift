import EdgeServer
import HTTPTypes
import S3Protocol
import Workers

/// The S3 interface of the R2 buckets.
struct S3Service: Sendable {
    private let platform: LocalPlatform

    init(_ platform: LocalPlatform) { self.platform = platform }

    nonisolated(nonsending) func fetch(_ request: Request, context: ExecutionContext) async throws -> Response {
        let error = S3Error("NotImplemented", 501, "This operation is not implemented.")
        let xml = """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>\(error.code)</Code><Message>\(error.message)</Message></Error>
            """
        var response = Response(HTTPResponse.Status(code: error.status), body: Body(text: xml))
        response.headers[.contentType] = "application/xml"
        return response
    }
}
