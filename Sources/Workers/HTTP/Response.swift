import HTTPTypes

/// One HTTP response.
public struct Response: Sendable {
    public var status: HTTPResponse.Status
    public var headers: Headers
    public var body: Body

    public init(_ status: HTTPResponse.Status = .ok, headers: Headers = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Plain text in UTF-8.
    public static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status, headers: [.contentType: "text/plain; charset=utf-8"], body: Body(text: text))
    }

    /// A JSON document that is never stored by a cache: answers of an API belong to the moment they were asked for.
    public static func json(_ document: JSON, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: Body(text: document.text))
    }

    /// The same response with a body of its own, so that both can be read.
    ///
    /// - Throws: a `TypeError` when the body was used before.
    public func clone() throws -> Response {
        var copy = self
        copy.body = try body.clone()
        return copy
    }

    /// The whole body; see `Body.bytes(limit:)`.
    public func bytes(limit: Int = .max) async throws -> [UInt8] { try await body.bytes(limit: limit) }
    /// The whole body as UTF-8.
    public func text(limit: Int = .max) async throws -> String { try await body.text(limit: limit) }
    /// The whole body as JSON.
    public func json(limit: Int = .max) async throws -> JSON { try await body.json(limit: limit) }

    /// Refuses what no client could make sense of.
    ///
    /// - Throws: a `RangeError` for a status outside 200–599; a `TypeError` for content with 204, 205 or 304. The rules are
    ///   those of the Fetch standard's `Response` constructor.
    public func validate() throws {
        guard (200...599).contains(status.code) else {
            throw WorkersError(
                .rangeError, "Responses may only be constructed with status codes in the range 200 to 599, inclusive.")
        }
        switch status.code {
        case 204, 205, 304:
            if body.isNull || body.length == 0 { return }
            throw WorkersError(
                .typeError, "Response with null body status (101, 204, 205, or 304) cannot have a body.")
        default: return
        }
    }
}
