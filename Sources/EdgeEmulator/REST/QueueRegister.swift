import EdgeServer
import Synchronization
import Workers

/// The queues of the account: those of the configuration, those that were made here, and those that came into being because
/// a message was sent or buried there. The same messages that the bindings see.
final class QueueRegister: Sendable {
    let broker: QueueBroker
    private let clock: any EmulatorClock
    private let fleet: WorkerFleet
    /// The ids of queues without a record, by name.
    private let derived = Mutex<[String: String]>([:])
    /// When a queue was purged last, by id; in milliseconds since 1970.
    private let purges = Mutex<[String: Int]>([:])

    init(_ platform: LocalPlatform) {
        broker = platform.queues
        clock = platform.clock
        fleet = platform.fleet
    }

    var ledger: QueueLedger { broker.queues }
    var catalogue: QueueCatalogue { broker.catalogue }
    var now: Int { QueueLedger.milliseconds(clock.now) }

    // MARK: Finding

    /// All of them by name, each with what holds for it now.
    var all: [QueueEntry] {
        let stored = catalogue.all
        let known = Set(stored.map(\.name))
        let others = ledger.names.filter { !known.contains($0) }.map(unrecorded)
        return (stored + others).map(effective).sorted { $0.name < $1.name }
    }

    private func unrecorded(_ name: String) -> QueueEntry {
        let id = derived.withLock { derived in
            let id = derived[name] ?? QueueEntry.derivedID("queue", name)
            derived[name] = id
            return id
        }
        return QueueEntry(id: id, name: name, created: catalogue.opened, modified: catalogue.opened)
    }

    /// - Parameter code: of the error that says there is none.
    func entry(_ id: String, code: Int = 11000) throws -> QueueEntry {
        guard id.utf8.count == 32, id.utf8.allSatisfy({ PercentCoding.hexValue($0) != nil }) else {
            throw RESTError(.badRequest, 10107, "The id of a queue is 32 hexadecimal digits.")
        }
        let id = id.lowercased()
        if let entry = catalogue.entry(id) { return effective(entry) }
        for name in ledger.names {
            let entry = unrecorded(name)
            if entry.id == id, catalogue.entry(named: name) == nil { return effective(entry) }
        }
        throw RESTError.missingQueue(code: code)
    }

    func isConfigured(_ name: String) -> Bool { catalogue.configured[name] != nil }

    /// Whether `wrangler.toml` says who consumes a queue.
    func hasConfiguredConsumer(_ name: String) -> Bool { catalogue.configured[name]?.consumer != nil }

    private func effective(_ entry: QueueEntry) -> QueueEntry {
        var entry = entry
        entry.settings = ledger.settings(of: entry.name)
        guard let consumer = catalogue.configured[entry.name]?.consumer else { return entry }
        let member = fleet.members.first { $0.config.queueConsumers.contains { $0.queue == entry.name } }
        entry.consumer = QueueConsumerEntry(
            id: QueueEntry.derivedID("consumer", entry.name), created: catalogue.opened,
            script: consumer.kind == .worker ? member.map { WorkerFleet.name($0.config) } : nil, consumer: consumer)
        return entry
    }

    // MARK: Changing

    /// Keeps a record and lets it hold. What the configuration decides is not in it.
    ///
    /// - Returns: false for a name that is taken.
    func keep(_ entry: QueueEntry) async throws -> Bool {
        var entry = entry
        if hasConfiguredConsumer(entry.name) { entry.consumer = nil }
        if let fixed = catalogue.configured[entry.name]?.settings.deliveryDelay, fixed > 0 {
            // It would otherwise stay after the configuration has dropped it.
            let own = catalogue.entry(entry.id)?.settings.deliveryDelay
            entry.settings = try QueueSettings(
                deliveryDelay: own, retention: entry.settings.retention, isPaused: entry.settings.isPaused)
        }
        let configuration: QueueConfiguration
        do {
            configuration = try catalogue.configuration(
                entry, scripts: Set(fleet.members.map { WorkerFleet.name($0.config) }))
        } catch {
            throw RESTError(queue: error as? WorkersError ?? WorkersError(.error, "\(error)"))
        }
        guard try await catalogue.keep(entry) else { return false }
        broker.configure(configuration)
        return true
    }

