import Synchronization
import Testing
import Workers
import WorkersTesting

/// Queues as the author of a Worker tests with them.
@Suite struct MemoryQueuesTests {
    private struct Letter: Codable {
        var to: String
    }

    /// A handler like one in an application.
    @Sendable private static func deliver(_ batch: MessageBatch) async throws {
        for message in batch.messages {
            let letter = try message.body.decode(Letter.self)
            if letter.to.isEmpty { message.retry(delaySeconds: 60) } else { message.ack() }
        }
    }

    @Test func `a handler is tested with queues on a clock that the test moves`() async throws {
        let queues = MemoryQueues()
        try queues.consume("letters", as: QueueConsumer(maxBatchSize: 2, maxRetries: 1)) {
            try await MemoryQueuesTests.deliver($0)
        }
        let bindings = Bindings(["LETTERS": .queue(queues.queue("letters"))])
        let letters = try bindings.queue("LETTERS")
        try bindings.verify()
        try await letters.send(.encoding(Letter(to: "Ada")))
        try await letters.send(.encoding(Letter(to: "")))
        let first = try await queues.deliver()
        #expect(first.map(\.acknowledged) == [1])
        #expect(try await queues.advance(by: 64).isEmpty)
        let second = try await queues.advance(by: 1)
        #expect(second.map(\.at) == [65])
        #expect(second.flatMap(\.messages).map(\.attempts) == [2])
        guard case .dropped(queue: "letters", _, attempts: 2)? = queues.notes.first else {
            Issue.record("\(queues.notes)")
            return
        }
    }

    @Test func `a batch of one's own shows what a handler decided`() async throws {
        let messages = ["{\"to\":\"Ada\"}", "{\"to\":\"\"}"].enumerated().map {
            Message(id: "\($0)", timestamp: 0, body: .text($1))
        }
        let batch = MessageBatch(queue: "letters", messages: messages)
        try await MemoryQueuesTests.deliver(batch)
        let result = QueueResult(batch)
        #expect(result.acknowledged == ["0"])
        #expect(result.retried == ["1"])
        #expect(result.delays == ["1": 60])
        let bad = MessageBatch(queue: "letters", messages: [Message(id: "x", timestamp: 0, body: .text("{"))])
        await #expect(throws: (any Error).self) { try await MemoryQueuesTests.deliver(bad) }
        #expect(QueueResult(bad, threw: true).retried == ["x"])
    }

    @Test func `ids are the same in each run`() async throws {
        var ids: [[String]] = []
        for _ in 1...2 {
            let queues = MemoryQueues(seed: 7)
            try queues.consume("jobs") { _ in }
            try await queues.queue("jobs").send(.text("a"))
            ids.append(try await queues.advance(by: 5).flatMap(\.messages).map(\.id))
        }
        #expect(ids[0] == ids[1] && ids[0].first?.count == 32)
    }

    @Test func `a pull consumer in memory`() async throws {
        let queues = MemoryQueues()
        queues.configure(try QueueConfiguration("jobs", consumer: QueueConsumer(kind: .pull)))
        try await queues.queue("jobs").send(.json(.integer(7)))
        let pulled = try await queues.pullConsumer("jobs").pull().messages
        #expect(pulled.map(\.transportBody) == ["Nw=="])
        #expect(try await queues.pullConsumer("jobs").ack(pulled[0].leaseID).ackCount == 1)
    }

    @Test func `a missing queue is reported with its kind`() throws {
        let bindings = Bindings([:])
        _ = try bindings.queue("JOBS")
        #expect(throws: MissingBindings.self) { try bindings.verify() }
    }
}
