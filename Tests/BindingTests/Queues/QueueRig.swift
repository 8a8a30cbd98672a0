import EdgeEmulator
import Foundation
import Synchronization
import Testing
import Workers
import WorkersTesting

/// Queues on a clock that the test moves, in memory or in a state folder of their own.
final class QueueRig: Sendable {
    enum Kind: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case memory, durable
        var testDescription: String { rawValue }
    }

    typealias Handler = @Sendable (MessageBatch) async throws -> Void

    private struct Opened {
        var ledger: QueueLedger
        var close: @Sendable () -> Void
    }

    let clock = TestClock()
    private let kind: Kind
    private let path: String
    private let opened: Mutex<Opened?>
    private let configurations: Mutex<[String: QueueConfiguration]>
    private let handlers = Mutex<[String: Handler]>([:])
    private let log = Mutex<[QueueNote]>([])
    private let start: Double
    /// What outlives the ledger in memory.
    private let memory = MemoryQueueStore()

    init(_ kind: Kind, _ configurations: [QueueConfiguration] = []) async throws {
        self.kind = kind
        start = clock.now
        path = FileManager.default.temporaryDirectory.path + "/queues-\(UUID().uuidString)"
        opened = Mutex(nil)
        self.configurations = Mutex([:])
        for one in configurations { self.configurations.withLock { $0[one.name] = one } }
        try await open()
    }

    deinit {
        opened.withLock { $0 }?.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    var ledger: QueueLedger {
        guard let opened = opened.withLock({ $0 }) else { preconditionFailure("used between lives") }
        return opened.ledger
    }
    var notes: [QueueNote] { log.withLock { $0 } }

    func queue(_ name: String) -> any Queue { ledger.queue(name) }
    func pullConsumer(_ name: String) -> QueuePullConsumer { QueuePullConsumer(name, of: ledger) }

    func handle(_ queue: String, _ handler: @escaping Handler) { handlers.withLock { $0[queue] = handler } }

    func configure(_ configuration: QueueConfiguration) {
        configurations.withLock { $0[configuration.name] = configuration }
        ledger.configure(configuration)
    }

    @discardableResult
    func advance(by seconds: Double) async throws -> [DeliveredBatch] {
        let handlers = handlers.withLock { $0 }
        return try await ledger.advance(clock, to: clock.now + seconds, from: start) { batch in
            try await handlers[batch.queue]?(batch)
        }
    }

    /// The process ends in the midst of whatever it does, and a new one opens what it had stored.
    func reopen(after seconds: Double = 0) async throws {
        let old = opened.withLock { opened in
            defer { opened = nil }
            return opened
        }
        old?.close()
        clock.advance(by: seconds)
        try await open()
    }

    private func open() async throws {
        let store: any QueueStore
        let close: @Sendable () -> Void
        switch kind {
        case .memory: (store, close) = (memory, {})
        case .durable:
            let folder = try StateFolder(path: path)
            let file = try SQLiteQueueStore(folder)
            store = file
            close = {
                file.close()
                folder.close()
            }
        }
        let ledger = QueueLedger(
            store: store, records: try await store.load(),
            configurations: configurations.withLock { Array($0.values) }, now: clock.read,
            random: { .random(in: 0 ... .max) }, note: { [weak self] note in self?.log.withLock { $0.append(note) } })
        opened.withLock { $0 = Opened(ledger: ledger, close: close) }
    }
}

extension DeliveredBatch {
    /// `jobs@5: a/1 b/2`
    var summary: String {
        let list = messages.map { "\($0.body.text ?? "?")/\($0.attempts)" }.joined(separator: " ")
        return "\(queue)@\(at == at.rounded() ? "\(Int(at))" : "\(at)"): \(list)"
    }
}

extension QueueConfiguration {
    /// A queue with a consumer, for tests.
    static func worker(
        _ name: String, size: Int? = nil, timeout: Int? = nil, retries: Int? = nil, delay: Int? = nil,
        dead: String? = nil, retention: Int? = nil
    ) throws -> QueueConfiguration {
        try QueueConfiguration(
            name, settings: QueueSettings(deliveryDelay: nil, retention: retention),
            consumer: QueueConsumer(
                maxBatchSize: size, maxBatchTimeout: timeout, maxRetries: retries, retryDelay: delay,
                deadLetterQueue: dead))
    }

    static func pull(
        _ name: String, retries: Int? = nil, dead: String? = nil
    ) throws -> QueueConfiguration {
        try QueueConfiguration(
            name, consumer: QueueConsumer(kind: .pull, maxRetries: retries, deadLetterQueue: dead))
    }
}
