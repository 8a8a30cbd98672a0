import HTTPTypes
import Workers

/// Keys, values and metadata of a namespace.
struct KVValues: Sendable {
    private let directory: KVDirectory

    init(_ directory: KVDirectory) { self.directory = directory }

    func answer(_ route: RESTRoute, _ request: Request) async throws -> RESTAnswer {
        switch (route, request.method) {
        case (.keys(let id), _): return try await list(id, request.query)
        case (.metadata(let id, let key), _):
            let record = try await record(id, key)
            return .result(try record.metadata.map { try JSON(parsing: $0) } ?? .null)
        case (.value(let id, let key), .get): return .raw(try await value(id, key))
        case (.value(let id, let key), .put): return try await put(id, key, request)
        case (.value(let id, let key), _): return try await remove(id, key)
        default: throw RESTError.noRoute(request.url.path)
        }
    }

    private func list(_ id: String, _ query: URLQuery) async throws -> RESTAnswer {
        let entries = try await directory.entries(id, "list keys")
        let limit = try query("limit", as: Int.self)
        if let limit, limit < 10 {
            throw RESTError.argument("Invalid key_count_limit of \(limit). Please specify an integer from 10 to 1000.")
        }
        let page: KVPage
        do {
            page = try await entries.namespace.page(
                prefix: query["prefix"] ?? "", limit: limit, cursor: query["cursor"])
        } catch let error as WorkersError {
            throw RESTError(kv: error)
        }
        let info = JSON.object([
            .init("count", .integer(page.keys.count)), .init("cursor", .string(page.cursor ?? "")),
        ])
        return .result(.array(page.keys.map(KVValues.described)), info: info)
    }

    private static func described(_ key: KVListedKey) -> JSON {
        var members: [JSON.Member] = [.init("name", .string(key.name))]
        if let expiration = key.expiration { members.append(.init("expiration", .integer(expiration))) }
        if let metadata = key.metadata { members.append(.init("metadata", metadata)) }
        return .object(members)
    }

    private func record(_ id: String, _ key: String) async throws -> KVRecord {
        let entries = try await directory.entries(id, "get")
        guard let record = try await entries.read(key) else { throw RESTError.missingKey }
        return record
    }

    private func value(_ id: String, _ key: String) async throws -> Response {
        let record = try await record(id, key)
        var response = Response(
            .ok, headers: [.contentType: "application/octet-stream", .cacheControl: "no-store"],
            body: Body(bytes: record.value))
        if let expiration = record.expiration, let name = HTTPField.Name("expiration") {
            response.headers[name] = String(expiration)
        }
        return response
    }

    private func put(_ id: String, _ key: String, _ request: Request) async throws -> RESTAnswer {
        let entries = try await directory.entries(id, "put")
        let key = try entries.checked(key, .put)
        var options = KVPutOptions()
        options.expiration = try request.query("expiration", as: Int.self)
        options.expirationTTL = try request.query("expiration_ttl", as: Int.self)
        // Before the value: it may be long.
        _ = try entries.refusing { try entries.limits.expiration(options, now: entries.second) }
        let upload = try await KVUpload(request, limits: entries.limits)
        options.metadata = upload.metadata
        try await entries.write(key, try entries.record(upload.value, options))
        return .result(.null)
    }

    private func remove(_ id: String, _ key: String) async throws -> RESTAnswer {
        let entries = try await directory.entries(id, "remove key")
        try await entries.store.remove(try entries.checked(key, .delete))
        return .result(.null)
    }
}
