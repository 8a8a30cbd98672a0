/// Deliveries, as whoever drives the ledger makes them: `step`, `open`, the handler, `finish`.
extension QueueLedger {
    /// What the driver is to do next.
    package enum Step: Sendable {
        case deliver(Ready)
        /// Ask again at this instant (milliseconds since 1970) or when the observer is told.
        case sleep(until: Int)
        /// Ask again when the observer is told.
        case nothing
    }

    /// A batch that was taken out of its queue.
    package struct Ready: Sendable {
        let delivery: QueueBoard.Delivery
        let receipt: QueueJournal.Receipt
    }

    /// A batch that is in the hands of its handler.
    package struct Opened: Sendable {
        package let batch: MessageBatch
        fileprivate let delivery: QueueBoard.Delivery
    }

    /// Sets who is told that something may be due earlier than the last `step` said.
    package func observe(_ onChange: @escaping @Sendable () -> Void) { state.withLock { $0.onChange = onChange } }

    /// One batch that is due, else when the next thing is.
    package func step() -> Step {
        let (step, receipt) = change(tells: false) { state, now in state.board.step(now: now) }
        switch step {
        case .deliver(let delivery): return .deliver(Ready(delivery: delivery, receipt: receipt))
        case .sleep(let instant): return .sleep(until: instant)
        case .nothing: return .nothing
        }
    }

    /// The batch as its handler gets it, once it is stored that it gets it; nil when its messages are gone.
    ///
    /// - Throws: what the store threw. The messages wait again then.
    package func open(_ ready: Ready) async throws -> Opened? {
        var delivery = ready.delivery
        let contents: [Int: QueueContent]
        do {
            try await ready.receipt.stored()
            contents = try await store.contents(of: delivery.records.map(\.key))
        } catch {
            // Tried again a little later: a full disk is not emptied by trying at once.
            change { state, now in state.board.takeBack(delivery, delay: 1000, now: now) }
            throw error
        }
        // Purged since they were taken.
        delivery.records.removeAll { contents[$0.key] == nil }
        if delivery.records.isEmpty {
            change { state, now in state.board.settle(delivery, [], now: now) }
            return nil
        }
        let messages = delivery.records.map { record in
            Message(
                id: record.id.text, timestamp: Double(record.timestamp) / 1000,
                body: contents[record.key]?.body ?? .bytes([]), attempts: record.attempts)
        }
        let (queue, note) = (delivery.queue, note)
        let batch = MessageBatch(queue: queue, messages: messages, metadata: QueueMetadata(metrics: delivery.metrics)) {
            note(.ignored(queue: queue, reason: $0))
        }
        return Opened(batch: batch, delivery: delivery)
    }

    /// Settles a batch by what its handler said and how it ended, and returns when that was stored.
    ///
    /// - Returns: how many of the messages are acknowledged.
    @discardableResult
    package func finish(_ opened: Opened, _ ending: BatchSettlement.Ending) async -> Int {
        let outcomes = opened.batch.decisions.close(ending)
        let (_, receipt) = change { state, now in state.board.settle(opened.delivery, outcomes, now: now) }
        // A failure is in the log by now. The messages come again after a restart, which at-least-once allows.
        try? await receipt.stored()
        return outcomes.count { $0 == .ack }
    }
}
