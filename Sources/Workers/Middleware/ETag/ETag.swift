import Crypto
import HTTPCaching
import HTTPTypes

/// Gives answers an entity tag, and answers 304 to a client that has them already: RFC 9110 §8.8.3, §13.1.2.
///
/// ```swift
/// let router = try Router<Env> { routes in
///     routes.use(ETag())
///     routes.get("/prices") { call in .text("coffee 2.40\ntea 1.90\n") }
/// }
/// ```
/// It looks at 200 answers to GET and HEAD. The tag is strong and made of the content (SHA-256), which must be in memory;
/// a stream gets none. A tag that the handler has set is kept, on streams too, and is compared in the same way. The
/// handler runs in any case: what is saved is the transfer. For the same reason it belongs inside of middleware that
/// changes bodies.
public struct ETag<Env: Sendable>: Middleware {
    public init() {}

    public func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response {
        var response = try await next(call)
        let method = call.request.method
        guard method == .get || method == .head, response.status == .ok else { return response }
        if response.headers[.eTag] == nil {
            guard let bytes = response.body.buffered, !response.body.isNull else { return response }
            response.headers[.eTag] = Self.tag(of: bytes)
        }
        guard let tag = response.headers[.eTag],
            EntityTag.list(call.request.headers[values: .ifNoneMatch], weaklyHas: tag)
        else { return response }
        response.body.cancel()
        return Response(.notModified, headers: Self.kept(response.headers))
    }

    /// 128 of the hash's bits are plenty for telling two versions of one address apart.
    private static func tag(of bytes: [UInt8]) -> String {
        "\"" + Hexadecimal.text(Array(SHA256.hash(data: bytes).prefix(16))) + "\""
    }

    /// A 304 describes no content (RFC 9110 §15.4.5); everything else of the 200 stays, cookies and CORS included.
    private static func kept(_ headers: Headers) -> Headers {
        var kept = headers
        let described: [HTTPField.Name] = [
            .contentType, .contentLength, .contentEncoding, .contentLanguage, .contentRange, .transferEncoding,
        ]
        for name in described { kept[name] = nil }
        return kept
    }
}
