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
}
