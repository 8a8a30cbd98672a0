import Testing
import Workers

/// Several queues as a list of calls.
@Suite struct QueueBoardTests {
    private func message(_ key: Int, in queue: String, phase: QueueRecord.Phase = .waiting(since: 0)) -> QueueRecord {
        QueueRecord(
            key: key, id: QueueMessageID(high: 0, low: UInt64(key)), queue: queue, timestamp: 0, entered: 0, size: 1,
            phase: phase)
    }

    private func worker(_ name: String, size: Int? = nil) throws -> QueueConfiguration {
        try QueueConfiguration(name, consumer: QueueConsumer(maxBatchSize: size))
    }

    private func queue(_ step: QueueBoard.Step) -> String? {
        guard case .deliver(let delivery) = step else { return nil }
        return delivery.queue
    }

    @Test func `a lease that ends wakes its dead letter queue, whichever is asked first`() throws {
        for names in [["dead", "jobs"], ["jobs", "dead"]] {
            var board = QueueBoard()
            for name in names {
                let pull = try QueueConsumer(kind: .pull, maxRetries: 0, deadLetterQueue: "dead")
                board.configure(
                    try name == "dead" ? worker("dead") : QueueConfiguration("jobs", consumer: pull), now: 0)
            }
            board.accept(message(1, in: "jobs"))
            let leased = board.with("jobs") { $0.lease(limit: 1, until: 30_000, leaseIDs: { "lease" }, now: 0) }
            #expect(leased.count == 1)
            let waiting = board.step(now: 0)
            #expect(waiting == .sleep(until: 30_000))
            let buried = board.step(now: 30_000)
            #expect(buried == .sleep(until: 35_000))
            let delivered = board.step(now: 35_000)
            #expect(queue(delivered) == "dead")
        }
    }

    @Test func `queues take turns`() throws {
        var board = QueueBoard()
        for name in ["one", "two"] {
            board.configure(try worker(name, size: 1), now: 0)
            for key in 1...3 { board.accept(message(name == "one" ? key : key + 10, in: name)) }
        }
        var order: [String] = []
        while case .deliver(let delivery) = board.step(now: 0) {
            order.append(delivery.queue)
            board.settle(delivery, [.ack], now: 0)
        }
        #expect(order == ["one", "two", "one", "two", "one", "two"])
    }

    @Test func `what another process had in flight waits again, the rest keeps its time`() throws {
        var board = QueueBoard()
        board.configure(try worker("jobs"), now: 1000)
        board.restore(
            [
                message(1, in: "jobs", phase: .inFlight), message(2, in: "jobs", phase: .delayed(until: 50_000)),
                message(3, in: "jobs", phase: .leased(until: 20_000)),
            ], now: 1000)
        let first = board.step(now: 1000)
        #expect(first == .sleep(until: 6000))
        guard case .deliver(let delivery) = board.step(now: 6000) else {
            Issue.record("nothing was delivered")
            return
        }
        #expect(delivery.records.map(\.key) == [1])
        #expect(delivery.records.map(\.attempts) == [2])
        #expect(board.takeEffects().count == 2)
        let next = board.step(now: 6000)
        #expect(next == .sleep(until: 20_000))
    }

