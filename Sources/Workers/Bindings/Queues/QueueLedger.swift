import Synchronization

/// The queues of one store: every rule of theirs, behind one lock, over any storage.
///
/// Whoever drives it asks `step()` what is due, calls the handlers, and reports back; a test does that on a clock that it
/// moves, the emulator in real time. All decisions are those of `QueueBoard`; this type adds the lock, the clock and the
/// order of the writes: a message is stored before its send returns, and marked as delivered before its handler gets it.
package final class QueueLedger: Sendable {
    struct State {
        var board = QueueBoard()
        var nextKey = 1
        var onChange: (@Sendable () -> Void)?
    }

    let store: any QueueStore
    private let journal: QueueJournal
    let state = Mutex(State())
    private let clock: @Sendable () -> Double
    let random: @Sendable () -> UInt64
    let note: @Sendable (QueueNote) -> Void

    /// Takes over what an earlier process left in the store. What it had in flight waits again.
    ///
    /// - Parameters:
    ///   - records: everything in the store.
    ///   - configurations: all queues that have settings or a consumer; others come into being when they are named.
    ///   - now: seconds since 1970.
    ///   - random: 64 random bits, for ids.
    package init(
        store: any QueueStore, records: [QueueRecord], configurations: [QueueConfiguration] = [],
        now: @escaping @Sendable () -> Double, random: @escaping @Sendable () -> UInt64,
        note: @escaping @Sendable (QueueNote) -> Void
    ) {
        self.store = store
        self.clock = now
        self.random = random
        self.note = note
        journal = QueueJournal(store: store) { note(.storeFailed(reason: "\($0)")) }
        change { state, now in
            for configuration in configurations { state.board.configure(configuration, now: now) }
            state.board.restore(records, now: now)
            state.nextKey = records.reduce(0) { max($0, $1.key) } + 1
        }
    }

    /// Milliseconds since 1970.
    package var now: Int { QueueLedger.milliseconds(clock()) }

    /// Rounded to the nearest, so that a clock set to an instant that we named has reached it.
    package static func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }

    // MARK: Producing

    /// A queue to send to.
    package func queue(_ name: String) -> any Queue { LedgerQueue(ledger: self, name: name) }

    func send(_ message: QueueMessage, to queue: String) async throws -> QueueSendResult {
        let delay = settings(of: queue).deliveryDelay
        let parcel = try QueueSending.single(message, queueDelay: delay)
        return try await take([parcel], into: queue, operation: "send")
    }

    func send(_ messages: [QueueMessage], to queue: String, delaySeconds: Int?) async throws -> QueueSendResult {
        let delay = settings(of: queue).deliveryDelay
        let parcels = try QueueSending.batch(messages, delaySeconds: delaySeconds, queueDelay: delay)
        return try await take(parcels, into: queue, operation: "sendBatch")
    }

    /// Stores all of the parcels, or none, and gets them on their way.
    package func take(
        _ parcels: [QueueSending.Parcel], into queue: String, operation: String
    ) async throws -> QueueSendResult {
        let now = self.now
        let (records, contents, metrics, epoch, firstReceipt) = state.withLock { state in
            var records: [QueueRecord] = []
            var contents: [QueueContent] = []
            for parcel in parcels {
                let instant = now + parcel.delaySeconds * 1000
                let record = QueueRecord(
                    key: state.nextKey, id: QueueMessageID(high: random(), low: random()), queue: queue,
                    timestamp: now, entered: now, size: parcel.bytes.count,
                    phase: parcel.delaySeconds > 0 ? .delayed(until: instant) : .waiting(since: now))
                state.nextKey += 1
                records.append(record)
                contents.append(QueueContent(type: parcel.type.name, bytes: parcel.bytes))
            }
            let receipt = journal.append(zip(records, contents).map { .insert($0, $1) })
            return (records, contents, state.board.metrics(of: queue), state.board.epoch, receipt)
        }
        var (receipt, writtenIn) = (firstReceipt, epoch)
        while true {
            do {
                try await receipt.stored()
            } catch {
                throw QueueSending.failure(operation, "\(error)", code: QueueErrorCode.unknown)
            }
            let again = accept(records, contents, writtenIn: writtenIn)
            guard let again else { break }
            (receipt, writtenIn) = again
        }
        return QueueSendResult(metadata: QueueMetadata(metrics: metrics))
    }

    /// Lets stored messages begin their lives.
    ///
    /// - Parameter epoch: of the board when they were noted for the store.
    /// - Returns: when everything was replaced since then, and they may have gone with it: the receipt for noting them once
    ///   more, and the epoch in which that was done.
    private func accept(
        _ records: [QueueRecord], _ contents: [QueueContent], writtenIn epoch: Int
    ) -> (QueueJournal.Receipt, Int)? {
        change { state, _ -> (QueueJournal.Receipt, Int)? in
            guard state.board.epoch == epoch else {
                let removals = records.map { QueueChange.remove(key: $0.key) }
                let changes = removals + zip(records, contents).map { .insert($0, $1) }
                return (journal.append(changes), state.board.epoch)
            }
            for record in records { state.board.accept(record) }
            return nil
        }.result
    }

    // MARK: Changes

    /// Decides something under the lock and notes what follows for the store, in the order of the decisions.
    ///
    /// - Parameter tells: whether the observer is to ask again what is due.
    @discardableResult
    func change<Result>(
        tells: Bool = true, _ body: (inout State, _ now: Int) -> Result
    ) -> (result: Result, receipt: QueueJournal.Receipt) {
        let now = self.now
        let (result, effects, receipt, onChange) = state.withLock { state in
            let result = body(&state, now)
            let effects = state.board.takeEffects()
            return (result, effects, journal.append(effects.map(\.change)), state.onChange)
        }
        for effect in effects {
            if let sentence = effect.note { note(sentence) }
        }
        if tells { onChange?() }
        return (result, receipt)
    }

    /// Returns when everything decided so far was written, or failed to be.
    package func flush() async { await journal.settle() }

    // MARK: Replacing everything

    /// Keeps keys for messages that come from elsewhere.
    ///
    /// - Returns: the first of them.
    package func reserveKeys(_ count: Int) -> Int {
        state.withLock { state in
            defer { state.nextKey += count }
            return state.nextKey
        }
    }

    /// Takes over what the store holds now instead of what it held, in the moment between the two. Handlers that are at
    /// work finish, and what they say about their messages counts for nothing.
    ///
    /// - Parameter records: with keys that were reserved.
    package func replace(_ records: [QueueRecord], configurations: [QueueConfiguration]) {
        change { state, now in
            var board = QueueBoard(epoch: state.board.epoch + 1)
            for configuration in configurations { board.configure(configuration, now: now) }
            board.restore(records, now: now)
            state.board = board
        }
    }

    // MARK: Configuration

    /// Sets a queue's settings and consumer in place of those it had.
    package func configure(_ configuration: QueueConfiguration) {
        change { state, now in state.board.configure(configuration, now: now) }
    }

    /// Gives a queue another name, and its messages with it.
    ///
    /// - Returns: false while a handler has messages of the queue, or when the name is another queue's.
    package func rename(_ queue: String, to name: String) async throws -> Bool {
        let (isDone, receipt) = change { state, _ in state.board.rename(queue, to: name) }
        try await receipt.stored()
        return isDone
    }

    /// Removes a queue with its messages, whoever has them.
    package func remove(_ queue: String) async throws {
        let (_, receipt) = change { state, _ in state.board.forget(queue) }
        try await receipt.stored()
    }

    /// The queues that were configured or named so far.
    package var names: [String] { state.withLock { $0.board.names } }

    package func contains(_ queue: String) -> Bool { state.withLock { $0.board.contains(queue) } }

    package func settings(of queue: String) -> QueueSettings { state.withLock { $0.board.settings(of: queue) } }

    package func consumer(of queue: String) -> QueueConsumer? { state.withLock { $0.board.consumer(of: queue) } }

    package func metrics(of queue: String) -> QueueMetrics {
        change(tells: false) { state, now in
            state.board.with(queue) { machine in
                machine.catchUp(now: now)
                return machine.metrics()
            }
        }.result
    }
}

extension QueueBoard.Effect {
    fileprivate var change: QueueChange {
        switch self {
        case .update(let record), .bury(let record, _): .update(record)
        case .remove(let key): .remove(key: key)
        case .drop(let record, _): .remove(key: record.key)
        }
    }

    fileprivate var note: QueueNote? {
        switch self {
        case .update, .remove: nil
        case .bury(let record, let queue): .buried(queue: queue, into: record.queue, id: record.id.text)
        case .drop(let record, .retentionOver): .expired(queue: record.queue, id: record.id.text)
        case .drop(let record, .retriesUsedUp):
            .dropped(queue: record.queue, id: record.id.text, attempts: record.failures)
        }
    }
}

/// One queue of a ledger, for producers.
private struct LedgerQueue: Queue {
    let ledger: QueueLedger
    let name: String

    func send(_ message: QueueMessage) async throws -> QueueSendResult { try await ledger.send(message, to: name) }

    func sendBatch(_ messages: [QueueMessage], delaySeconds: Int?) async throws -> QueueSendResult {
        try await ledger.send(messages, to: name, delaySeconds: delaySeconds)
    }

    func metrics() async throws -> QueueMetrics { ledger.metrics(of: name) }
}
