import HTTPTypes
import Workers

/// Objects of the ledger.
///
/// | | |
/// |---|---|
/// | `PUT /r2/KEY` | an object; `?metadata={"name":"text"}`, `?md5`, `?sha256`, and the header fields that objects keep |
/// | `GET DELETE /r2/KEY` | the object or the `Range` of it; `?offset`, `?length`, `?suffix`; `?head` tells what is known of it |
/// | `GET /r2` | a page: `?prefix`, `?limit`, `?cursor` |
/// | `POST /r2/KEY?uploads` | begins an upload; `?metadata` |
/// | `PUT /r2/KEY?upload=ID&part=N` | a part; answers its etag |
/// | `POST DELETE /r2/KEY?upload=ID` | completes it from a JSON list of `[number, etag]`; aborts it |
extension Ledger {
    func object(_ call: Call, _ key: String, _ objects: any R2Bucket) async throws -> Response {
        if let id = call["upload"] {
            return try await upload(call, objects.resumeMultipartUpload(key, uploadID: id))
        }
        switch call.method {
        case .post where call["uploads"] != nil:
            let options = R2MultipartOptions(
                httpMetadata: R2HTTPMetadata(call.headers), customMetadata: try customMetadata(call))
            return .text(try await objects.createMultipartUpload(key, options: options).uploadID)
        case .put:
            let options = R2PutOptions(
                httpMetadata: R2HTTPMetadata(call.headers), customMetadata: try customMetadata(call),
                md5: call["md5"].map { .hex($0) }, sha256: call["sha256"].map { .hex($0) })
            let object = try await objects.put(key, call.body, options: options)
            return .text(object?.etag ?? "")
        case .get where call["head"] != nil:
            guard let object = try await objects.head(key) else { return Response(.notFound) }
            return .json(describe(object))
        case .get:
            guard let found = try await objects.get(key, range: range(call)) else { return Response(.notFound) }
            var headers: Headers = [.eTag: found.httpETag, Call.metadata: custom(found.object).text]
            try found.writeHTTPMetadata(to: &headers)
            return Response(headers: headers, body: found.body)
        case .delete:
            try await objects.delete(key)
            return Response(.noContent)
        default: throw Call.unknown
        }
    }

    func objects(_ call: Call, _ objects: any R2Bucket) async throws -> Response {
        let page = try await objects.list(
            R2ListOptions(
                prefix: call["prefix"] ?? "", cursor: call["cursor"], limit: call.integer("limit") ?? 1000,
                include: [.customMetadata]))
        return .json(
            .object([
                .init("objects", .array(page.objects.map(describe))),
                .init("cursor", page.cursor.map { .string($0) } ?? .null),
            ]))
    }

    private func upload(_ call: Call, _ upload: any R2MultipartUpload) async throws -> Response {
        switch call.method {
        case .put: return .text(try await upload.uploadPart(call.integer("part") ?? 0, call.body).etag)
        case .post:
            let parts = try await call.body.json().array ?? []
            let named = parts.map { R2UploadedPart(partNumber: $0[0]?.integer ?? 0, etag: $0[1]?.string ?? "") }
            return .text(try await upload.complete(named).etag)
        case .delete:
            try await upload.abort()
            return Response(.noContent)
        default: throw Call.unknown
        }
    }

    private func range(_ call: Call) -> R2Range? {
        let (offset, length, suffix) = (call.integer("offset"), call.integer("length"), call.integer("suffix"))
        if offset == nil, length == nil, suffix == nil { return R2Range(call.headers) }
        return R2Range(offset: offset, length: length, suffix: suffix)
    }

    private func customMetadata(_ call: Call) throws -> [String: String] {
        var metadata: [String: String] = [:]
        for member in try call["metadata"].map({ try JSON(parsing: $0) })?.members ?? [] {
            metadata[member.name] = member.value.string
        }
        return metadata
    }

    private func custom(_ object: R2Object) -> JSON {
        let sorted = object.customMetadata.sorted { $0.key < $1.key }
        return .object(sorted.map { JSON.Member($0.key, .string($0.value)) })
    }

    private func describe(_ object: R2Object) -> JSON {
        .object([
            .init("key", .string(object.key)), .init("size", .integer(object.size)),
            .init("etag", .string(object.etag)), .init("checksums", object.checksums.json),
            .init("metadata", custom(object)),
        ])
    }
}
