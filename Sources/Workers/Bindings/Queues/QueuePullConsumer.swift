import FoundationEssentials

/// A consumer that takes messages when it wants to. Made for a queue whose consumer is of the kind `pull`.
///
/// ```swift
/// let pulled = try await consumer.pull(batchSize: 10, visibilityTimeout: 60_000)
/// for message in pulled.messages { try await print(message.body); try await consumer.ack(message.leaseID) }
/// ```
/// A pulled message is hidden until it is acknowledged or retried, or its lease ends; then it is visible again with a
/// higher `attempts`, or leaves when its retries are used up. See the Workers documentation, "Queues", "Pull consumers".
public struct QueuePullConsumer: Sendable {
    public let queue: String
    private let ledger: QueueLedger

    package init(_ queue: String, of ledger: QueueLedger) {
        self.queue = queue
        self.ledger = ledger
    }

    /// Leases the messages that wait longest; answers at once, with none when nothing is visible.
    ///
    /// - Parameters:
    ///   - batchSize: 1 to 100; 5.
    ///   - visibilityTimeout: milliseconds up to 43 200 000 (12 hours); the consumer's own.
    /// - Throws: `WorkersError` for arguments out of range, and when the queue has no pull consumer.
    public func pull(batchSize: Int? = nil, visibilityTimeout: Int? = nil) async throws -> QueuePullResult {
        try await ledger.pull(queue, batchSize: batchSize, visibilityTimeout: visibilityTimeout)
    }

    /// Acknowledges and retries by lease. An acknowledgement counts after the end of its lease, too, as long as nobody else
    /// was given the message. An unknown lease is a warning, not an error.
    @discardableResult
    public func settle(acks: [String] = [], retries: [QueueLeaseRetry] = []) async throws -> QueueAckResult {
        try await ledger.settle(queue, acks: acks, retries: retries)
    }

    /// Acknowledges one message.
    @discardableResult
    public func ack(_ leaseID: String) async throws -> QueueAckResult { try await settle(acks: [leaseID]) }

    /// Makes one message visible again.
    ///
    /// - Parameter delaySeconds: 0 to 86 400; nil takes the consumer's retry delay.
    @discardableResult
    public func retry(_ leaseID: String, delaySeconds: Int? = nil) async throws -> QueueAckResult {
        try await settle(retries: [QueueLeaseRetry(leaseID, delaySeconds: delaySeconds)])
    }
}

/// A message to be retried by a pull consumer.
public struct QueueLeaseRetry: Sendable, Hashable {
    public var leaseID: String
    public var delaySeconds: Int?

    public init(_ leaseID: String, delaySeconds: Int? = nil) {
        self.leaseID = leaseID
        self.delaySeconds = delaySeconds
    }
}

/// What a pull answers.
public struct QueuePullResult: Sendable, Hashable {
    public var messages: [PulledMessage]
    /// The queue just after the pull; leased messages are counted.
    public var metadata: QueueMetadata
}

/// A message in the hands of a pull consumer.
public struct PulledMessage: Sendable, Hashable {
    /// 32 hexadecimal digits.
    public var id: String
    /// New for each lease; empty for a message that was only looked at.
    public var leaseID: String
    /// 1 at the first delivery.
    public var attempts: Int
    /// When it was sent, in seconds since 1970.
    public var timestamp: Double
    public var body: QueueBody

    init(_ record: QueueRecord, _ body: QueueBody) {
        id = record.id.text
        leaseID = record.leaseID ?? ""
        attempts = record.attempts
        timestamp = Double(record.timestamp) / 1000
        self.body = body
    }

    public var contentType: QueueContentType { body.contentType }

    /// The body as the REST interface carries it: plain for text, in base64 for JSON and bytes.
    public var transportBody: String {
        if case .text(let text) = body { return text }
        return Data(body.encoded).base64EncodedString()
    }
}

/// What became of acknowledgements and retries.
public struct QueueAckResult: Sendable, Hashable {
    public var ackCount = 0
    public var retryCount = 0
    /// Reasons by lease id.
    public var warnings: [String: String] = [:]
}
