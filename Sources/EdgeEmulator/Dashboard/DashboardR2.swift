import HTTPTypes
import Workers

/// R2 as the dashboard shows and edits it.
struct DashboardR2: Sendable {
    /// Objects that one search looks at.
    private static let mostSearched = 20_000

    let buckets: LocalR2Buckets
    let statistics: @Sendable (String) async throws -> (objects: Int, bytes: Int)
    let state: any DashboardChanges

    func answer(_ path: [String], _ request: Request) async throws -> Response {
        do {
            switch (request.method, path.count) {
            case (.get, 0): return .json(try await list())
            case (.get, 2) where path[1] == "objects": return .json(try await objects(path[0], request.query))
            case (.get, 3) where path[1] == "objects": return try await object(path[0], path[2], request.query)
            case (.put, 3) where path[1] == "objects": return try await put(path[0], path[2], request)
            case (.delete, 3) where path[1] == "objects":
                _ = try await buckets.existing(path[0]).remove([R2Removal(path[2])])
                state.changed("r2")
                return Response(.noContent)
            default: throw Problem.noRoute(request)
            }
        } catch let failure as R2Failure {
            let isMissing = failure == .noSuchBucket || failure == .noSuchKey
            throw Problem(isMissing ? .notFound : .badRequest, code: "r2_\(failure.code)", failure.message)
        }
    }

    private func list() async throws -> JSON {
        var list: [JSON] = []
        for bucket in try await buckets.list().buckets {
            let (count, bytes) = try await statistics(bucket.name)
            list.append(
                .object([
                    .init("name", .string(bucket.name)), .init("created", .milliseconds(bucket.created)),
                    .init("objects", .integer(count)), .init("bytes", .integer(bytes)),
                ]))
        }
        return .object([.init("buckets", .array(list))])
    }

    private func objects(_ name: String, _ query: URLQuery) async throws -> JSON {
        let bucket = buckets.existing(name)
        let search = query["search"] ?? ""
        let limit = try query.limit()
        var options = R2ListOptions(prefix: query["prefix"] ?? "", limit: search.isEmpty ? limit : 1000)
        if search.isEmpty { options.delimiter = query["delimiter"] ?? "/" }
        options.cursor = query["cursor"].flatMap { $0.isEmpty ? nil : $0 }
        var found: [R2Object] = []
        var prefixes: [String] = []
        var seen = 0
        repeat {
            let page = try await bucket.page(options)
            seen += page.objects.count
            prefixes += page.delimitedPrefixes
            found += page.objects.filter { search.isEmpty || $0.key.utf8.containsBytes(search.utf8) }
            options.cursor = page.cursor
        } while options.cursor != nil && !search.isEmpty && found.count < limit && seen < DashboardR2.mostSearched
        let list = found.map { object in
            JSON.object([
                .init("key", .string(object.key)), .init("size", .integer(object.size)),
                .init("etag", .string(object.etag)), .init("uploaded", .milliseconds(object.uploaded)),
                .init("storageClass", .string(object.storageClass.rawValue)),
            ])
        }
        return .object([
            .init("objects", .array(list)), .init("prefixes", .array(prefixes.map { .string($0) })),
            .init("cursor", options.cursor.map { .string($0) } ?? .null),
        ])
    }

    private func object(_ name: String, _ key: String, _ query: URLQuery) async throws -> Response {
        let bucket = buckets.existing(name)
        if query["download"] != nil {
            guard let found = try await bucket.fetch(key, options: R2GetOptions()), let body = found.body else {
                throw R2Failure.noSuchKey
            }
            return .download(body, name: key, type: found.object.httpMetadata.contentType)
        }
        guard let record = try await bucket.record(key) else { throw R2Failure.noSuchKey }
        let object = record.object
        var headers = Headers()
        try object.writeHTTPMetadata(to: &headers)
        let http = headers.map { JSON.Member($0.name.rawName, .string($0.value)) }
        let custom = object.customMetadata.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
        return .json(
            .object([
                .init("key", .string(object.key)), .init("size", .integer(object.size)),
                .init("etag", .string(object.etag)), .init("uploaded", .milliseconds(object.uploaded)),
                .init("storageClass", .string(object.storageClass.rawValue)),
                .init("encrypted", .bool(object.ssecKeyMd5 != nil)), .init("httpMetadata", .object(http)),
                .init("customMetadata", .object(custom)), .init("checksums", object.checksums.json),
            ]))
    }

    private func put(_ name: String, _ key: String, _ request: Request) async throws -> Response {
        let options = R2PutOptions(httpMetadata: R2HTTPMetadata(contentType: request.headers[.contentType]))
        let stored = try await buckets.existing(name).store(key, request.body, options: options, seal: { nil })
        guard let stored else { throw R2Failure.preconditionFailed }
        state.changed("r2")
        return .json(
            .object([
                .init("key", .string(key)), .init("etag", .string(stored.etag)), .init("size", .integer(stored.size)),
            ]), status: .created)
    }
}
