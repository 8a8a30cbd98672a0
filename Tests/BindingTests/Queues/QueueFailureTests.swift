import Synchronization
import Testing
import Workers
import WorkersTesting

/// What happens when the store fails for a while.
@Suite struct QueueFailureTests {
    private struct DiskFull: Error, CustomStringConvertible { var description: String { "There is no room left." } }

    private final class FlakyStore: QueueStore {
        private let store = MemoryQueueStore()
        private let fails = Mutex(false)

        func fail(_ value: Bool) { fails.withLock { $0 = value } }
        private func check() throws { if fails.withLock({ $0 }) { throw DiskFull() } }

        func load() async throws -> [QueueRecord] { try await store.load() }
        func apply(_ changes: [QueueChange]) async throws {
            try check()
            try await store.apply(changes)
        }
        func contents(of keys: [Int]) async throws -> [Int: QueueContent] { try await store.contents(of: keys) }
    }

    private final class Setting: Sendable {
        let store = FlakyStore()
        let clock = TestClock()
        let ledger: QueueLedger
        private let log: Log

        final class Log: Sendable { let notes = Mutex<[QueueNote]>([]) }

        init(retries: Int = 3) throws {
            let log = Log()
            self.log = log
            let consumer = try QueueConsumer(maxBatchSize: 1, maxRetries: retries)
            ledger = QueueLedger(
                store: store, records: [], configurations: [try QueueConfiguration("jobs", consumer: consumer)],
                now: clock.read, random: { .random(in: 0 ... .max) },
                note: { note in log.notes.withLock { $0.append(note) } })
        }

        var notes: [QueueNote] { log.notes.withLock { $0 } }
    }

    @Test func `a send that is not stored fails with the reason and leaves nothing`() async throws {
        let setting = try Setting()
        setting.store.fail(true)
        do {
            try await setting.ledger.queue("jobs").send(.text("a"))
            Issue.record("the send succeeded")
        } catch let error as WorkersError {
            #expect(error.message == "Queue send failed: There is no room left.")
            #expect(error.code == 15000)
        }
        #expect(setting.ledger.metrics(of: "jobs") == QueueMetrics())
        setting.store.fail(false)
        try await setting.ledger.queue("jobs").send(.text("b"))
        #expect(setting.ledger.metrics(of: "jobs").backlogCount == 1)
        #expect(setting.notes == [.storeFailed(reason: "There is no room left.")])
    }

    @Test func `a batch whose delivery cannot be noted waits a second and is not counted`() async throws {
        let setting = try Setting(retries: 0)
        try await setting.ledger.queue("jobs").send(.text("a"))
        setting.store.fail(true)
        guard case .deliver(let ready) = setting.ledger.step() else {
            Issue.record("nothing was due")
            return
        }
        await #expect(throws: DiskFull.self) { try await setting.ledger.open(ready) }
        await setting.ledger.flush()
        setting.store.fail(false)
        let batches = try await setting.ledger.advance(
            setting.clock, to: setting.clock.now + 1, from: setting.clock.now
        ) { _ in }
        #expect(batches.map(\.at) == [1])
        #expect(batches[0].messages.map(\.attempts) == [1])
    }

    @Test func `an acknowledgement that is not stored is logged and does not hold up the queue`() async throws {
        let setting = try Setting()
        try await setting.ledger.queue("jobs").send(.text("a"))
        let store = setting.store
        let batches = try await setting.ledger.advance(
            setting.clock, to: setting.clock.now, from: setting.clock.now
        ) { _ in store.fail(true) }
        #expect(batches.map(\.acknowledged) == [1])
        #expect(setting.notes == [.storeFailed(reason: "There is no room left.")])
        // A later process finds it in flight and delivers it again: at least once.
        #expect(try await setting.store.load().map(\.phase) == [.inFlight])
    }
}
