import EdgeEmulator
import Foundation
import Synchronization
import Testing
import Workers

/// The broker on a clock that the test moves; it delivers by itself.
@Suite struct QueueBrokerTests {
    private struct Failed: Error {}

    /// Things that happen, to be waited for.
    private final class Events: Sendable {
        private let stream: AsyncStream<String>
        private let continuation: AsyncStream<String>.Continuation
        private let list = Mutex<[String]>([])

        init() { (stream, continuation) = AsyncStream.makeStream() }

        var all: [String] { list.withLock { $0 } }
        func add(_ event: String) {
            list.withLock { $0.append(event) }
            continuation.yield(event)
        }

        /// Waits until an event with this beginning has happened.
        func wait(for event: String, count: Int = 1) async throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while all.count(where: { $0.hasPrefix(event) }) < count {
                guard ContinuousClock.now < deadline else {
                    Issue.record("\(event) has not happened; there were \(all)")
                    throw CancellationError()
                }
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    /// Holds up a handler that does not notice its cancellation.
    private final class Gate: Sendable {
        private struct State {
            var isOpen = false
            var waiter: CheckedContinuation<Void, Never>?
        }

        private let state = Mutex(State())

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.waiter = continuation
                    return state.isOpen
                }
                if isOpen { open() }
            }
        }

