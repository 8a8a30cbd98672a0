import HTTPTypes

extension Response {
    /// The response as it may go to the client that sent `request`.
    ///
    /// - 204 and 304 go without a body and its length, 205 without a body (RFC 9110 §15.3.5, §15.3.6, §15.4.5, §8.6).
    /// - The answer to HEAD keeps the fields of the GET, `Content-Length` included, and loses the body (§9.3.2); a body
    ///   that is a stream is cancelled.
    ///
    /// Doing it twice changes nothing.
    ///
    /// - Throws: what `validate()` throws.
    public func normalised(for request: Request) throws -> Response {
        try validate()
        var response = self
        switch status.code {
        case 204, 205, 304:
            response.dropBody()
            response.headers[.transferEncoding] = nil
            response.headers[.contentLength] = status.code == 205 ? "0" : nil
        case _ where request.method == .head:
            if headers[.contentLength] == nil, !body.isNull, let length = body.length {
                response.headers[.contentLength] = String(length)
            }
            response.dropBody()
        default: break
        }
        return response
    }

    private mutating func dropBody() {
        if body.length != 0 { body.cancel() }
        body = .empty
    }
}
