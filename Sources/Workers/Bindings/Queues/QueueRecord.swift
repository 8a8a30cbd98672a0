/// How one message stands in its queue. Times are milliseconds since 1970; the body lies in the store.
package struct QueueRecord: Sendable, Hashable {
    package enum Phase: Sendable, Hashable {
        /// Not to be delivered before an instant.
        case delayed(until: Int)
        /// To be delivered; since when.
        case waiting(since: Int)
        /// In the hands of a handler.
        case inFlight
        /// In the hands of a pull consumer, up to an instant.
        case leased(until: Int)
    }

    /// Unique among all queues of a store, rising with the order of the sends.
    package let key: Int
    package let id: QueueMessageID
    package var queue: String
    /// When it was sent.
    package let timestamp: Int
    /// When it came into this queue: a dead letter keeps its timestamp, but its retention starts anew.
    package var entered: Int
    /// Bytes of its body.
    package let size: Int
    /// Deliveries that did not end well.
    package var failures: Int
    package var phase: Phase
    /// The latest lease. It outlives its time: a late acknowledgement counts until somebody else has the message.
    package var leaseID: String?
    /// The queue in which it has died, for one in a dead letter queue.
    package var origin: String?

    package init(
        key: Int, id: QueueMessageID, queue: String, timestamp: Int, entered: Int, size: Int, failures: Int = 0,
        phase: Phase,
        leaseID: String? = nil, origin: String? = nil
    ) {
        self.key = key
        self.id = id
        self.queue = queue
        self.timestamp = timestamp
        self.entered = entered
        self.size = size
        self.failures = failures
        self.phase = phase
        self.leaseID = leaseID
        self.origin = origin
    }

    /// The number of the present or next delivery.
    package var attempts: Int { failures + 1 }

    /// The message as it enters its dead letter queue.
    func buried(in queue: String, now: Int) -> QueueRecord {
        QueueRecord(
            key: key, id: id, queue: queue, timestamp: timestamp, entered: now, size: size, phase: .waiting(since: now),
            origin: self.queue)
    }

    /// The message as it comes back to where it has died: as if it had just been sent, with all its attempts.
    func returned(to queue: String, now: Int) -> QueueRecord {
        QueueRecord(
            key: key, id: id, queue: queue, timestamp: timestamp, entered: now, size: size, phase: .waiting(since: now))
    }
}

/// The public name of a message: 128 random bits, written as 32 hexadecimal digits.
package struct QueueMessageID: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package var text: String { QueueMessageID.digits(high) + QueueMessageID.digits(low) }

    private static func digits(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
