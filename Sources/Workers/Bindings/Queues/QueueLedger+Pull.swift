/// Pull consumers: messages are taken by lease, and acknowledged or retried by lease.
extension QueueLedger {
    package func pull(
        _ queue: String, batchSize: Int?, visibilityTimeout: Int?
    ) async throws -> QueuePullResult {
        let consumer = try pullConsumer(of: queue)
        let limit = batchSize ?? QueueLedger.standardPull
        guard (1...QueueLimits.batchCount).contains(limit) else {
            throw WorkersError(
                .error, "batch_size of a pull is \(limit); it goes from 1 to \(QueueLimits.batchCount).",
                code: QueueErrorCode.batch)
        }
        let timeout = visibilityTimeout ?? consumer.visibilityTimeout
        guard (0...QueueLimits.visibilityTimeout).contains(timeout) else {
            throw WorkersError(
                .error,
                "visibility_timeout_ms of a pull is \(timeout); it goes from 0 to \(QueueLimits.visibilityTimeout).",
                code: QueueErrorCode.batch)
        }
        let ((records, metrics), receipt) = change { state, now in
            state.board.with(queue) { machine in
                let records = machine.lease(limit: limit, until: now + timeout, leaseIDs: newLease, now: now)
                return (records, machine.metrics())
            }
        }
        try await receipt.stored()
        let contents = try await store.contents(of: records.map(\.key))
        let messages = records.compactMap { record in contents[record.key].map { PulledMessage(record, $0.body) } }
        return QueuePullResult(messages: messages, metadata: QueueMetadata(metrics: metrics))
    }

    package func settle(
        _ queue: String, acks: [String], retries: [QueueLeaseRetry]
    ) async throws -> QueueAckResult {
        _ = try pullConsumer(of: queue)
        for retry in retries {
            guard let delay = retry.delaySeconds, !(0...QueueLimits.delaySeconds).contains(delay) else { continue }
            throw WorkersError(
                .error, "delay_seconds of a retry is \(delay); it goes from 0 to \(QueueLimits.delaySeconds).",
                code: QueueErrorCode.delay)
        }
        let (result, receipt) = change { state, now in
            state.board.with(queue) { machine in
                var result = QueueAckResult()
                for lease in acks {
                    if machine.acknowledge(lease: lease, now: now) {
                        result.ackCount += 1
                    } else {
                        result.warnings[lease] = QueueLedger.unknownLease
                    }
                }
                for retry in retries {
                    if machine.retry(lease: retry.leaseID, delaySeconds: retry.delaySeconds, now: now) {
                        result.retryCount += 1
                    } else {
                        result.warnings[retry.leaseID] = QueueLedger.unknownLease
                    }
                }
                return result
            }
        }
        try await receipt.stored()
        return result
    }

    /// The oldest waiting messages without leasing them.
    package func peek(_ queue: String, limit: Int) async throws -> [PulledMessage] {
        let (records, _) = change { state, now in
            state.board.with(queue) { $0.peek(limit: limit, now: now) }
        }
        let contents = try await store.contents(of: records.map(\.key))
        return records.compactMap { record in contents[record.key].map { PulledMessage(record, $0.body) } }
    }

    /// Removes the messages with these ids, or all of them.
    ///
    /// - Returns: how many there were.
    @discardableResult
    package func purge(_ queue: String, ids: Set<String>? = nil) async throws -> Int {
        let (count, receipt) = change { state, _ in
            state.board.with(queue) { $0.purge { ids?.contains($0.id.text) ?? true } }
        }
        try await receipt.stored()
        return count
    }

    /// Removes the messages with these ids.
    ///
    /// - Returns: the ids of those that were there.
    package func purge(_ queue: String, messages ids: Set<String>) async throws -> Set<String> {
        let (found, receipt) = change { state, _ in
            var found: Set<String> = []
            state.board.with(queue) { machine in
                _ = machine.purge { record in
                    guard ids.contains(record.id.text) else { return false }
                    found.insert(record.id.text)
                    return true
                }
            }
            return found
        }
        try await receipt.stored()
        return found
    }

    package static let standardPull = 5
    private static let unknownLease = "The lease is unknown: its message is gone, or somebody else has it."

    private func newLease() -> String { QueueMessageID(high: random(), low: random()).text }

    private func pullConsumer(of queue: String) throws -> QueueConsumer {
        guard let consumer = consumer(of: queue), consumer.kind == .pull else {
            throw WorkersError(
                .error, "Queue \"\(queue)\" has no consumer of the type http_pull, so nothing can be pulled from it.",
                code: QueueErrorCode.batch)
        }
        return consumer
    }
}
