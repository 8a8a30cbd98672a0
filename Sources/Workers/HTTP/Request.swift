import HTTPTypes

/// Header fields of a request or a response: case-insensitive names, several values a name, order kept.
public typealias Headers = HTTPFields

/// One HTTP request as a handler sees it.
public struct Request: Sendable {
    public var method: HTTPRequest.Method
    public var url: RequestURL
    public var headers: Headers
    public var body: Body
    /// What the edge knows about the request: country, data centre, TLS (Workers documentation, "Request", `cf`).
    public var cf = JSON.null

    public init(_ method: HTTPRequest.Method = .get, _ url: RequestURL, headers: Headers = [:], body: Body = .empty) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// The same request with a body of its own, so that both can be read.
    ///
    /// - Throws: a `TypeError` when the body was used before.
    public func clone() throws -> Request {
        if body.isUsed { throw WorkersError.usedRequest }
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
}

/// The URL of a request, in the parts that handlers ask for.
///
/// `path` and `query` are kept exactly as sent (percent-encoded); `path` begins with `/`.
public struct RequestURL: Sendable, Hashable {
    public var scheme: String
    /// Host and, where it is not the scheme's own, port: `example.com`, `127.0.0.1:8787`.
    public var authority: String
    public var path: String
    /// Without the `?`; `nil` when there is none, empty for a bare `?`.
    public var query: String?

    public init(scheme: String = "https", authority: String, path: String, query: String? = nil) {
        self.scheme = scheme
        self.authority = authority
        self.path = path
        self.query = query
    }

    /// The URL of a request target in origin form (RFC 9112 §3.2.1): `/path?query`.
    public init(scheme: String, authority: String, target: String) {
        let mark = target.utf8.firstIndex(of: 0x3F)
        self.init(
            scheme: scheme, authority: authority, path: mark.map { String(target[..<$0]) } ?? target,
            query: mark.map { String(target[$0...].dropFirst()) })
    }

    /// The whole URL as text.
    public var text: String { "\(scheme)://\(authority)\(path)" + (query.map { "?" + $0 } ?? "") }
}
