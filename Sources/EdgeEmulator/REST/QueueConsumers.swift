import Workers

/// Who consumes a queue: one consumer, a Worker or clients that pull.
struct QueueConsumers: Sendable {
    private let register: QueueRegister

    init(_ register: QueueRegister) { self.register = register }

    func answer(_ route: RESTRoute, _ request: Request) async throws -> RESTAnswer {
        switch (route, request.method) {
        case (.consumers(let id), .get):
            let entry = try register.entry(id)
            return .result(.array(entry.consumer.map { [QueueRegister.described($0, of: entry.name)] } ?? []))
        case (.consumers(let id), _): return try await create(id, request)
        case (.consumer(let id, let consumer), .get):
            let (entry, held) = try find(id, consumer)
            return .result(QueueRegister.described(held, of: entry.name))
        case (.consumer(let id, let consumer), .put): return try await replace(id, consumer, request)
        case (.consumer(let id, let consumer), _): return try await remove(id, consumer)
        default: throw RESTError.noRoute(request.url.path)
        }
    }

    private func create(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let entry = try register.entry(id)
        guard entry.consumer == nil else {
            throw RESTError(
                .badRequest, 11004, "Queue \(entry.name) has a consumer already; a queue has one.")
        }
        var generator = SystemRandomNumberGenerator()
        let made = try await parsed(
            request, id: QueueMessageID(high: generator.next(), low: generator.next()).text, created: register.now)
        return try await keep(made, entry)
    }

    private func replace(_ id: String, _ consumer: String, _ request: Request) async throws -> RESTAnswer {
        let (entry, held) = try findOwn(id, consumer)
        return try await keep(try await parsed(request, id: held.id, created: held.created, before: held), entry)
    }

    private func remove(_ id: String, _ consumer: String) async throws -> RESTAnswer {
        var (entry, _) = try findOwn(id, consumer)
        entry.consumer = nil
        entry.modified = register.now
        _ = try await register.keep(entry)
        return .result(.null)
    }

    private func keep(_ consumer: QueueConsumerEntry, _ entry: QueueEntry) async throws -> RESTAnswer {
        var entry = entry
        entry.consumer = consumer
        entry.modified = register.now
        guard try await register.keep(entry) else { throw RESTError.missingQueue(code: 11000) }
        return .result(QueueRegister.described(consumer, of: entry.name))
    }

    private func find(_ id: String, _ consumer: String) throws -> (QueueEntry, QueueConsumerEntry) {
        let entry = try register.entry(id)
        guard let held = entry.consumer, held.id == consumer.lowercased() else {
            throw RESTError(.notFound, 11000, "Queue \(entry.name) has no such consumer.")
        }
        return (entry, held)
    }

    /// One that may be changed here.
    private func findOwn(_ id: String, _ consumer: String) throws -> (QueueEntry, QueueConsumerEntry) {
        let found = try find(id, consumer)
        if register.hasConfiguredConsumer(found.0.name) {
            throw RESTError.fixed("The consumer of queue \(found.0.name) is set in wrangler.toml.")
        }
        return found
    }

    /// - Parameter before: the consumer that is replaced.
    private func parsed(
        _ request: Request, id: String, created: Int, before: QueueConsumerEntry? = nil
    ) async throws -> QueueConsumerEntry {
        let body = try await request.queueBody()
        let type = try body.text("type") ?? before?.consumer.kind.rawValue ?? ""
        guard let kind = QueueConsumer.Kind(rawValue: type) else {
            throw RESTError.queueBody("type of a consumer has to be worker or http_pull.")
        }
        let settings = body["settings"] ?? .object([])
        guard settings.members != nil || settings.isNull else {
            throw RESTError.queueBody("settings has to be an object.")
        }
        let grave = try body.text("dead_letter_queue")
        let consumer: QueueConsumer
        do {
            consumer = try QueueConsumer(
                kind: kind, maxBatchSize: try settings.whole("batch_size"),
                maxBatchTimeout: kind == .worker ? try settings.whole("max_wait_time_ms") : nil,
                maxRetries: try settings.whole("max_retries"),
                maxConcurrency: kind == .worker ? try settings.whole("max_concurrency") : nil,
                retryDelay: try settings.whole("retry_delay"), deadLetterQueue: grave == "" ? nil : grave,
                visibilityTimeout: kind == .pull ? try settings.whole("visibility_timeout_ms") : nil)
        } catch let error as WorkersError {
            throw RESTError(queue: error)
        }
        return QueueConsumerEntry(
            id: id, created: created, script: kind == .worker ? try script(body, before) : nil, consumer: consumer)
    }

    private func script(_ body: JSON, _ before: QueueConsumerEntry?) throws -> String {
        guard let name = try body.text("script_name") ?? before?.script, !name.isEmpty else {
            throw RESTError.queueBody("script_name has to name a Worker.")
        }
        guard register.runs(name) else {
            throw RESTError(
                .badRequest, 11001,
                "The Worker \(name) does not run here, so nothing would handle the messages; name its wrangler.toml by --config."
            )
        }
        return name
    }
}