    /// Gives a queue another name, which no other has. A crash leaves it with one of the two, and all its messages.
    ///
    /// - Returns: `nil` while a Worker handles messages of the queue.
    func rename(_ entry: QueueEntry, to name: String) async throws -> QueueEntry? {
        var renamed = entry
        renamed.name = name
        guard try await catalogue.keep(renamed, former: entry.name) else { return nil }
        if try await ledger.rename(entry.name, to: name) { return renamed }
        _ = try await catalogue.keep(entry, former: name)
        return nil
    }

    func runs(_ script: String) -> Bool { fleet.worker(named: script) != nil }

    func noted(purgeOf id: String) -> Int? { purges.withLock { $0[id] } }

    func note(purgeOf id: String, at instant: Int?) { purges.withLock { $0[id] = instant } }

    // MARK: Describing

    func described(_ entry: QueueEntry) -> JSON {
        let producers = fleet.members.filter { member in
            member.config.queueProducers.contains { $0.localName == entry.name }
        }
        let scripts = producers.map { member in
            JSON.object([
                .init("type", .string("worker")), .init("script", .string(WorkerFleet.name(member.config))),
            ])
        }
        let consumers = entry.consumer.map { [QueueRegister.described($0, of: entry.name)] } ?? []
        return .object([
            .init("queue_id", .string(entry.id)), .init("queue_name", .string(entry.name)),
            .init("created_on", Envelope.date(entry.created)), .init("modified_on", Envelope.date(entry.modified)),
            .init("producers_total_count", .integer(scripts.count)), .init("producers", .array(scripts)),
            .init("consumers_total_count", .integer(consumers.count)), .init("consumers", .array(consumers)),
            .init("settings", QueueRegister.described(entry.settings)),
        ])
    }

    private static func described(_ settings: QueueSettings) -> JSON {
        .object([
            .init("delivery_delay", .integer(settings.deliveryDelay)),
            .init("delivery_paused", .bool(settings.isPaused)),
            .init("message_retention_period", .integer(settings.retention)),
        ])
    }

    static func described(_ entry: QueueConsumerEntry, of queue: String) -> JSON {
        let consumer = entry.consumer
        var settings: [JSON.Member] = [
            .init("batch_size", .integer(consumer.maxBatchSize)), .init("max_retries", .integer(consumer.maxRetries)),
            .init("retry_delay", .integer(consumer.retryDelay)),
        ]
        var members: [JSON.Member] = [
            .init("consumer_id", .string(entry.id)), .init("type", .string(consumer.kind.rawValue)),
            .init("queue_name", .string(queue)), .init("created_on", Envelope.date(entry.created)),
        ]
        switch consumer.kind {
        case .worker:
            settings.append(.init("max_concurrency", consumer.maxConcurrency.map(JSON.integer) ?? .null))
            settings.append(.init("max_wait_time_ms", .integer(consumer.maxBatchTimeout)))
            members.append(.init("script_name", .string(entry.script ?? "")))
        case .pull:
            settings.append(.init("visibility_timeout_ms", .integer(consumer.visibilityTimeout)))
        }
        members.append(.init("dead_letter_queue", .string(consumer.deadLetterQueue ?? "")))
        members.append(.init("settings", .object(settings)))
        return .object(members)
    }

    static func described(_ metrics: QueueMetrics) -> JSON {
        let oldest = metrics.oldestMessageTimestamp.map(QueueLedger.milliseconds) ?? 0
        return .object([
            .init("backlog_count", .integer(metrics.backlogCount)),
            .init("backlog_bytes", .integer(metrics.backlogBytes)),
            .init("oldest_message_timestamp_ms", .integer(oldest)),
        ])
    }
}

extension JSON {
    /// A whole number that may be left out, for the calls of queues.
    func whole(_ name: String) throws -> Int? {
        guard let value = self[name], !value.isNull else { return nil }
        guard let number = value.integer else { throw RESTError.queueBody("\(name) has to be a whole number.") }
        return number
    }

    /// A text that may be left out.
    func text(_ name: String) throws -> String? {
        guard let value = self[name], !value.isNull else { return nil }
        guard let text = value.string else { throw RESTError.queueBody("\(name) has to be a text.") }
        return text
    }
}

extension Request {
    /// The body of a call of queues: an object, or nothing where everything in it may be left out.
    func queueBody(limit: Int = 1 << 20, isOptional: Bool = false) async throws -> JSON {
        if isOptional, body.length == 0 { return .object([]) }
        let json = try await restJSON(limit: limit, code: 10207)
        guard json.members != nil else { throw RESTError.queueBody("The body has to be a JSON object.") }
        return json
    }
}