    @Test func `a queue takes its messages along to another name, but not from under a handler`() throws {
        var board = QueueBoard()
        board.configure(try worker("old", size: 1), now: 0)
        board.configure(try worker("other"), now: 0)
        board.accept(message(1, in: "old"))
        board.accept(message(2, in: "old", phase: .delayed(until: 5000)))
        guard case .deliver(let delivery) = board.step(now: 0) else {
            Issue.record("nothing was delivered")
            return
        }
        let early = board.rename("old", to: "new")
        #expect(!early)
        board.settle(delivery, [.retry(delaySeconds: 1)], now: 0)
        _ = board.takeEffects()
        let taken = board.rename("old", to: "other")
        #expect(!taken)
        let renamed = board.rename("old", to: "new")
        #expect(renamed)
        #expect(Set(board.names) == ["new", "other"])
        let effects = board.takeEffects()
        #expect(effects.count == 2)
        for case .update(let record) in effects { #expect(record.queue == "new") }
        let next = board.step(now: 1000)
        #expect(queue(next) == "new")
    }

    @Test func `a queue that is forgotten takes everything with it, also what a handler has`() throws {
        var board = QueueBoard()
        for name in ["one", "two", "three"] { board.configure(try worker(name, size: 1), now: 0) }
        for key in 1...3 { board.accept(message(key, in: "two")) }
        board.accept(message(4, in: "three"))
        guard case .deliver(let delivery) = board.step(now: 0) else {
            Issue.record("nothing was delivered")
            return
        }
        #expect(delivery.queue == "two")
        _ = board.takeEffects()
        board.forget("two")
        let removed = Set(board.takeEffects())
        #expect(removed == [.remove(key: 1), .remove(key: 2), .remove(key: 3)])
        #expect(board.names == ["one", "three"])
        // What the handler says later is about nothing.
        board.settle(delivery, [.retry(delaySeconds: 0)], now: 0)
        board.takeBack(delivery, delay: 0, now: 0)
        #expect(board.names == ["one", "three"])
        #expect(board.takeEffects().isEmpty)
        let next = board.step(now: 0)
        #expect(queue(next) == "three")
        // A new one of the same name begins empty.
        board.configure(try worker("two", size: 1), now: 0)
        let metrics = board.metrics(of: "two")
        #expect(metrics.backlogCount == 0)
    }
}

@Suite struct QueueRedeliveryTests {
    private static func board() throws -> QueueBoard {
        var board = QueueBoard()
        let consumer = try QueueConsumer(
            kind: .worker, maxBatchSize: 1, maxBatchTimeout: 0, maxRetries: 0, maxConcurrency: nil, retryDelay: nil,
            deadLetterQueue: "dead")
        board.configure(try QueueConfiguration("jobs", consumer: consumer), now: 0)
        return board
    }

    private static let message = QueueRecord(
        key: 1, id: QueueMessageID(high: 0, low: 1), queue: "jobs", timestamp: 0, entered: 0, size: 3,
        phase: .waiting(since: 0))

    @Test func `a dead letter goes back to where it died, with all its attempts`() throws {
        var board = try Self.board()
        board.accept(Self.message)
        guard case .deliver(let delivery) = board.step(now: 0) else {
            Issue.record("nothing was delivered")
            return
        }
        board.settle(delivery, [.retry(delaySeconds: nil)], now: 1)
        #expect(board.metrics(of: "dead").backlogCount == 1)
        let dead = board.with("dead") { $0.survey(now: 1) }
        #expect(dead.map(\.origin) == ["jobs"])
        _ = board.takeEffects()

        let isDone = board.with("dead") { $0.redeliver(Self.message.id.text, to: nil, now: 2) }
        #expect(isDone)
        #expect(board.metrics(of: "dead").backlogCount == 0)
        guard case .update(let record)? = board.takeEffects().first else {
            Issue.record("nothing was stored")
            return
        }
        #expect(record.queue == "jobs" && record.failures == 0 && record.origin == nil)
        guard case .deliver(let again) = board.step(now: 2) else {
            Issue.record("it does not come again")
            return
        }
        #expect(again.records.map(\.key) == [1])
    }

    @Test func `a delayed message waits no longer, one that a handler has stays with it`() throws {
        var board = try Self.board()
        var delayed = Self.message
        delayed.phase = .delayed(until: 1000)
        board.accept(delayed)
        #expect(board.with("jobs") { $0.redeliver(delayed.id.text, to: nil, now: 5) })
        guard case .deliver = board.step(now: 5) else {
            Issue.record("it still waits")
            return
        }
        #expect(!board.with("jobs") { $0.redeliver(delayed.id.text, to: nil, now: 6) })
        #expect(!board.with("jobs") { $0.redeliver("other", to: nil, now: 6) })
    }
}
