import Testing
import Workers

/// One queue as a list of calls. Instants are milliseconds; keys stand for messages.
@Suite struct QueueMachineTests {
    private func machine(
        size: Int? = nil, timeout: Int? = nil, retries: Int? = nil, concurrency: Int? = nil, retryDelay: Int? = nil,
        dead: String? = nil, kind: QueueConsumer.Kind = .worker, retention: Int? = nil, isPaused: Bool = false
    ) throws -> Life {
        var machine = QueueMachine(name: "jobs")
        let consumer = try QueueConsumer(
            kind: kind, maxBatchSize: size, maxBatchTimeout: timeout, maxRetries: retries,
            maxConcurrency: concurrency, retryDelay: retryDelay, deadLetterQueue: dead)
        let settings = try QueueSettings(deliveryDelay: nil, retention: retention, isPaused: isPaused)
        machine.configure(settings, consumer: consumer, now: 0)
        return Life(machine)
    }

    private func message(_ key: Int, at now: Int = 0, delay: Int = 0, size: Int = 10) -> QueueRecord {
        QueueRecord(
            key: key, id: QueueMessageID(high: 0, low: UInt64(key)), queue: "jobs", timestamp: now, entered: now,
            size: size, phase: delay > 0 ? .delayed(until: now + delay) : .waiting(since: now))
    }

    private func keys(_ step: QueueMachine.Step) -> [Int]? {
        guard case .deliver(let records) = step else { return nil }
        return records.map(\.key)
    }

    @Test func `a full batch goes at once, a partial one when its timer ends`() throws {
        let queue = try machine(size: 2)
        #expect(queue.step(now: 0) == .nothing)
        queue.accept(message(1))
        #expect(queue.step(now: 0) == .sleep(until: 5000))
        queue.accept(message(2, at: 4000))
        #expect(keys(queue.step(now: 4000)) == [1, 2])
        queue.accept(message(3, at: 4500))
        #expect(keys(queue.step(now: 4500)) == nil)
        queue.settle([(1, .ack), (2, .ack)], now: 4600)
        #expect(queue.step(now: 4600) == .sleep(until: 9500))
        #expect(keys(queue.step(now: 9500)) == [3])
    }

    @Test func `later messages do not extend the timer`() throws {
        let queue = try machine()
        for second in 0..<5 { queue.accept(message(second, at: second * 1000)) }
        #expect(queue.step(now: 4999) == .sleep(until: 5000))
        #expect(keys(queue.step(now: 5000)) == [0, 1, 2, 3, 4])
    }

    @Test func `what a dispatch leaves behind starts a timer of its own`() throws {
        let queue = try machine(size: 2, concurrency: 5)
        for key in 1...3 { queue.accept(message(key)) }
        #expect(keys(queue.step(now: 100)) == [1, 2])
        #expect(queue.step(now: 100) == .sleep(until: 5100))
        #expect(keys(queue.step(now: 5100)) == [3])
    }

    @Test func `a timeout of zero waits for nobody`() throws {
        let queue = try machine(timeout: 0)
        queue.accept(message(1))
        #expect(keys(queue.step(now: 0)) == [1])
    }

    @Test func `a delayed message becomes waiting and starts the timer then`() throws {
        let queue = try machine()
        queue.accept(message(1, delay: 30_000))
        queue.accept(message(2, at: 29_000))
        #expect(queue.step(now: 29_000) == .sleep(until: 30_000))
        // Looked at late, the timer still counts from the end of the first delay.
        #expect(keys(queue.step(now: 34_000)) == [2, 1])
    }

    @Test func `a late look finds the timer already over`() throws {
        let queue = try machine()
        queue.accept(message(1, delay: 1000))
        #expect(keys(queue.step(now: 6000)) == [1])
    }

    @Test func `at most max_concurrency batches are out`() throws {
        let queue = try machine(size: 1, concurrency: 2)
        for key in 1...3 { queue.accept(message(key)) }
        #expect(keys(queue.step(now: 0)) == [1])
        #expect(keys(queue.step(now: 0)) == [2])
        #expect(queue.step(now: 0) != .nothing)
        #expect(keys(queue.step(now: 0)) == nil)
        queue.settle([(1, .ack)], now: 10)
        #expect(keys(queue.step(now: 10)) == [3])
    }

    @Test func `without a set concurrency a large backlog gets more handlers`() throws {
        let queue = try machine(size: 1)
        for key in 1...25 { queue.accept(message(key)) }
        var batches = 0
        while keys(queue.step(now: 0)) != nil { batches += 1 }
        #expect(batches == 3)
    }

