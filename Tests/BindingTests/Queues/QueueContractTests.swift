import Foundation
import Synchronization
import Testing
import Workers
import WorkersTesting

/// What every queue does, whatever stores it.
@Suite struct QueueContractTests {
    private struct Failed: Error {}

    @Test(arguments: QueueRig.Kind.allCases)
    func `a send answers with the backlog just before it`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind)
        let queue = rig.queue("jobs")
        let first = try await queue.send(.text("abc"))
        #expect(first.metadata.metrics == QueueMetrics())
        rig.clock.advance(by: 5)
        let second = try await queue.send(.bytes([1, 2]))
        let begin = rig.clock.now - 5
        #expect(
            second.metadata.metrics
                == QueueMetrics(backlogCount: 1, backlogBytes: 3, oldestMessageTimestamp: begin))
        #expect(
            try await queue.metrics()
                == QueueMetrics(backlogCount: 2, backlogBytes: 5, oldestMessageTimestamp: begin))
    }

    @Test(arguments: QueueRig.Kind.allCases)
    func `bodies of all types arrive as they were sent`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind, [.worker("jobs", size: 4)])
        let bodies: [QueueBody] = [
            .json(.object([.init("ä", .array([.null, .number(1.5), .integer(-3)]))])), .text("naïve \u{0} 🐸"),
            .bytes([0, 255, 10]), .bytes([]),
        ]
        try await rig.queue("jobs").sendBatch(bodies.map { QueueMessage($0) })
        let batches = try await rig.advance(by: 0)
        #expect(batches.flatMap(\.messages).map(\.body) == bodies)
        #expect(batches[0].messages.allSatisfy { $0.id.count == 32 && $0.timestamp == rig.clock.now })
        #expect(Set(batches[0].messages.map(\.id)).count == 4)
    }

    @Test(arguments: QueueRig.Kind.allCases)
    func `a batch with one fault stores nothing`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind)
        let queue = rig.queue("jobs")
        await #expect(throws: WorkersError.self) {
            try await queue.sendBatch([QueueMessage(.text("ok")), QueueMessage(.text("late"), delaySeconds: -5)])
        }
        await #expect(throws: WorkersError.self) {
            try await queue.sendBatch([QueueMessage(.text("ok")), QueueMessage(.text("odd"), contentType: "xml")])
        }
        #expect(try await queue.metrics().backlogCount == 0)
    }

    @Test(arguments: QueueRig.Kind.allCases)
    func `a batch carries the backlog and a failure is seen`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind, [.worker("jobs", size: 2, retries: 0)])
        let seen = Mutex<[Int]>([])
        rig.handle("jobs") { batch in
            seen.withLock { $0.append(batch.metadata.metrics.backlogCount) }
            throw Failed()
        }
        try await rig.queue("jobs").sendBatch(["a", "b", "c"].map { QueueMessage(.text($0)) })
        let batches = try await rig.advance(by: 5)
        #expect(batches.map(\.summary) == ["jobs@0: a/1 b/1", "jobs@5: c/1"])
        #expect(batches.allSatisfy { $0.failure != nil && $0.acknowledged == 0 })
        #expect(seen.withLock { $0 } == [3, 1])
        let dropped = rig.notes.filter { if case .dropped = $0 { true } else { false } }
        #expect(dropped.count == 3)
        #expect(dropped.first?.level == "warning")
    }

    @Test(arguments: QueueRig.Kind.allCases)
    func `ignored decisions are logged`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind, [.worker("jobs", size: 1)])
        rig.handle("jobs") { batch in
            batch.ackAll()
            batch.messages[0].retry()
        }
        try await rig.queue("jobs").send(.text("a"))
        #expect(try await rig.advance(by: 0).map(\.acknowledged) == [1])
        let sentence = "message.retry() was ignored: the message is already acknowledged."
        #expect(rig.notes == [.ignored(queue: "jobs", reason: sentence)])
    }

    @Test(arguments: QueueRig.Kind.allCases)
    func `retention removes what nobody consumes`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(
            kind,
            [
                QueueConfiguration("jobs", settings: QueueSettings(deliveryDelay: nil, retention: 60))
            ])
        try await rig.queue("jobs").send(.text("a"))
        try await rig.advance(by: 59)
        #expect(try await rig.queue("jobs").metrics().backlogCount == 1)
        try await rig.advance(by: 1)
        #expect(try await rig.queue("jobs").metrics().backlogCount == 0)
        #expect(rig.notes.count == 1)
    }

    @Test(arguments: QueueRig.Kind.allCases)
    func `queues do not see each other`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind, [.worker("one", size: 2), .worker("two", size: 2)])
        try await rig.queue("one").send(.text("a"))
        try await rig.queue("two").send(.text("b"))
        #expect(try await rig.advance(by: 4).isEmpty)
        let batches = try await rig.advance(by: 1)
        #expect(Set(batches.map(\.summary)) == ["one@5: a/1", "two@5: b/1"])
    }

    // MARK: Pull

    @Test(arguments: QueueRig.Kind.allCases)
    func `pulls and acknowledgements by lease`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind, [.pull("jobs", retries: 1, dead: "dead")])
        let consumer = rig.pullConsumer("jobs")
        try await rig.queue("jobs").sendBatch((1...7).map { QueueMessage(.text("\($0)")) })
        let pulled = try await consumer.pull()
        #expect(pulled.messages.map(\.body.text) == ["1", "2", "3", "4", "5"])
        #expect(pulled.metadata.metrics.backlogCount == 7)
        #expect(Set(pulled.messages.map(\.leaseID)).count == 5)
        let leases = pulled.messages.map(\.leaseID)
        let result = try await consumer.settle(
            acks: [leases[0], "nonsense", leases[0]], retries: [QueueLeaseRetry(leases[1], delaySeconds: 10)])
        #expect(result.ackCount == 1 && result.retryCount == 1)
        #expect(Set(result.warnings.keys) == ["nonsense", leases[0]])
        // Three leases end twice without anybody pulling in between: dead letters.
        rig.clock.advance(by: 31)
        #expect(try await consumer.pull(batchSize: 100).messages.map(\.attempts).sorted() == [1, 1, 2, 2, 2, 2])
        rig.clock.advance(by: 31)
        #expect(try await rig.queue("jobs").metrics().backlogCount == 2)
        #expect(try await rig.queue("dead").metrics().backlogCount == 4)
        #expect(rig.notes.count == 4)
    }

    @Test(arguments: QueueRig.Kind.allCases)
    func `a pull refuses what cannot be`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind, [.pull("jobs"), .worker("pushed")])
        await #expect(throws: WorkersError.self) { try await rig.pullConsumer("pushed").pull() }
        await #expect(throws: WorkersError.self) { try await rig.pullConsumer("unknown").pull() }
        await #expect(throws: WorkersError.self) { try await rig.pullConsumer("jobs").pull(batchSize: 101) }
        await #expect(throws: WorkersError.self) { try await rig.pullConsumer("jobs").pull(batchSize: 0) }
        await #expect(throws: WorkersError.self) {
            try await rig.pullConsumer("jobs").pull(visibilityTimeout: 43_200_001)
        }
        await #expect(throws: WorkersError.self) { try await rig.pullConsumer("jobs").retry("x", delaySeconds: -1) }
        #expect(try await rig.ledger.peek("jobs", limit: 5).isEmpty)
    }

    @Test(arguments: QueueRig.Kind.allCases)
    func `messages can be looked at and purged`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind)
        try await rig.queue("jobs").sendBatch(["a", "b", "c"].map { QueueMessage(.text($0)) })
        let seen = try await rig.ledger.peek("jobs", limit: 2)
        #expect(seen.map(\.body.text) == ["a", "b"])
        #expect(try await rig.ledger.purge("jobs", ids: [seen[0].id]) == 1)
        #expect(try await rig.ledger.purge("jobs") == 2)
        #expect(try await rig.queue("jobs").metrics() == QueueMetrics())
    }

    // MARK: Another process

    @Test(arguments: QueueRig.Kind.allCases)
    func `messages wait for the next process with their ids, delays and attempts`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind, [.worker("jobs", size: 2)])
        rig.handle("jobs") { $0.retryAll(delaySeconds: 20) }
        try await rig.queue("jobs").sendBatch(["a", "b"].map { QueueMessage(.text($0)) })
        let first = try await rig.advance(by: 0)
        try await rig.queue("jobs").send(.text("later"), delaySeconds: 60)
        rig.handle("jobs") { _ in }
        await rig.ledger.flush()
        try await rig.reopen(after: 2)
        #expect(try await rig.queue("jobs").metrics().backlogCount == 3)
        #expect(try await rig.advance(by: 17).isEmpty)
        let second = try await rig.advance(by: 1)
        #expect(second.map(\.summary) == ["jobs@20: a/2 b/2"])
        #expect(second[0].messages.map(\.id) == first[0].messages.map(\.id))
        #expect(second[0].messages.map(\.timestamp) == first[0].messages.map(\.timestamp))
        await rig.ledger.flush()
        try await rig.reopen()
        #expect(try await rig.advance(by: 45).map(\.summary) == ["jobs@65: later/1"])
        await rig.ledger.flush()
        try await rig.reopen()
        #expect(try await rig.queue("jobs").metrics() == QueueMetrics())
    }

    @Test(arguments: QueueRig.Kind.allCases)
    func `a message in flight when the process dies is delivered again and the attempt counts`(
        kind: QueueRig.Kind
    ) async throws {
        let rig = try await QueueRig(kind, [.worker("jobs", size: 1, timeout: 0, retries: 1, dead: "dead")])
        try await rig.queue("jobs").send(.text("a"))
        for attempt in 1...3 {
            guard case .deliver(let ready) = rig.ledger.step() else {
                Issue.record("delivery \(attempt) is missing")
                return
            }
            let opened = try await rig.ledger.open(ready)
            #expect(opened?.batch.messages.map(\.attempts) == [attempt])
            try await rig.reopen()
        }
        // One more than max_retries + 1, then it is a dead letter: it may be what kills the process.
        #expect(try await rig.queue("jobs").metrics().backlogCount == 0)
        await rig.ledger.flush()
        try await rig.reopen()
        #expect(try await rig.queue("dead").metrics().backlogCount == 1)
    }

    @Test(arguments: QueueRig.Kind.allCases)
    func `a lease goes on in the next process`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind, [.pull("jobs")])
        try await rig.queue("jobs").sendBatch(["a", "b"].map { QueueMessage(.text($0)) })
        let leases = try await rig.pullConsumer("jobs").pull().messages.map(\.leaseID)
        try await rig.reopen(after: 10)
        #expect(try await rig.pullConsumer("jobs").pull().messages.isEmpty)
        #expect(try await rig.pullConsumer("jobs").ack(leases[0]).ackCount == 1)
        try await rig.reopen(after: 20)
        #expect(
            try await rig.pullConsumer("jobs").pull().messages.map { "\($0.body.text ?? "")\($0.attempts)" } == ["b2"])
        #expect(try await rig.pullConsumer("jobs").ack(leases[1]).warnings.count == 1)
    }

    @Test(arguments: QueueRig.Kind.allCases)
    func `dead letters are kept without a consumer`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind, [.worker("jobs", size: 1, retries: 0, dead: "dead")])
        rig.handle("jobs") { _ in throw Failed() }
        try await rig.queue("jobs").send(.text("a"))
        let failed = try await rig.advance(by: 0)
        await rig.ledger.flush()
        try await rig.reopen(after: 3600)
        rig.handle("dead") { _ in }
        rig.configure(try .worker("dead"))
        let dead = try await rig.advance(by: 5)
        #expect(dead.map(\.summary) == ["dead@3605: a/1"])
        #expect(dead[0].messages.map(\.id) == failed[0].messages.map(\.id))
    }

    // MARK: Many at once

    @Test(arguments: QueueRig.Kind.allCases)
    func `many senders, pullers and acknowledgements leave nothing behind`(kind: QueueRig.Kind) async throws {
        let rig = try await QueueRig(kind, [.pull("jobs")])
        let got = Collection()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<20 {
                group.addTask {
                    for number in 0..<25 { try await rig.queue("jobs").send(.text("\(sender)-\(number)")) }
                }
            }
            for _ in 0..<10 {
                group.addTask { for _ in 0..<20 { _ = try await take(from: rig, into: got) } }
            }
            try await group.waitForAll()
        }
        while try await take(from: rig, into: got) > 0 {}
        #expect(got.count == 500)
        #expect(try await rig.queue("jobs").metrics() == QueueMetrics())
        try await rig.reopen()
        #expect(try await rig.queue("jobs").metrics() == QueueMetrics())
    }

    /// Pulls and acknowledges once.
    private func take(from rig: QueueRig, into collection: Collection) async throws -> Int {
        let messages = try await rig.pullConsumer("jobs").pull(batchSize: 10).messages
        for message in messages {
            let isNew = collection.insert(message.body.text ?? "")
            #expect(isNew, "a message was leased twice")
        }
        try await rig.pullConsumer("jobs").settle(acks: messages.map(\.leaseID))
        return messages.count
    }

    private final class Collection: Sendable {
        private let items = Mutex<Set<String>>([])
        var count: Int { items.withLock { $0.count } }
        func insert(_ item: String) -> Bool { items.withLock { $0.insert(item).inserted } }
    }
}
