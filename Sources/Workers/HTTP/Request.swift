import HTTPTypes

/// Header fields of a request or a response: case-insensitive names, several values a name, order kept.
public typealias Headers = HTTPFields

/// One HTTP request as a handler sees it.
public struct Request: Sendable {
    public var method: HTTPRequest.Method
    public var url: RequestURL
    public var headers: Headers
    public var body: Body

    public init(_ method: HTTPRequest.Method = .get, _ url: RequestURL, headers: Headers = [:], body: Body = .empty) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
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
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            scheme: scheme, authority: authority, path: String(parts[0]),
            query: parts.count > 1 ? String(parts[1]) : nil)
    }

    /// The whole URL as text.
    public var text: String { "\(scheme)://\(authority)\(path)" + (query.map { "?" + $0 } ?? "") }
}

/// The content of a message, complete in memory.
public struct Body: Sendable, Hashable, ExpressibleByStringLiteral {
    public var bytes: [UInt8]

    public static let empty = Body(bytes: [])

    public init(bytes: [UInt8]) { self.bytes = bytes }
    public init(text: some StringProtocol) { self.bytes = Array(text.utf8) }
    public init(stringLiteral text: String) { self.init(text: text) }

    /// The content as UTF-8; ill-formed sequences become U+FFFD, as the Encoding standard's decoder does.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
