import HTTPCaching
import HTTPTypes

extension R2Bucket {
    /// Answers an HTTP request straight from the bucket: conditions, ranges, and the metadata of the object.
    ///
    /// ```swift
    /// func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
    ///     try await env.files.serve(request, key: String(request.url.path.dropFirst()))
    /// }
    /// ```
    /// It is 401 for methods other than GET and HEAD, 404 for a key without an object, 412 and 304 for conditions that
    /// do not hold (RFC 9110 §13.2.2), 400 for a condition or a range that cannot be understood, 416 for one outside
    /// the object, 206 for a part of it. Only 200 and 206 have a body.
    ///
    /// - Parameter key: of the object; a path must be percent-decoded and lose its first slash.
    public func serve(_ request: Request, key: String) async throws -> Response {
        guard request.method == .get || request.method == .head else { return Response(.unauthorized) }
        // A key that no object can have is as good as one that none has.
        guard !key.isEmpty, key.utf8.count <= R2Limits().maxKeyBytes, let object = try await head(key) else {
            return Response(.notFound)
        }
        let plan = R2Serving(request, object)
        var response = try plan.response(for: object)
        guard plan.hasBody, request.method == .get else { return response }

        // Another version may have taken the place meanwhile; the headers must be about the bytes that are sent.
        let onlyIf = R2Conditional(etagMatches: .strong(object.etag))
        switch try await get(key, options: R2GetOptions(range: plan.range, onlyIf: onlyIf)) {
        case .found(let found) where found.version == object.version:
            response.body = found.body
            return response
        case .found(let found): found.body.cancel()
        case .preconditionFailed, nil: break
        }
        return try await serve(request, key: key)
    }
}

/// How a request is answered from an object: a decision over the two.
struct R2Serving: Hashable {
    private enum Answer: Hashable {
        case refused
        case preconditionFailed
        case notModified
        case unsatisfiable
        case whole
        case part(Range<Int>)
    }

    private let answer: Answer

    init(_ request: Request, _ object: R2Object) {
        guard let condition = try? R2Conditional(request.headers) else {
            answer = .refused
            return
        }
        // Before any look at a range (RFC 9110 §13.2.2).
        if !condition.unchanged(object) {
            answer = .preconditionFailed
        } else if !condition.changed(object) {
            answer = .notModified
        } else {
            answer = Self.range(request, object)
        }
    }

    /// Ranges mean something for GET alone (RFC 9110 §14.2).
    private static func range(_ request: Request, _ object: R2Object) -> Answer {
        guard request.method == .get, let field = request.headers[.range] else { return .whole }
        guard appliesRange(request.headers[.ifRange], to: object) else { return .whole }
        guard case .one(let range) = R2RangeField(field) else { return .refused }
        // The binding gives an empty part where HTTP has nothing to give (§14.1.2).
        guard object.size > 0, let bytes = try? range.resolved(in: object.size), !bytes.isEmpty else {
            return .unsatisfiable
        }
        return .part(bytes)
    }

    /// `If-Range`: a part is only worth having if the rest is of the same version (RFC 9110 §13.1.5).
    private static func appliesRange(_ field: String?, to object: R2Object) -> Bool {
        guard let field else { return true }
        if field.contains("\"") { return field == object.httpETag }
        return HTTPDate.seconds(field) == object.uploaded.rounded(.down)
    }

    var hasBody: Bool {
        switch answer {
        case .whole, .part: true
        case .refused, .preconditionFailed, .notModified, .unsatisfiable: false
        }
    }

    /// What to ask the bucket for.
    var range: R2Range? {
        guard case .part(let bytes) = answer else { return nil }
        return R2Range(offset: bytes.lowerBound, length: bytes.count)
    }

    /// The response without its body.
    func response(for object: R2Object) throws -> Response {
        switch answer {
        case .refused: return Response(.badRequest)
        case .preconditionFailed: return Response(.preconditionFailed)
        case .notModified: return Response(.notModified, headers: try validators(object))
        case .unsatisfiable:
            return Response(.rangeNotSatisfiable, headers: [.contentRange: "bytes */\(object.size)"])
        case .whole:
            return Response(.ok, headers: try fields(object, length: object.size))
        case .part(let bytes):
            var headers = try fields(object, length: bytes.count)
            headers[.contentRange] = "bytes \(bytes.lowerBound)-\(bytes.upperBound - 1)/\(object.size)"
            return Response(.partialContent, headers: headers)
        }
    }

    private func fields(_ object: R2Object, length: Int) throws -> Headers {
        var headers: Headers = [.contentType: "application/octet-stream"]
        try object.writeHTTPMetadata(to: &headers)
        headers[.acceptRanges] = "bytes"
        headers[.contentLength] = String(length)
        headers[.eTag] = object.httpETag
        headers[.lastModified] = lastModified(object)
        return headers
    }

    /// What a cache needs to freshen the response it has (RFC 9110 §15.4.5).
    private func validators(_ object: R2Object) throws -> Headers {
        var headers: Headers = [.eTag: object.httpETag, .lastModified: lastModified(object)]
        headers[.cacheControl] = object.httpMetadata.cacheControl
        headers[.expires] = object.httpMetadata.cacheExpiry.map { HTTPDate.text(Int($0.rounded(.down))) }
        return headers
    }

    private func lastModified(_ object: R2Object) -> String { HTTPDate.text(Int(object.uploaded.rounded(.down))) }
}
