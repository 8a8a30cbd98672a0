import Foundation
import HTTPTypes
import Workers

/// Queues as the dashboard shows and works on them.
struct DashboardQueues: Sendable {
    /// Bytes of a body that are shown.
    private static let longestShown = 64 * 1024

    let register: QueueRegister
    let state: any DashboardChanges

    private var ledger: QueueLedger { register.ledger }

    func answer(_ path: [String], _ request: Request) async throws -> Response {
        if path.isEmpty, request.method == .get { return .json(list()) }
        guard let name = path.first, ledger.contains(name) else {
            throw Problem(.notFound, code: "no_queue", "There is no such queue.")
        }
        switch (request.method, path.dropFirst().first, path.count) {
        case (.get, "messages", 2): return .json(try await messages(name, request.query))
        case (.post, "messages", 2): return try await send(name, request)
        case (.delete, "messages", 3): try await purge(name, path[2])
        case (.post, "messages", 4) where path[3] == "redeliver":
            guard try await ledger.redeliver(name, ids: [path[2]]) == 1 else { throw DashboardQueues.gone }
        case (.post, "redeliver", 2):
            let count = try await ledger.redeliver(name)
            state.changed("queues")
            return .json(.object([.init("count", .integer(count))]))
        default: throw Problem.noRoute(request)
        }
        state.changed("queues")
        return Response(.noContent)
    }

    /// All queues, for the page and for its events.
    func list() -> JSON {
        let entries = register.all
        let graves = Set(entries.compactMap { $0.consumer?.consumer.deadLetterQueue })
        let queues = entries.map { entry in
            let counts = ledger.counts(of: entry.name)
            let grave = entry.consumer?.consumer.deadLetterQueue
            let consumer = entry.consumer.map { $0.script ?? ($0.consumer.kind == .worker ? "a Worker" : "pull") }
            return JSON.object([
                .init("name", .string(entry.name)), .init("waiting", .integer(counts.waiting)),
                .init("delayed", .integer(counts.delayed)), .init("leased", .integer(counts.leased)),
                .init("isDeadLetterQueue", .bool(graves.contains(entry.name))),
                .init("dead", grave.map { .integer(ledger.survey($0).count) } ?? .null),
                .init("deadLetterQueue", grave.map { .string($0) } ?? .null),
                .init("consumer", consumer.map { .string($0) } ?? .null),
                .init("paused", .bool(entry.settings.isPaused)),
            ])
        }
        return .object([.init("queues", .array(queues))])
    }

    private func messages(_ name: String, _ query: URLQuery) async throws -> JSON {
        let limit = try query.limit()
        let wanted = query["state"] ?? "all"
        let search = query["search"] ?? ""
        let after = query["cursor"].flatMap { Int($0) } ?? 0
        let records = ledger.survey(name).filter { record in
            record.key > after && (wanted == "all" || record.phase.name == wanted)
        }
        var found: [JSON] = []
        var last: Int?
        var start = 0
        while start < records.count, found.count < limit {
            let part = Array(records[start..<min(start + 100, records.count)])
            start += part.count
            let contents = try await ledger.contents(of: part)
            for record in part where found.count < limit {
                last = record.key
                guard let content = contents[record.key] else { continue }
                let isWanted = search.isEmpty || content.bytes.containsBytes(search.utf8) || record.id.text == search
                if isWanted { found.append(DashboardQueues.described(record, content)) }
            }
        }
        let hasMore = last.map { $0 < records.last?.key ?? 0 } ?? false
        return .object([
            .init("messages", .array(found)), .init("cursor", hasMore ? .string(String(last ?? 0)) : .null),
        ])
    }

    private static func described(_ record: QueueRecord, _ content: QueueContent) -> JSON {
        let visible: Int? =
            switch record.phase {
            case .delayed(let until), .leased(let until): until
            case .waiting, .inFlight: nil
            }
        let shown = Array(content.bytes.prefix(longestShown))
        return .object(
            [
                .init("id", .string(record.id.text)), .init("state", .string(record.phase.name)),
                .init("attempts", .integer(record.failures)), .init("sentAt", .integer(record.timestamp)),
                .init("visibleAt", visible.map { .integer($0) } ?? .null),
                .init("origin", record.origin.map { .string($0) } ?? .null),
                .init("contentType", .string(content.type)), .init("size", .integer(record.size)),
            ] + JSON.shown(shown, as: "body"))
    }

    private func send(_ name: String, _ request: Request) async throws -> Response {
        let json = try await request.json(limit: 1 << 20)
        guard let body = json["body"] else {
            throw Problem(.badRequest, code: "invalid_body", "The body has to be {\"body\": …, \"contentType\": …}.")
        }
        let message: QueueMessage
        if json["contentType"]?.string == "text" {
            guard let text = body.string else {
                throw Problem(.badRequest, code: "invalid_body", "A body of the type text has to be a text.")
            }
            message = QueueMessage(.text(text))
        } else {
            message = QueueMessage(.json(body))
        }
        do {
            _ = try await ledger.queue(name).send(message)
        } catch let error as WorkersError {
            throw Problem(.badRequest, code: "refused", error.message)
        }
        state.changed("queues")
        return Response(.created)
    }

    private func purge(_ name: String, _ id: String) async throws {
        guard try await ledger.purge(name, messages: [id]).count == 1 else { throw DashboardQueues.gone }
    }

    private static let gone = Problem(
        .notFound, code: "no_message", "There is no such message any more, or a handler has it.")
}

extension QueueRecord.Phase {
    fileprivate var name: String {
        switch self {
        case .delayed: "delayed"
        case .waiting: "waiting"
        case .inFlight, .leased: "leased"
        }
    }
}
