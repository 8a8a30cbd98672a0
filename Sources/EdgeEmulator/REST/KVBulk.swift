import Foundation
import Workers

/// Many keys in one call.
struct KVBulk: Sendable {
    private static let mostKeys = 10_000
    /// Bytes of a body.
    private static let mostBody = 100 << 20
    /// How many writes share their way to the disk.
    private static let portion = 250

    private let directory: KVDirectory

    init(_ directory: KVDirectory) { self.directory = directory }

    func answer(_ route: RESTRoute, _ request: Request) async throws -> RESTAnswer {
        switch (route, request.method) {
        case (.bulk(let id), .put): return try await put(id, request)
        case (.bulk(let id), _), (.bulkDelete(let id), _): return try await remove(id, request)
        case (.bulkGet(let id), _): return try await get(id, request)
        default: throw RESTError.noRoute(request.url.path)
        }
    }

    // MARK: Writing

    /// Every item is checked before the first is written; of items with the same key the last one counts.
    private func put(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let entries = try await directory.entries(id, "bulk put keys")
        let items = try await list(request, of: "objects with key and value")
        var records: [KVKey: KVRecord] = [:]
        for (index, item) in items.enumerated() {
            do {
                let (key, record) = try KVBulk.parsed(item, entries)
                records[key] = record
            } catch var error as RESTError {
                error.message = "Item \(index): \(error.message)"
                throw error
            }
        }
        let failed = try await each(Array(records)) { try await entries.write($0.key, $0.value) }
        return KVBulk.counted(items.count, failed.map(\.key))
    }

    private static func parsed(_ item: JSON, _ entries: KVEntries) throws -> (KVKey, KVRecord) {
        guard let name = item["key"]?.string else { throw RESTError.argument("key has to be a text.") }
        guard let text = item["value"]?.string else { throw RESTError.argument("value has to be a text.") }
        var value = Array(text.utf8)
        switch item["base64"] {
        case nil, .null, .bool(false): break
        case .bool(true):
            guard let data = Data(base64Encoded: text) else { throw RESTError.argument("value is not base64.") }
            value = Array(data)
        default: throw RESTError.argument("base64 has to be true or false.")
        }
        var options = KVPutOptions()
        options.expiration = try whole(item, "expiration")
        options.expirationTTL = try whole(item, "expiration_ttl")
        options.metadata = item["metadata"]
        return (try entries.checked(name, .put), try entries.record(value, options))
    }

    private static func whole(_ item: JSON, _ name: String) throws -> Int? {
        guard let value = item[name], !value.isNull else { return nil }
        guard let number = value.integer else { throw RESTError.argument("\(name) has to be a whole number.") }
        return number
    }

    private func remove(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let entries = try await directory.entries(id, "bulk remove keys")
        let items = try await list(request, of: "key names")
        let keys = try items.map { item in
            guard let name = item.string else { throw RESTError.argument("The body has to be a list of key names.") }
            return try entries.checked(name, .delete)
        }
        let failed = try await each(Array(Set(keys))) { try await entries.store.remove($0) }
        return KVBulk.counted(keys.count, failed)
    }

    /// - Returns: what failed; it may be tried again.
    private func each<Item: Sendable>(
        _ items: [Item], _ work: @escaping @Sendable (Item) async throws -> Void
    ) async throws -> [Item] {
        var failed: [Item] = []
        for start in stride(from: 0, to: items.count, by: KVBulk.portion) {
            let portion = items[start..<min(start + KVBulk.portion, items.count)]
            await withTaskGroup(of: Item?.self) { group in
                for item in portion {
                    group.addTask {
                        do {
                            try await work(item)
                            return nil
                        } catch {
                            return item
                        }
                    }
                }
                for await item in group { if let item { failed.append(item) } }
            }
        }
        return failed
    }

    private static func counted(_ count: Int, _ failed: [KVKey]) -> RESTAnswer {
        .result(
            .object([
                .init("successful_key_count", .integer(count - failed.count)),
                .init("unsuccessful_keys", .array(failed.map { .string($0.text) })),
            ]))
    }

    private func list(_ request: Request, of what: String) async throws -> [JSON] {
        let body = try await request.restJSON(limit: KVBulk.mostBody, code: 10001)
        guard let items = body.array else { throw RESTError.argument("The body has to be a list of \(what).") }
        guard (1...KVBulk.mostKeys).contains(items.count) else {
            throw RESTError.argument("The body has \(items.count) items; it takes 1 to \(KVBulk.mostKeys).")
        }
        return items
    }

    // MARK: Reading

    private func get(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let entries = try await directory.entries(id, "bulk get keys")
        let body = try await request.restJSON(limit: 1 << 20, code: 10001)
        guard let names = body["keys"]?.array else { throw RESTError.argument("keys has to be a list of key names.") }
        guard body["type"] == nil || body["type"]?.string != nil else {
            throw RESTError.argument("type has to be text or json.")
        }
        let type = body["type"]?.string ?? "text"
        let hasMetadata = body["withMetadata"]?.bool ?? false
        var seen: Set<KVKey> = []
        var keys: [KVKey] = []
        try entries.refusing {
            try entries.limits.check(bulkType: type)
            try entries.limits.check(bulkCount: names.count)
        }
        for name in names {
            guard let text = name.string else { throw RESTError.argument("keys has to be a list of key names.") }
            let key = try entries.checked(text, .getBulk)
            if seen.insert(key).inserted { keys.append(key) }
        }
        let records = try await entries.read(keys)
        let bytes = records.reduce(0) { $0 + ($1?.value.count ?? 0) }
        try entries.refusing { try entries.limits.check(bulkLength: bytes) }
        let members = try zip(keys, records).map { key, record in
            let described = try record.map { try KVBulk.described($0, type: type, hasMetadata: hasMetadata) }
            return JSON.Member(key.text, described ?? .null)
        }
        return .result(.object([.init("values", .object(members))]))
    }

    private static func described(_ record: KVRecord, type: String, hasMetadata: Bool) throws -> JSON {
        var value = JSON.null
        if type == "json" {
            guard let json = try? JSON(parsing: record.value) else {
                throw RESTError.argument("At least one of the requested keys corresponds to a non-json value")
            }
            value = json
        } else {
            value = .string(String(decoding: record.value, as: UTF8.self))
        }
        guard hasMetadata else { return value }
        let metadata = try record.metadata.map { try JSON(parsing: $0) } ?? .null
        var members: [JSON.Member] = [.init("value", value), .init("metadata", metadata)]
        if let expiration = record.expiration { members.append(.init("expiration", .integer(expiration))) }
        return .object(members)
    }
}