    @Test func `a message is delivered max_retries + 1 times and then dropped`() throws {
        let queue = try machine(size: 1, retries: 2)
        queue.accept(message(7))
        for attempt in 1...3 {
            guard case .deliver(let records) = queue.step(now: attempt) else {
                Issue.record("delivery \(attempt) is missing")
                return
            }
            #expect(records.map(\.attempts) == [attempt])
            _ = queue.takeEffects()
            queue.settle([(7, .retry(delaySeconds: nil))], now: attempt)
        }
        guard case .drop(let record, .retriesUsedUp)? = queue.takeEffects().first else {
            Issue.record("the message was not dropped")
            return
        }
        #expect(record.failures == 3)
        #expect(queue.step(now: 10) == .nothing)
        #expect(queue.metrics() == QueueMetrics())
    }

    @Test func `a dead letter starts anew and keeps its timestamp`() throws {
        let queue = try machine(size: 1, retries: 0, retryDelay: 60, dead: "dead")
        queue.accept(message(7, at: 5))
        _ = queue.step(now: 5)
        _ = queue.takeEffects()
        queue.settle([(7, .retry(delaySeconds: 30))], now: 1000)
        guard case .bury(let record)? = queue.takeEffects().first else {
            Issue.record("the message was not buried")
            return
        }
        #expect(record.queue == "dead" && record.attempts == 1 && record.timestamp == 5 && record.entered == 1000)
        #expect(record.phase == .waiting(since: 1000))
    }

    @Test func `the first given delay of a retry wins, and zero counts as given`() throws {
        let queue = try machine(size: 1, concurrency: 9, retryDelay: 9)
        for key in 1...3 { queue.accept(message(key)) }
        for _ in 1...3 { _ = queue.step(now: 0) }
        queue.settle([(1, .retry(delaySeconds: 4))], now: 0)
        queue.settle([(2, .retry(delaySeconds: nil))], now: 0)
        queue.settle([(3, .retry(delaySeconds: 0))], now: 0)
        #expect(keys(queue.step(now: 0)) == [3])
        #expect(queue.step(now: 0) == .sleep(until: 4000))
        #expect(keys(queue.step(now: 4000)) == [1])
        #expect(keys(queue.step(now: 9000)) == [2])
    }

    @Test func `messages are dropped when their retention is over, but not out of a handler's hands`() throws {
        let queue = try machine(size: 1, concurrency: 1, retention: 60)
        queue.accept(message(1))
        queue.accept(message(2))
        #expect(keys(queue.step(now: 0)) == [1])
        _ = queue.takeEffects()
        #expect(queue.step(now: 59_999) == .sleep(until: 60_000))
        #expect(queue.step(now: 60_000) == .nothing)
        #expect(queue.takeEffects().count == 1)
        #expect(queue.metrics().backlogCount == 1)
        queue.settle([(1, .retry(delaySeconds: 0))], now: 61_000)
        guard case .drop(let record, .retentionOver)? = queue.takeEffects().first else {
            Issue.record("the message was not dropped")
            return
        }
        #expect(record.key == 1)
        #expect(queue.step(now: 61_000) == .nothing)
    }

    @Test func `a paused queue delivers nothing and catches up afterwards`() throws {
        let queue = try machine(size: 1, isPaused: true)
        queue.accept(message(1))
        let expiry = QueueSettings.standard.retention * 1000
        #expect(queue.step(now: 0) == .sleep(until: expiry))
        queue.configure(.standard, consumer: .standard, now: 1000)
        #expect(queue.step(now: 1000) == .sleep(until: 6000))
        #expect(keys(queue.step(now: 6000)) == [1])
    }

    @Test func `a queue without a consumer keeps its messages until one comes`() throws {
        let queue = Life(QueueMachine(name: "jobs"))
        queue.accept(message(1))
        #expect(keys(queue.step(now: 60_000)) == nil)
        #expect(queue.metrics() == QueueMetrics(backlogCount: 1, backlogBytes: 10, oldestMessageTimestamp: 0))
        queue.configure(.standard, consumer: .standard, now: 60_000)
        #expect(keys(queue.step(now: 65_000)) == [1])
    }

    // MARK: Interruptions

    @Test func `what never reached its handler waits again as if untried`() throws {
        let queue = try machine(size: 1, retries: 0)
        queue.accept(message(1))
        _ = queue.step(now: 0)
        queue.takeBack([1], delay: 1000, now: 0)
        #expect(queue.step(now: 0) == .sleep(until: 1000))
        guard case .deliver(let records) = queue.step(now: 1000) else {
            Issue.record("not delivered again")
            return
        }
        #expect(records.map(\.attempts) == [1])
    }

