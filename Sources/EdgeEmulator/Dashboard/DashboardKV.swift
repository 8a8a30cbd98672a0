import Foundation
import HTTPTypes
import Workers

/// KV as the dashboard shows and edits it.
struct DashboardKV: Sendable {
    private static let longestShown = 256 * 1024
    private static let longestValue = 25 << 20
    /// Keys that one search looks at.
    private static let mostSearched = 20_000

    let directory: KVDirectory
    let state: any DashboardChanges

    func answer(_ path: [String], _ request: Request) async throws -> Response {
        switch (request.method, path.count) {
        case (.get, 0): return .json(try await namespaces())
        case (.get, 2) where path[1] == "keys": return .json(try await keys(path[0], request.query))
        case (.get, 3) where path[1] == "values": return try await value(path[0], path[2], request.query)
        case (.put, 3) where path[1] == "values": return try await put(path[0], path[2], request)
        case (.delete, 3) where path[1] == "values":
            let entries = try await entries(path[0])
            try await entries.store.remove(try checked(entries, path[2], .delete))
            state.changed("kv")
            return Response(.noContent)
        default: throw Problem.noRoute(request)
        }
    }

    private func namespaces() async throws -> JSON {
        var list: [JSON] = []
        for record in try await directory.all() {
            let count = try await directory.database.count(of: record.id, now: directory.second)
            list.append(
                .object([
                    .init("id", .string(record.id)), .init("title", .string(record.title)),
                    .init("keys", .integer(count)),
                ]))
        }
        return .object([.init("namespaces", .array(list))])
    }

    private func entries(_ id: String) async throws -> KVEntries {
        do {
            return try await directory.entries(id, "dashboard")
        } catch let error as RESTError {
            throw Problem(.notFound, code: "no_namespace", error.message)
        }
    }

    private func checked(_ entries: KVEntries, _ key: String, _ operation: KVOperation) throws -> KVKey {
        do {
            return try entries.checked(key, operation)
        } catch let error as RESTError {
            throw Problem(.badRequest, code: "invalid_key", error.message)
        }
    }

    private func keys(_ id: String, _ query: URLQuery) async throws -> JSON {
        let entries = try await entries(id)
        let limit = try query.limit()
        let search = query["search"] ?? ""
        var cursor = query["cursor"].flatMap { $0.isEmpty ? nil : $0 }
        var found: [KVListedKey] = []
        var seen = 0
        repeat {
            let size = search.isEmpty ? max(10, limit) : 1000
            let page: KVPage
            do {
                page = try await entries.namespace.page(prefix: query["prefix"] ?? "", limit: size, cursor: cursor)
            } catch let error as WorkersError {
                throw Problem(.badRequest, code: "invalid_list", error.message)
            }
            seen += page.keys.count
            cursor = page.cursor
            for (place, key) in page.keys.enumerated() {
                guard search.isEmpty || key.name.utf8.containsBytes(search.utf8) else { continue }
                found.append(key)
                guard found.count == limit, place + 1 < page.keys.count || cursor != nil else { continue }
                // The page ends here; what is behind it comes with the next.
                cursor = KVCursor.text(after: try checked(entries, key.name, .list))
                return try await listed(found, cursor, entries)
            }
        } while cursor != nil && found.count < limit && seen < DashboardKV.mostSearched
        return try await listed(found, cursor, entries)
    }

    private func listed(_ keys: [KVListedKey], _ cursor: String?, _ entries: KVEntries) async throws -> JSON {
        let records = try await entries.store.read(try keys.map { try checked(entries, $0.name, .get) })
        let list = zip(keys, records).map { key, record in
            JSON.object([
                .init("name", .string(key.name)),
                .init("expiration", key.expiration.map { .integer($0) } ?? .null),
                .init("metadata", key.metadata ?? .null), .init("size", .integer(record?.value.count ?? 0)),
            ])
        }
        return .object([.init("keys", .array(list)), .init("cursor", cursor.map { .string($0) } ?? .null)])
    }

    private func value(_ id: String, _ key: String, _ query: URLQuery) async throws -> Response {
        let entries = try await entries(id)
        guard let record = try await entries.read([checked(entries, key, .get)])[0] else {
            throw Problem(.notFound, code: "no_key", "There is no such key any more.")
        }
        if query["download"] != nil { return .download(Body(bytes: record.value), name: key, type: nil) }
        let shown = Array(record.value.prefix(DashboardKV.longestShown))
        return .json(
            .object(
                [
                    .init("name", .string(key)), .init("size", .integer(record.value.count)),
                    .init("truncated", .bool(shown.count < record.value.count)),
                    .init("metadata", try record.metadata.map { try JSON(parsing: $0) } ?? .null),
                    .init("expiration", record.expiration.map { .integer($0) } ?? .null),
                ] + JSON.shown(shown, as: "value")))
    }

    private func put(_ id: String, _ key: String, _ request: Request) async throws -> Response {
        let entries = try await entries(id)
        let body = try await request.json(limit: DashboardKV.longestValue * 3 / 2)
        guard let text = body["value"]?.string else {
            throw Problem(.badRequest, code: "invalid_body", "The body has to be {\"value\": text}.")
        }
        var value = Array(text.utf8)
        if body["base64"]?.bool == true {
            guard let data = Data(base64Encoded: text) else {
                throw Problem(.badRequest, code: "invalid_base64", "The value is not base64.")
            }
            value = Array(data)
        }
        var options = KVPutOptions()
        if let metadata = body["metadata"], !metadata.isNull { options.metadata = metadata }
        options.expiration = body["expiration"]?.integer
        do {
            try await entries.write(try entries.checked(key, .put), try entries.record(value, options))
        } catch let error as RESTError {
            throw Problem(.badRequest, code: "refused", error.message)
        }
        state.changed("kv")
        return Response(.noContent)
    }
}
