import Workers

/// Queues themselves: made, listed, changed, purged and removed.
struct QueueAdministration: Sendable {
    private let register: QueueRegister

    init(_ register: QueueRegister) { self.register = register }

    func answer(_ route: RESTRoute, _ request: Request) async throws -> RESTAnswer {
        switch (route, request.method) {
        case (.queues, .get): return list(request.query)
        case (.queues, _): return try await create(request)
        case (.queue(let id), .get): return .result(register.described(try register.entry(id)))
        case (.queue(let id), .delete): return try await remove(id)
        case (.queue(let id), .put): return try await update(id, request, keepsOthers: false)
        case (.queue(let id), _): return try await update(id, request, keepsOthers: true)
        case (.queueMetrics(let id), _):
            return .result(QueueRegister.described(register.ledger.metrics(of: try register.entry(id).name)))
        case (.queuePurge(let id), .get): return .result(purgeStatus(try register.entry(id)))
        case (.queuePurge(let id), _): return try await purge(id, request)
        default: throw RESTError.noRoute(request.url.path)
        }
    }

    /// All of them at once.
    private func list(_ query: URLQuery) -> RESTAnswer {
        let all = register.all.filter { query["name"] == nil || $0.name == query["name"] }
        let info = JSON.object([
            .init("page", .integer(1)), .init("per_page", .integer(max(100, all.count))),
            .init("count", .integer(all.count)), .init("total_count", .integer(all.count)),
            .init("total_pages", .integer(1)),
        ])
        return .result(.array(all.map(register.described)), info: info)
    }

    private func create(_ request: Request) async throws -> RESTAnswer {
        let body = try await request.queueBody()
        let name = try QueueAdministration.checked(try body.text("queue_name") ?? "")
        let all = register.all
        guard all.count < QueueCatalogue.mostQueues else {
            throw RESTError.queueBody("An account has at most \(QueueCatalogue.mostQueues) queues.")
        }
        guard !all.contains(where: { $0.name == name }) else { throw QueueAdministration.taken(name) }
        var generator = SystemRandomNumberGenerator()
        let now = register.now
        var entry = QueueEntry(
            id: QueueMessageID(high: generator.next(), low: generator.next()).text, name: name, created: now,
            modified: now)
        entry.settings = try QueueAdministration.settings(body, over: .standard)
        guard try await register.keep(entry) else { throw QueueAdministration.taken(name) }
        return .result(register.described(try register.entry(entry.id)))
    }

    private func update(_ id: String, _ request: Request, keepsOthers: Bool) async throws -> RESTAnswer {
        var entry = try register.entry(id)
        let body = try await request.queueBody()
        let settings = try QueueAdministration.settings(body, over: keepsOthers ? entry.settings : .standard)
        let fixedDelay = register.catalogue.configured[entry.name]?.settings.deliveryDelay ?? 0
        if fixedDelay > 0, body["settings"]?["delivery_delay"] != nil, settings.deliveryDelay != fixedDelay {
            throw RESTError.fixed("The delivery delay of queue \(entry.name) is set in wrangler.toml.")
        }
        if let name = try body.text("queue_name"), name != entry.name { try await rename(&entry, to: name) }
        entry.settings = settings
        entry.modified = register.now
        guard try await register.keep(entry) else { throw QueueAdministration.taken(entry.name) }
        return .result(register.described(try register.entry(id)))
    }

    private func rename(_ entry: inout QueueEntry, to name: String) async throws {
        let name = try QueueAdministration.checked(name)
        if register.isConfigured(entry.name) {
            throw RESTError.fixed("Queue \(entry.name) has its name from wrangler.toml.")
        }
        guard !register.all.contains(where: { $0.name == name }) else { throw QueueAdministration.taken(name) }
        guard entry.consumer?.consumer.deadLetterQueue != name else {
            throw RESTError.queueBody("Dead letter queue for queue \"\(name)\" cannot be itself")
        }
        guard let renamed = try await register.rename(entry, to: name) else {
            var error = RESTError(.serviceUnavailable, 10250, "A Worker handles messages of this queue; try again.")
            error.headers[.retryAfter] = "1"
            throw error
        }
        entry = renamed
    }

    private func remove(_ id: String) async throws -> RESTAnswer {
        let entry = try register.entry(id)
        if register.isConfigured(entry.name) {
            throw RESTError.fixed("Queue \(entry.name) is used in wrangler.toml.")
        }
        try await register.ledger.remove(entry.name)
        try await register.catalogue.remove(entry.id)
        register.note(purgeOf: entry.id, at: nil)
        return .result(.null)
    }

    // MARK: Purging

    private func purge(_ id: String, _ request: Request) async throws -> RESTAnswer {
        let entry = try register.entry(id)
        let body = try await request.queueBody(isOptional: true)
        guard body["delete_messages_permanently"]?.bool == true else {
            throw RESTError.queueBody("A purge cannot be undone: confirm it by \"delete_messages_permanently\": true.")
        }
        register.note(purgeOf: entry.id, at: register.now)
        try await register.ledger.purge(entry.name)
        // The SDK expects the queue, the documentation the progress.
        guard case .object(let members) = register.described(entry), case .object(let status) = purgeStatus(entry)
        else { return .result(.null) }
        return .result(.object(members + status))
    }

    /// Purges are over when they are answered.
    private func purgeStatus(_ entry: QueueEntry) -> JSON {
        let started = register.noted(purgeOf: entry.id)
        return .object([
            .init("started_at", started.map(Envelope.date) ?? .null), .init("completed", .string("true")),
        ])
    }

    // MARK: Checking

    private static func taken(_ name: String) -> RESTError {
        RESTError(
            .badRequest, 11009, "Queue name '\(name)' is already taken. Please use a different name and try again.")
    }

    /// Lower-case letters, digits and hyphens, 1 to 63 of them, none of the hyphens at an end.
    private static func checked(_ name: String) throws -> String {
        let bytes = Array(name.utf8)
        let hyphen = UInt8(ascii: "-")
        let isPlain = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), hyphen: true
            default: false
            }
        }
        guard isPlain, (1...63).contains(bytes.count), bytes.first != hyphen, bytes.last != hyphen else {
            throw RESTError(
                .badRequest, 11003,
                "The name of a queue has 1 to 63 lower-case letters, digits and hyphens, and no hyphen at its ends.")
        }
        return name
    }

    private static func settings(_ body: JSON, over settings: QueueSettings) throws -> QueueSettings {
        guard let given = body["settings"], !given.isNull else { return settings }
        guard given.members != nil else { throw RESTError.queueBody("settings has to be an object.") }
        let paused = given["delivery_paused"]
        guard paused == nil || paused == .null || paused?.bool != nil else {
            throw RESTError.queueBody("delivery_paused has to be true or false.")
        }
        do {
            return try QueueSettings(
                deliveryDelay: try given.whole("delivery_delay") ?? settings.deliveryDelay,
                retention: try given.whole("message_retention_period") ?? settings.retention,
                isPaused: paused?.bool ?? settings.isPaused)
        } catch let error as WorkersError {
            throw RESTError(queue: error)
        }
    }
}
