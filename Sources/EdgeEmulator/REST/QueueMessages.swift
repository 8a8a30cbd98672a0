import Workers

/// The messages of a queue: pushed, pulled, acknowledged, looked at, purged.
struct QueueMessages: Sendable {
    /// A batch whose every byte is escaped, and what is around it.
    private static let mostBody = 4 << 20
    private static let missing = 10104

    private let register: QueueRegister

    init(_ register: QueueRegister) { self.register = register }

    func answer(_ route: RESTRoute, _ request: Request) async throws -> RESTAnswer {
        do {
            switch route {
            case .messages(let id): return try await push(id, request)
            case .batch(let id): return try await pushMany(id, request)
            case .pull(let id): return try await pull(id, request)
            case .settle(let id): return try await settle(id, request)
            case .peek(let id): return try await peek(id, request)
            case .purgeMessages(let id): return try await purge(id, request)
            default: throw RESTError.noRoute(request.url.path)
            }
        } catch let error as WorkersError {
            throw RESTError(queue: error)
        }
    }

    // MARK: Producing

    private func push(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let entry = try register.entry(id, code: QueueMessages.missing)
        let body = try await request.queueBody(limit: QueueMessages.mostBody)
        let result = try await register.broker.queue(entry.name).send(try QueueMessages.message(body))
        return .result(QueueMessages.described(result.metadata))
    }

    private func pushMany(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let entry = try register.entry(id, code: QueueMessages.missing)
        let body = try await request.queueBody(limit: QueueMessages.mostBody)
        guard let items = body["messages"]?.array else { throw RESTError.queueBody("messages has to be a list.") }
        let result = try await register.broker.queue(entry.name).sendBatch(
            try items.map(QueueMessages.message), delaySeconds: try body.whole("delay_seconds"))
        return .result(QueueMessages.described(result.metadata))
    }

    private static func message(_ json: JSON) throws -> QueueMessage {
        guard json.members != nil else { throw RESTError.queueBody("A message has to be an object with a body.") }
        guard let body = json["body"] else { throw RESTError.queueBody("Message body cannot be undefined") }
        let type: QueueContentType
        switch (try json.text("content_type"), body) {
        case ("json", _), (nil, .object), (nil, .array): type = .json
        case ("text", _), (nil, _): type = .text
        case (let name?, _):
            throw RESTError.queueBody("Unsupported queue message content type: \(name)")
        }
        return QueueMessage(.json(body), contentType: type, delaySeconds: try json.whole("delay_seconds"))
    }

    private static func described(_ metadata: QueueMetadata) -> JSON {
        .object([.init("metadata", .object([.init("metrics", QueueRegister.described(metadata.metrics))]))])
    }

    // MARK: Consuming

    private func pull(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let entry = try register.entry(id, code: QueueMessages.missing)
        let body = try await request.queueBody(isOptional: true)
        let result = try await register.broker.pullConsumer(entry.name).pull(
            batchSize: try body.whole("batch_size"), visibilityTimeout: try body.whole("visibility_timeout_ms"))
        let metrics = result.metadata.metrics
        let messages = result.messages.map { message in
            JSON.object(QueueMessages.members(message) + [.init("lease_id", .string(message.leaseID))])
        }
        return .result(
            .object([
                .init("message_backlog_count", .integer(metrics.backlogCount)), .init("messages", .array(messages)),
                .init("metadata", .object([.init("metrics", QueueRegister.described(metrics))])),
            ]))
    }

    private func settle(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let entry = try register.entry(id, code: QueueMessages.missing)
        let body = try await request.queueBody()
        let acks = try QueueMessages.list(body, "acks").map(QueueMessages.lease)
        let retries = try QueueMessages.list(body, "retries").map { item in
            QueueLeaseRetry(try QueueMessages.lease(item), delaySeconds: try item.whole("delay_seconds"))
        }
        let result = try await register.broker.pullConsumer(entry.name).settle(acks: acks, retries: retries)
        return .result(
            .object([
                .init("ackCount", .integer(result.ackCount)), .init("retryCount", .integer(result.retryCount)),
                .init("warnings", QueueMessages.described(result.warnings)),
            ]))
    }

    private static func list(_ body: JSON, _ name: String) throws -> [JSON] {
        guard let value = body[name], !value.isNull else { return [] }
        guard let items = value.array else { throw RESTError.queueBody("\(name) has to be a list.") }
        return items
    }

    private static func lease(_ item: JSON) throws -> String {
        guard let lease = try item.text("lease_id") else {
            throw RESTError.queueBody("Each of acks and retries has to have a lease_id.")
        }
        return lease
    }

    private static func described(_ warnings: [String: String]) -> JSON {
        .object(warnings.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
    }

    /// What pulled messages and those that were only looked at have in common.
    private static func members(_ message: PulledMessage) -> [JSON.Member] {
        let metadata = JSON.object([
            .init("CF-Content-Type", .string(message.contentType.name)),
            .init("CF-sourceMessageSource", .string("worker")),
        ])
        return [
            .init("id", .string(message.id)), .init("body", .string(message.transportBody)),
            .init("attempts", .integer(message.attempts)),
            .init("timestamp_ms", .integer(QueueLedger.milliseconds(message.timestamp))), .init("metadata", metadata),
        ]
    }

    // MARK: Looking and purging

    private func peek(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let entry = try register.entry(id, code: QueueMessages.missing)
        let body = try await request.queueBody(isOptional: true)
        let limit = try body.whole("batch_size") ?? QueueLedger.standardPull
        guard (1...QueueLimits.batchCount).contains(limit) else {
            throw RESTError(
                .badRequest, QueueErrorCode.batch,
                "batch_size of a peek is \(limit); it goes from 1 to \(QueueLimits.batchCount).")
        }
        let messages = try await register.ledger.peek(entry.name, limit: limit).map { message in
            JSON.object(QueueMessages.members(message) + [.init("ref", .string(message.id))])
        }
        return .result(.object([.init("messages", .array(messages))]))
    }

    private func purge(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let entry = try register.entry(id, code: QueueMessages.missing)
        let body = try await request.queueBody()
        let refs = try QueueMessages.list(body, "refs").map { item in
            guard let ref = item.string ?? item["ref"]?.string else {
                throw RESTError.queueBody("refs has to be a list of what peek calls ref.")
            }
            return ref
        }
        guard !refs.isEmpty else { throw RESTError.queueBody("refs has to name at least one message.") }
        let wanted = Set(refs)
        let found = try await register.ledger.purge(entry.name, messages: wanted)
        let warnings = wanted.subtracting(found).map { ($0, "There is no such message any more.") }
        return .result(
            .object([
                .init("errors", .array([])),
                .init("warnings", QueueMessages.described(Dictionary(warnings) { first, _ in first })),
            ]))
    }
}