        func open() {
            let waiter = state.withLock { state in
                state.isOpen = true
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }

    private final class Home: Sendable {
        let path = FileManager.default.temporaryDirectory.path + "/broker-\(UUID().uuidString)"
        let clock = MovableClock(at: 1_770_000_000)
        let events = Events()
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func broker(_ configurations: QueueConfiguration...) async throws -> (QueueBroker, StateFolder) {
            let folder = try StateFolder(path: path)
            let broker = try await QueueBroker(folder, configurations: configurations, clock: clock) { [events] in
                events.add("\($0.level): \($0)")
            }
            return (broker, folder)
        }

        func end(_ broker: QueueBroker, _ folder: StateFolder, within grace: Duration = .seconds(10)) async {
            await broker.stop(within: grace)
            broker.close()
            folder.close()
        }
    }

    private func jobs(
        size: Int = 1, retries: Int? = nil, concurrency: Int? = nil, timeout: Int? = nil, dead: String? = nil
    ) throws -> QueueConfiguration {
        try QueueConfiguration(
            "jobs",
            consumer: QueueConsumer(
                maxBatchSize: size, maxBatchTimeout: timeout, maxRetries: retries, maxConcurrency: concurrency,
                deadLetterQueue: dead))
    }

    @Test func `a full batch is delivered at once and logged`() async throws {
        let home = Home()
        let (broker, folder) = try await home.broker(jobs(size: 2))
        broker.start { batch in batch.messages[1].retry(delaySeconds: 60) }
        try await broker.queue("jobs").sendBatch([QueueMessage(.text("a")), QueueMessage(.text("b"))])
        try await home.events.wait(for: "info: QUEUE jobs 1/2 (0ms)")
        await home.end(broker, folder)
    }

    @Test func `a partial batch waits for the clock, and delays too`() async throws {
        let home = Home()
        let (broker, folder) = try await home.broker(jobs(size: 10))
        broker.start { [events = home.events] batch in
            events.add("got \(batch.messages.map { $0.body.text ?? "" }.joined())")
        }
        try await broker.queue("jobs").send(.text("a"))
        try await broker.queue("jobs").send(.text("b"), delaySeconds: 100)
        home.clock.move(by: 5)
        try await home.events.wait(for: "info: QUEUE jobs 1/1")
        home.clock.move(by: 100)
        try await home.events.wait(for: "info: QUEUE jobs 1/1", count: 2)
        #expect(home.events.all.filter { $0.hasPrefix("got") } == ["got a", "got b"])
        await home.end(broker, folder)
    }

    @Test func `a failure is logged, retried, and buried in the end`() async throws {
        let home = Home()
        let (broker, folder) = try await home.broker(jobs(retries: 1, dead: "dead"))
        broker.start { _ in throw Failed() }
        try await broker.queue("jobs").send(.text("a"))
        try await home.events.wait(for: "warning: Queue jobs moved message")
        #expect(home.events.all.count { $0 == "error: The handler of queue jobs failed: Failed()" } == 2)
        #expect(try await broker.queue("dead").metrics().backlogCount == 1)
        await home.end(broker, folder)
    }

    @Test func `max_concurrency batches are handled at a time`() async throws {
        let home = Home()
        let (broker, folder) = try await home.broker(jobs(concurrency: 3))
        let running = Mutex(0)
        let peak = Mutex(0)
        broker.start { _ in
            let count = running.withLock { running in
                running += 1
                return running
            }
            peak.withLock { $0 = max($0, count) }
            try await Task.sleep(for: .milliseconds(20))
            running.withLock { $0 -= 1 }
        }
        try await broker.queue("jobs").sendBatch((0..<30).map { QueueMessage(.text("\($0)")) })
        try await home.events.wait(for: "info: QUEUE jobs 1/1", count: 30)
        #expect(peak.withLock { $0 } == 3)
        await home.end(broker, folder)
    }

    @Test func `a handler is given up after fifteen minutes`() async throws {
        let home = Home()
        let (broker, folder) = try await home.broker(jobs(retries: 0))
        broker.start { [events = home.events] batch in
            events.add("began")
            do {
                try await Task.sleep(for: .seconds(600))
            } catch {
                events.add("cancelled")
                batch.ackAll()
                throw error
            }
        }
        try await broker.queue("jobs").send(.text("a"))
        try await home.events.wait(for: "began")
        home.clock.move(by: 899)
        #expect(!home.events.all.contains("cancelled"))
        home.clock.move(by: 2)
        try await home.events.wait(for: "cancelled")
        try await home.events.wait(for: "error: The handler of queue jobs failed: It took longer than 15 minutes.")
        try await home.events.wait(for: "warning: Queue jobs dropped message")
        await home.end(broker, folder)
    }

    @Test func `leases end without anybody pulling`() async throws {
        let home = Home()
        let consumer = try QueueConsumer(kind: .pull, maxRetries: 0, deadLetterQueue: "dead")
        let (broker, folder) = try await home.broker(QueueConfiguration("jobs", consumer: consumer))
        broker.start { _ in }
        try await broker.queue("jobs").send(.text("a"))
        #expect(try await broker.pullConsumer("jobs").pull().messages.count == 1)
        home.clock.move(by: 30)
        try await home.events.wait(for: "warning: Queue jobs moved message")
        #expect(try await broker.queue("dead").metrics().backlogCount == 1)
        await home.end(broker, folder)
    }

    @Test func `stopping waits for handlers that finish in time`() async throws {
        let home = Home()
        let (broker, folder) = try await home.broker(jobs())
        broker.start { [events = home.events] _ in
            events.add("began")
            try await Task.sleep(for: .milliseconds(100))
        }
        try await broker.queue("jobs").send(.text("a"))
        try await home.events.wait(for: "began")
        await home.end(broker, folder, within: .seconds(60))
        #expect(home.events.all.contains { $0.hasPrefix("info: QUEUE jobs 1/1") })
        let (next, nextFolder) = try await home.broker(jobs())
        #expect(try await next.queue("jobs").metrics() == QueueMetrics())
        await home.end(next, nextFolder)
    }

    @Test func `stopping gives back what a slow handler has not decided`() async throws {
        let home = Home()
        let (broker, folder) = try await home.broker(jobs(size: 2, retries: 0))
        let gate = Gate()
        broker.start { [events = home.events] batch in
            batch.messages[0].ack()
            events.add("began")
            await gate.pass()
            batch.messages[1].ack()
            events.add("decided late")
        }
        try await broker.queue("jobs").sendBatch([QueueMessage(.text("a")), QueueMessage(.text("b"))])
        try await home.events.wait(for: "began")
        await home.end(broker, folder, within: .milliseconds(50))
        gate.open()
        try await home.events.wait(for: "warning: Queue jobs: ack() was ignored: the batch is already settled.")

        let (next, nextFolder) = try await home.broker(jobs(size: 2, retries: 0))
        next.start { [events = home.events] batch in
            events.add("again \(batch.messages.map { "\($0.body.text ?? "")\($0.attempts)" }.joined(separator: " "))")
        }
        home.clock.move(by: 5)
        try await home.events.wait(for: "again b2")
        await home.end(next, nextFolder)
    }

    @Test func `messages from before the start are delivered at the start`() async throws {
        let home = Home()
        let (broker, folder) = try await home.broker()
        for number in 1...3 { try await broker.queue("jobs").send(.text("\(number)")) }
        await home.end(broker, folder)
        home.clock.move(by: 60)
        let (next, nextFolder) = try await home.broker(jobs(size: 10))
        next.start { _ in }
        try await home.events.wait(for: "info: QUEUE jobs 3/3")
        await home.end(next, nextFolder)
    }

    @Test func `a thousand sends at once are all stored and delivered once`() async throws {
        let home = Home()
        let (broker, folder) = try await home.broker(jobs(size: 100, timeout: 0))
        let got = Mutex<[String]>([])
        broker.start { batch in got.withLock { $0 += batch.messages.map { $0.body.text ?? "" } } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1000 { group.addTask { try await broker.queue("jobs").send(.text("\(number)")) } }
            try await group.waitForAll()
        }
        let deadline = ContinuousClock.now + .seconds(60)
        while got.withLock({ $0.count }) < 1000, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        await home.end(broker, folder)
        #expect(got.withLock { Set($0) }.count == 1000)
        #expect(got.withLock { $0 }.count == 1000)
    }

    @Test func `calls after closing fail with a sentence`() async throws {
        let home = Home()
        let (broker, folder) = try await home.broker()
        await home.end(broker, folder)
        do {
            try await broker.queue("jobs").send(.text("late"))
            Issue.record("the send succeeded")
        } catch let error as WorkersError {
            #expect(error.code == 15000)
            #expect(error.message.hasPrefix("Queue send failed: The state file "))
        }
    }
}