    @Test func `what a stopping host gives back counts an attempt and is never buried`() throws {
        let queue = try machine(size: 1, retries: 0, dead: "dead")
        queue.accept(message(1))
        for attempt in 1...4 {
            guard case .deliver(let records) = queue.step(now: 0) else {
                Issue.record("not delivered again")
                return
            }
            #expect(records.map(\.attempts) == [attempt])
            queue.settle([(1, .giveBack)], now: 0)
        }
    }

    @Test func `a message in flight at a crash is tried once more than usual, then given up`() throws {
        var record = message(1)
        record.phase = .inFlight
        var queue = try machine(size: 1, retries: 1)
        record.failures = 1
        queue.accept(record)
        queue.recover(1, now: 50)
        guard case .deliver(let records) = queue.step(now: 50) else {
            Issue.record("not delivered again")
            return
        }
        #expect(records.map(\.attempts) == [3])

        queue = try machine(size: 1, retries: 1)
        record.failures = 2
        queue.accept(record)
        queue.recover(1, now: 50)
        #expect(queue.step(now: 50) == .nothing)
        #expect(queue.takeEffects().count == 1)
    }

    // MARK: Pull

    private func lease(_ queue: Life, _ limit: Int = 5, for milliseconds: Int = 30_000, at now: Int)
        -> [String]
    {
        var number = 0
        let leased = queue.lease(
            limit: limit, until: now + milliseconds,
            leaseIDs: {
                number += 1
                return "\(now)-\(number)"
            }, now: now)
        return leased.map { "\($0.key)/\($0.attempts)" }
    }

    @Test func `a lease hides the oldest messages until it ends, with nobody pulling`() throws {
        let queue = try machine(retries: 1, kind: .pull)
        for key in 1...3 { queue.accept(message(key)) }
        #expect(lease(queue, 2, at: 0) == ["1/1", "2/1"])
        #expect(lease(queue, at: 10) == ["3/1"])
        #expect(lease(queue, at: 20) == [])
        #expect(queue.step(now: 29_999) == .sleep(until: 30_000))
        #expect(queue.step(now: 30_000) == .sleep(until: 30_010))
        #expect(lease(queue, at: 40_000) == ["1/2", "2/2", "3/2"])
        _ = queue.takeEffects()
        _ = queue.step(now: 70_000)
        #expect(queue.takeEffects().count == 3)
        #expect(queue.metrics().backlogCount == 0)
    }

    @Test func `a late acknowledgement counts until somebody else has the message`() throws {
        let queue = try machine(kind: .pull)
        queue.accept(message(1))
        _ = lease(queue, at: 0)
        #expect(queue.acknowledge(lease: "unknown", now: 31_000) == false)
        _ = lease(queue, at: 31_000)
        #expect(queue.acknowledge(lease: "0-1", now: 31_000) == false)
        #expect(queue.acknowledge(lease: "31000-1", now: 99_000) == true)
        #expect(queue.acknowledge(lease: "31000-1", now: 99_000) == false)
        #expect(queue.metrics().backlogCount == 0)
    }

    @Test func `a retry by lease uses up an attempt once`() throws {
        let queue = try machine(retries: 1, retryDelay: 10, kind: .pull)
        queue.accept(message(1))
        _ = lease(queue, at: 0)
        #expect(queue.retry(lease: "0-1", delaySeconds: nil, now: 0))
        #expect(lease(queue, at: 9_999) == [])
        // Again by the same lease: only the delay changes.
        #expect(queue.retry(lease: "0-1", delaySeconds: 20, now: 9_999))
        #expect(lease(queue, at: 29_998) == [])
        #expect(lease(queue, at: 29_999) == ["1/2"])
        #expect(queue.retry(lease: "29999-1", delaySeconds: 0, now: 30_000))
        #expect(queue.metrics().backlogCount == 0)
    }

    @Test func `a late retry with a delay hides a message that waits`() throws {
        let queue = try machine(kind: .pull)
        queue.accept(message(1))
        _ = lease(queue, for: 1000, at: 0)
        #expect(queue.retry(lease: "0-1", delaySeconds: 60, now: 2000))
        #expect(lease(queue, at: 61_999) == [])
        #expect(lease(queue, at: 62_000) == ["1/2"])
    }

