/// The life of the messages of one queue: a value without clock, lock or storage.
///
/// The caller reports what happens together with the time, does what `step(now:)` says, and stores what
/// `takeEffects()` returns. Times are milliseconds since 1970.
package struct QueueMachine: Sendable {
    /// What the caller is to do next.
    package enum Step: Sendable, Hashable {
        /// Hand these to the handler, then report with `settle` or `takeBack`.
        case deliver([QueueRecord])
        /// Come back at this instant, or after the next report.
        case sleep(until: Int)
        /// Come back after the next report.
        case nothing
    }

    /// What changed, for the store and the log.
    package enum Effect: Sendable, Hashable {
        case save(QueueRecord)
        case remove(key: Int)
        /// The message leaves for another queue; the record is as that queue gets it.
        case bury(QueueRecord)
        /// The message goes back to the queue that it came from; the record is as that queue gets it.
        case move(QueueRecord)
        /// The message was removed without having been handled.
        case drop(QueueRecord, reason: DropReason)
    }

    package enum DropReason: String, Sendable, Hashable { case retriesUsedUp, retentionOver }

    package private(set) var name: String
    package private(set) var settings = QueueSettings.standard
    package private(set) var consumer: QueueConsumer?

    private var records: [Int: QueueRecord] = [:]
    private var bytes = 0
    private var waitingCount = 0
    private var inFlightBatches = 0
    /// The end of the batch timer that the first waiting message started.
    private var timer: Int?
    private var waiting = Agenda { record in
        if case .waiting(let since) = record.phase { since } else { nil }
    }
    /// Ends of delays and leases.
    private var wakeups = Agenda { record in
        switch record.phase {
        case .delayed(let instant), .leased(let instant): instant
        case .waiting, .inFlight: nil
        }
    }
    /// All messages by their coming into the queue: what retention goes by.
    private var arrivals = Agenda { $0.entered }
    private var keyOfLease: [String: Int] = [:]
    private var effects: [Effect] = []

    package init(name: String) { self.name = name }

    // MARK: Configuration and intake

    package mutating func configure(_ settings: QueueSettings, consumer: QueueConsumer?, now: Int) {
        catchUp(now: now)
        self.settings = settings
        self.consumer = consumer
        timer = nil
        if waitingCount > 0 { startTimer(at: now) }
    }

    /// Takes a stored message, new or from an earlier life of the store.
    package mutating func accept(_ record: QueueRecord) {
        put(record)
        bytes += record.size
        arrivals.insert(record, of: records)
        if let lease = record.leaseID { keyOfLease[lease] = record.key }
    }

    package mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    package mutating func metrics() -> QueueMetrics {
        let oldest = arrivals.first(of: records).map { Double($0.record.timestamp) / 1000 }
        return QueueMetrics(backlogCount: records.count, backlogBytes: bytes, oldestMessageTimestamp: oldest)
    }

    // MARK: Stepping

    package mutating func step(now: Int) -> Step {
        catchUp(now: now)
        if let batch = nextBatch(now: now) { return .deliver(batch) }
        return nextInstant().map { .sleep(until: $0) } ?? .nothing
    }

    /// Reports the end of a delivery. What has left the queue meanwhile is passed over.
    package mutating func settle(_ batch: [(key: Int, outcome: BatchSettlement.Outcome)], now: Int) {
        inFlightBatches = max(0, inFlightBatches - 1)
        for (key, outcome) in batch {
            guard let record = records[key], record.phase == .inFlight else { continue }
            switch outcome {
            case .ack: remove(record)
            case .retry(let delay): fail(record, delaySeconds: delay, now: now)
            case .giveBack:
                var record = record
                record.failures += 1
                release(record, at: now, now: now)
            }
        }
    }

    /// Reports that a delivery never reached its handler: the messages wait again, as if it had not been tried.
    ///
    /// - Parameter delay: milliseconds before they are tried again.
    package mutating func takeBack(_ keys: [Int], delay: Int, now: Int) {
        inFlightBatches = max(0, inFlightBatches - 1)
        for key in keys {
            guard let record = records[key], record.phase == .inFlight else { continue }
            release(record, at: now + delay, now: now)
        }
    }

    /// Reports that the process died during a delivery of a message that is `inFlight`, before anything was stepped.
    ///
    /// It counts as a failure, or a message that kills the process does so for ever; but one more delivery than usual is
    /// granted, because the process may have died before the handler got the message.
    package mutating func recover(_ key: Int, now: Int) {
        guard var record = records[key], record.phase == .inFlight else { return }
        record.failures += 1
        if let consumer, record.failures > consumer.maxRetries + 1 { return giveUp(record, now: now) }
        release(record, at: now, now: now)
    }

    // MARK: Pull consumers

    /// Hides up to `limit` of the oldest waiting messages until `end`; each gets the next of `leaseIDs`.
    package mutating func lease(limit: Int, until end: Int, leaseIDs: () -> String, now: Int) -> [QueueRecord] {
        catchUp(now: now)
        var leased: [QueueRecord] = []
        while leased.count < limit, var record = takeWaiting() {
            let lease = leaseIDs()
            record.leaseID = lease
            record.phase = .leased(until: end)
            keyOfLease[lease] = record.key
            save(record)
            leased.append(record)
        }
        return leased
    }

    /// Acknowledges by lease, also after its end if nobody else has the message. False for an unknown lease.
    package mutating func acknowledge(lease: String, now: Int) -> Bool {
        catchUp(now: now)
        guard let key = keyOfLease[lease], let record = records[key], record.phase != .inFlight else { return false }
        remove(record)
        return true
    }

    /// Retries by lease. After its end the message waits already and has been counted; it only gets the delay.
    package mutating func retry(lease: String, delaySeconds: Int?, now: Int) -> Bool {
        catchUp(now: now)
        guard let key = keyOfLease[lease], let record = records[key], record.phase != .inFlight else { return false }
        if case .leased = record.phase {
            fail(record, delaySeconds: delaySeconds, now: now)
        } else if let delaySeconds, delaySeconds > 0 {
            release(record, at: now + delaySeconds * 1000, now: now)
        }
        return true
    }

    // MARK: Administration

    /// The oldest waiting messages, left where they are.
    package mutating func peek(limit: Int, now: Int) -> [QueueRecord] {
        catchUp(now: now)
        var agenda = waiting
        var found: [QueueRecord] = []
        while found.count < limit, let (record, _) = agenda.first(of: records) {
            agenda.removeFirst()
            found.append(record)
        }
        return found
    }

    /// Removes messages whoever has them.
    ///
    /// - Returns: how many.
    package mutating func purge(where isDoomed: (QueueRecord) -> Bool) -> Int {
        let doomed = records.values.filter(isDoomed)
        for record in doomed { remove(record) }
        return doomed.count
    }

    /// All messages in the order of their sends.
    package mutating func survey(now: Int) -> [QueueRecord] {
        catchUp(now: now)
        return records.values.sorted { $0.key < $1.key }
    }

    /// Delivers a message anew: one with an origin goes back there, another waits from now on, whatever it waited for.
    ///
    /// - Returns: false for one that is not there, or that a handler has.
    package mutating func redeliver(_ id: String, to origin: String?, now: Int) -> Bool {
        catchUp(now: now)
        guard let record = records.values.first(where: { $0.id.text == id }), record.phase != .inFlight else {
            return false
        }
        guard let origin = record.origin ?? origin else {
            forgetLease(of: record)
            var record = record
            record.leaseID = nil
            record.phase = .waiting(since: now)
            save(record)
            return true
        }
        forget(record)
        effects.append(.move(record.returned(to: origin, now: now)))
        return true
    }

    /// Whether a handler has messages of this queue.
    package var isDelivering: Bool { inFlightBatches > 0 }

    /// Gives the queue another name, and its messages with it. Nothing may be in flight.
    package mutating func rename(to name: String) {
        self.name = name
        for (key, var record) in records {
            record.queue = name
            records[key] = record
            effects.append(.save(record))
        }
    }

    // MARK: What time does

    /// Ends delays, leases and retention times.
    mutating func catchUp(now: Int) {
        while let (record, instant) = wakeups.first(of: records), instant <= now {
            wakeups.removeFirst()
            if case .leased = record.phase {
                // The consumer went quiet. That counts as a failure, or a crash loop never ends.
                fail(record, delaySeconds: 0, now: instant)
            } else {
                var record = record
                record.phase = .waiting(since: instant)
                put(record)
            }
        }
        while let (record, entered) = arrivals.first(of: records), isOver(entered, now) {
            arrivals.removeFirst()
            switch record.phase {
            // Let the consumer finish; the end of the delivery asks again.
            case .inFlight, .leased: continue
            case .waiting, .delayed: drop(record, .retentionOver)
            }
        }
    }

    private func isOver(_ entered: Int, _ now: Int) -> Bool { entered + settings.retention * 1000 <= now }

    private mutating func nextInstant() -> Int? {
        let wakeup = wakeups.first(of: records)?.instant
        let expiry = arrivals.first(of: records).map { $0.instant + settings.retention * 1000 }
        let flush = mayDeliver ? timer : nil
        return [wakeup, expiry, flush].compactMap { $0 }.min()
    }

    // MARK: Batches

    private var mayDeliver: Bool {
        guard let consumer, consumer.kind == .worker, !settings.isPaused, waitingCount > 0 else { return false }
        return inFlightBatches < consumer.concurrency(waiting: waitingCount)
    }

    /// A batch that is full, or whose time is over.
    private mutating func nextBatch(now: Int) -> [QueueRecord]? {
        guard mayDeliver, let consumer else { return nil }
        guard waitingCount >= consumer.maxBatchSize || timer.map({ $0 <= now }) ?? true else { return nil }
        var batch: [QueueRecord] = []
        while batch.count < consumer.maxBatchSize, var record = takeWaiting() {
            record.phase = .inFlight
            save(record)
            batch.append(record)
        }
        inFlightBatches += 1
        // For what remains the rule applies afresh.
        timer = nil
        if waitingCount > 0 { startTimer(at: now) }
        return batch
    }

    private mutating func startTimer(at instant: Int) {
        guard timer == nil, let consumer else { return }
        timer = instant + consumer.maxBatchTimeout
    }

    /// The message that waits longest, without the lease it may have had. The caller saves what becomes of it.
    private mutating func takeWaiting() -> QueueRecord? {
        guard var (record, _) = waiting.first(of: records) else { return nil }
        waiting.removeFirst()
        forgetLease(of: record)
        record.leaseID = nil
        return record
    }

    // MARK: Moves of one message

    private mutating func save(_ record: QueueRecord) {
        put(record)
        effects.append(.save(record))
    }

    /// Gives a message its new record and enters it into the agenda of its phase.
    private mutating func put(_ record: QueueRecord) {
        if let old = records.updateValue(record, forKey: record.key) { withdraw(old) }
        waiting.insert(record, of: records)
        wakeups.insert(record, of: records)
        guard case .waiting(let since) = record.phase else { return }
        waitingCount += 1
        startTimer(at: since)
    }

    /// Takes an old record out of the count of those that wait.
    private mutating func withdraw(_ record: QueueRecord) {
        guard case .waiting = record.phase else { return }
        waitingCount -= 1
        if waitingCount == 0 { timer = nil }
    }

    private mutating func release(_ record: QueueRecord, at instant: Int, now: Int) {
        if isOver(record.entered, now) { return drop(record, .retentionOver) }
        var record = record
        record.phase = instant > now ? .delayed(until: instant) : .waiting(since: now)
        save(record)
    }

    private mutating func fail(_ record: QueueRecord, delaySeconds: Int?, now: Int) {
        let consumer = consumer ?? .standard
        var record = record
        record.failures += 1
        if record.failures > consumer.maxRetries { return giveUp(record, now: now) }
        release(record, at: now + (delaySeconds ?? consumer.retryDelay) * 1000, now: now)
    }

    private mutating func giveUp(_ record: QueueRecord, now: Int) {
        guard let grave = consumer?.deadLetterQueue else { return drop(record, .retriesUsedUp) }
        forget(record)
        effects.append(.bury(record.buried(in: grave, now: now)))
    }

    private mutating func drop(_ record: QueueRecord, _ reason: DropReason) {
        forget(record)
        effects.append(.drop(record, reason: reason))
    }

    private mutating func remove(_ record: QueueRecord) {
        forget(record)
        effects.append(.remove(key: record.key))
    }

    private mutating func forget(_ record: QueueRecord) {
        guard let known = records.removeValue(forKey: record.key) else { return }
        withdraw(known)
        bytes -= known.size
        forgetLease(of: known)
    }

    private mutating func forgetLease(of record: QueueRecord) {
        if let lease = record.leaseID { keyOfLease[lease] = nil }
    }
}
