import Workers

/// Namespaces themselves: `/storage/kv/namespaces`.
struct KVNamespaces: Sendable {
    private static let longestTitle = 512
    private static let mostBody = 1 << 20

    private let directory: KVDirectory

    init(_ directory: KVDirectory) { self.directory = directory }

    func answer(_ route: RESTRoute, _ request: Request) async throws -> RESTAnswer {
        switch (route, request.method) {
        case (.namespaces, .get): return try await list(request.query)
        case (.namespaces, _): return try await create(request)
        case (.namespace(let id), .get): return .result(KVNamespaces.described(try await record(id, "get namespace")))
        case (.namespace(let id), .put): return try await rename(id, request)
        case (.namespace(let id), _): return try await remove(id)
        default: throw RESTError.noRoute(request.url.path)
        }
    }

    private func list(_ query: URLQuery) async throws -> RESTAnswer {
        let page = try query("page", as: Int.self, in: 1...1_000_000) ?? 1
        let size = try query("per_page", as: Int.self, in: 1...1000) ?? 20
        let order = query["order"] ?? "id"
        let direction = query["direction"] ?? "asc"
        guard order == "id" || order == "title" else { throw RESTError.argument("order has to be id or title.") }
        guard direction == "asc" || direction == "desc" else {
            throw RESTError.argument("direction has to be asc or desc.")
        }
        var all = try await directory.all()
        if order == "title" { all.sort { $0.title < $1.title } }
        if direction == "desc" { all.reverse() }
        let part = all.dropFirst((page - 1) * size).prefix(size)
        let info = JSON.object([
            .init("page", .integer(page)), .init("per_page", .integer(size)), .init("count", .integer(part.count)),
            .init("total_count", .integer(all.count)),
        ])
        return .result(.array(part.map(KVNamespaces.described)), info: info)
    }

    private func create(_ request: Request) async throws -> RESTAnswer {
        let operation = "create namespace"
        var generator = SystemRandomNumberGenerator()
        let id = QueueMessageID(high: generator.next(), low: generator.next()).text
        let record = KVNamespaceRecord(id: id, title: try await title(request))
        return try await keep(record, operation)
    }

    private func rename(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let operation = "rename namespace"
        _ = try await record(id, operation)
        return try await keep(KVNamespaceRecord(id: id, title: try await title(request)), operation)
    }

    private func keep(_ record: KVNamespaceRecord, _ operation: String) async throws -> RESTAnswer {
        // Titles of the configuration are in no table.
        let isTaken = try await directory.all().contains { $0.id != record.id && $0.title == record.title }
        if isTaken { throw RESTError.titleTaken(operation) }
        do {
            try await directory.database.keep(record)
        } catch KVDatabase.DirectoryFailure.titleTaken {
            throw RESTError.titleTaken(operation)
        } catch KVDatabase.DirectoryFailure.tooMany {
            throw RESTError.argument("An account has at most \(KVDatabase.mostNamespaces) namespaces.")
        }
        return .result(KVNamespaces.described(record))
    }

    private func remove(_ id: String) async throws -> RESTAnswer {
        _ = try await record(id, "remove namespace")
        if directory.isConfigured(id) {
            throw RESTError.argument(
                "The namespace \(id) is bound to a Worker in wrangler.toml; remove it there before you delete it.")
        }
        try await directory.database.removeNamespace(id)
        return .result(.null)
    }

    private func record(_ id: String, _ operation: String) async throws -> KVNamespaceRecord {
        guard let record = try await directory.record(id) else { throw RESTError.missingNamespace(operation) }
        return record
    }

    private func title(_ request: Request) async throws -> String {
        let body = try await request.restJSON(limit: KVNamespaces.mostBody, code: 10001)
        guard let title = body["title"]?.string, !title.isEmpty else {
            throw RESTError.argument("The body needs a title, a text that is not empty.")
        }
        guard title.unicodeScalars.count <= KVNamespaces.longestTitle else {
            throw RESTError.argument("A title has at most \(KVNamespaces.longestTitle) characters.")
        }
        return title
    }

    private static func described(_ record: KVNamespaceRecord) -> JSON {
        .object([
            .init("id", .string(record.id)), .init("title", .string(record.title)),
            .init("supports_url_encoding", .bool(true)),
        ])
    }
}