    @Test func `looking at messages leaves them, purging removes them`() throws {
        let queue = try machine(kind: .pull)
        for key in 1...3 { queue.accept(message(key)) }
        #expect(queue.peek(limit: 2, now: 0).map(\.key) == [1, 2])
        #expect(queue.purge { $0.key == 2 } == 1)
        #expect(lease(queue, at: 0) == ["1/1", "3/1"])
        #expect(queue.purge { _ in true } == 2)
        #expect(queue.step(now: 30_000) == .nothing)
    }

    // MARK: Many

    /// A model without heaps: what is delivered, in which order, after many random events.
    @Test(arguments: [1, 2, 3, 4, 5])
    func `over a long random life no message is lost, doubled or out of turn`(seed: UInt64) throws {
        var random = Xorshift(state: seed &* 0x9E37_79B9_7F4A_7C15)
        let queue = try machine(size: 7, timeout: 300, retries: 3, concurrency: 3)
        var now = 0
        var next = 1
        var outside: [[QueueRecord]] = []
        var attempts: [Int: Int] = [:]
        var done: Set<Int> = []
        for _ in 0..<20_000 {
            now += random.below(50)
            if random.below(3) > 0, next <= 6000 {
                queue.accept(message(next, at: now, delay: random.below(4) == 0 ? random.below(5000) : 0))
                next += 1
            }
            while case .deliver(let batch) = queue.step(now: now) {
                #expect(batch.count <= 7 && !batch.isEmpty && outside.count < 3)
                for record in batch {
                    attempts[record.key, default: 0] += 1
                    #expect(record.attempts == attempts[record.key])
                    #expect(!done.contains(record.key))
                }
                outside.append(batch)
            }
            if !outside.isEmpty, random.below(2) == 0 {
                let batch = outside.remove(at: random.below(outside.count))
                let outcomes = batch.map { record -> (key: Int, outcome: BatchSettlement.Outcome) in
                    random.below(4) == 0 ? (record.key, .retry(delaySeconds: random.below(3))) : (record.key, .ack)
                }
                queue.settle(outcomes, now: now)
                for (key, outcome) in outcomes where outcome == .ack || attempts[key] == 4 { done.insert(key) }
                for effect in queue.takeEffects() {
                    if case .drop(let record, _) = effect { #expect(record.failures == 4) }
                }
            }
        }
        for _ in 0..<200_000 where done.count < next - 1 {
            switch queue.step(now: now) {
            case .deliver(let batch): outside.append(batch)
            case .sleep(let instant) where outside.isEmpty: now = instant
            default: break
            }
            guard let batch = outside.popLast() else { continue }
            queue.settle(batch.map { ($0.key, .ack) }, now: now)
            done.formUnion(batch.map(\.key))
        }
        #expect(done.count == next - 1)
        #expect(queue.metrics() == QueueMetrics())
        #expect(queue.step(now: now) == .nothing)
    }
}

private struct Xorshift {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(limit))
    }
}

/// A machine behind a reference: an expectation cannot call what changes a value.
private final class Life {
    private var machine: QueueMachine

    init(_ machine: QueueMachine) { self.machine = machine }

    func configure(_ settings: QueueSettings, consumer: QueueConsumer?, now: Int) {
        machine.configure(settings, consumer: consumer, now: now)
    }
    func accept(_ record: QueueRecord) { machine.accept(record) }
    func step(now: Int) -> QueueMachine.Step { machine.step(now: now) }
    func settle(_ batch: [(key: Int, outcome: BatchSettlement.Outcome)], now: Int) { machine.settle(batch, now: now) }
    func takeBack(_ keys: [Int], delay: Int, now: Int) { machine.takeBack(keys, delay: delay, now: now) }
    func recover(_ key: Int, now: Int) { machine.recover(key, now: now) }
    func lease(limit: Int, until end: Int, leaseIDs: () -> String, now: Int) -> [QueueRecord] {
        machine.lease(limit: limit, until: end, leaseIDs: leaseIDs, now: now)
    }
    func acknowledge(lease: String, now: Int) -> Bool { machine.acknowledge(lease: lease, now: now) }
    func retry(lease: String, delaySeconds: Int?, now: Int) -> Bool {
        machine.retry(lease: lease, delaySeconds: delaySeconds, now: now)
    }
    func peek(limit: Int, now: Int) -> [QueueRecord] { machine.peek(limit: limit, now: now) }
    func purge(where isDoomed: (QueueRecord) -> Bool) -> Int { machine.purge(where: isDoomed) }
    func metrics() -> QueueMetrics { machine.metrics() }
    func takeEffects() -> [QueueMachine.Effect] { machine.takeEffects() }
}
