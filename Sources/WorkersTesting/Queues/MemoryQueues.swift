import Synchronization
import Workers

/// Queues in memory on a clock that the test moves: nothing is delivered by itself.
///
/// ```swift
/// let queues = MemoryQueues()
/// try queues.consume("jobs") { batch in batch.ackAll() }
/// try await queues.queue("jobs").send(.text("remind"), delaySeconds: 60)
/// let delivered = try await queues.advance(by: 65)
/// #expect(delivered.map(\.at) == [65])
/// ```
/// Each test makes its own. Batches are handled one after the other, in the order in which they become due.
public final class MemoryQueues: Sendable {
    /// What handles batches: the Worker's `queue` handler together with the work it leaves to `waitUntil`.
    public typealias Handler = @Sendable (MessageBatch) async throws -> Void

    public let clock: TestClock
    private let ledger: QueueLedger
    private let handlers = Mutex<[String: Handler]>([:])
    private let log: Log
    private let start: Double

    /// - Parameter seed: makes the ids of messages and leases the same in each run.
    public init(clock: TestClock = TestClock(), seed: UInt64 = 1) {
        let log = Log()
        let random = Mutex(SplitMix(state: seed))
        self.clock = clock
        self.log = log
        start = clock.now
        ledger = QueueLedger(
            store: MemoryQueueStore(), records: [], now: clock.read, random: { random.withLock { $0.next() } },
            note: { log.add($0) })
    }

    /// A queue to send to; the binding of a Worker under test.
    public func queue(_ name: String) -> any Queue { ledger.queue(name) }

    /// Gives a queue a consumer.
    ///
    /// - Throws: `WorkersError` when the queue would be its own dead letter queue.
    public func consume(
        _ name: String, as consumer: QueueConsumer = .standard, settings: QueueSettings = .standard,
        _ handler: @escaping Handler
    ) throws {
        ledger.configure(try QueueConfiguration(name, settings: settings, consumer: consumer))
        handlers.withLock { $0[name] = handler }
    }

    /// Sets a queue's settings, and its consumer where nobody is to be called: a pull consumer, or none.
    public func configure(_ configuration: QueueConfiguration) {
        ledger.configure(configuration)
        _ = handlers.withLock { $0.removeValue(forKey: configuration.name) }
    }

    /// A pull consumer, for a queue whose consumer is of the kind `pull`.
    public func pullConsumer(_ name: String) -> QueuePullConsumer { QueuePullConsumer(name, of: ledger) }

    /// Moves the clock and hands out every batch that becomes due on the way, also at the first and the last instant.
    @discardableResult
    public func advance(by seconds: Double) async throws -> [DeliveredBatch] {
        let handlers = handlers.withLock { $0 }
        return try await ledger.advance(clock, to: clock.now + seconds, from: start) { batch in
            try await handlers[batch.queue]?(batch)
        }
    }

    /// Hands out what is due now.
    @discardableResult
    public func deliver() async throws -> [DeliveredBatch] { try await advance(by: 0) }

    /// What a host would have logged so far.
    public var notes: [QueueNote] { log.notes }

    private final class Log: Sendable {
        private let list = Mutex<[QueueNote]>([])
        var notes: [QueueNote] { list.withLock { $0 } }
        func add(_ note: QueueNote) { list.withLock { $0.append(note) } }
    }
}

/// A batch that a handler got.
public struct DeliveredBatch: Sendable {
    /// Seconds since the queues were made.
    public var at: Double
    public var queue: String
    public var messages: [Message]
    /// The messages that are done.
    public var acknowledged: Int
    /// Why the handler failed, if it did.
    public var failure: String?
}

extension QueueLedger {
    /// Delivers on a clock that stands still: every batch at its own instant, one after the other.
    package func advance(
        _ clock: TestClock, to end: Double, from start: Double,
        _ handler: @Sendable (MessageBatch) async throws -> Void
    ) async throws -> [DeliveredBatch] {
        var delivered: [DeliveredBatch] = []
        while true {
            switch step() {
            case .deliver(let ready):
                guard let opened = try await open(ready) else { continue }
                let batch = opened.batch
                var outcome = DeliveredBatch(
                    at: clock.now - start, queue: batch.queue, messages: batch.messages, acknowledged: 0)
                do {
                    try await handler(batch)
                    outcome.acknowledged = await finish(opened, .returned)
                } catch {
                    outcome.failure = "\(error)"
                    outcome.acknowledged = await finish(opened, .threw)
                }
                delivered.append(outcome)
            case .sleep(let instant) where Double(instant) / 1000 <= end: clock.set(Double(instant) / 1000)
            case .sleep, .nothing:
                clock.set(end)
                return delivered
            }
        }
    }
}

/// Sebastiano Vigna's SplitMix64: random enough for ids in a test, and the same in each run.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
