/// The producer's side of a queue: messages that a consumer gets later, at least once.
///
/// ```swift
/// try await env.jobs.send(.json(.object([.init("invoice", .integer(42))])))
/// try await env.jobs.send(.text("remind"), delaySeconds: 3600)
/// try await env.jobs.sendBatch([QueueMessage(.text("a")), QueueMessage(.text("b"), delaySeconds: 60)])
/// ```
/// A send returns when the message is stored, not when it was handled. Without a consumer a queue keeps its messages for
/// its retention time. See the Workers documentation, "Queues", "JavaScript APIs".
public protocol Queue: Sendable {
    /// Stores one message.
    ///
    /// - Throws: `WorkersError`: a `TypeError` for a content type that is unknown or does not fit the body, an `Error`
    ///   that begins with `Queue send failed: ` for a limit (`QueueLimits`) or a store that fails.
    @discardableResult
    func send(_ message: QueueMessage) async throws -> QueueSendResult

    /// Stores all of the messages or, after any fault, none.
    ///
    /// - Parameter delaySeconds: for messages without a delay of their own.
    /// - Throws: as `send`, with the prefix `Queue sendBatch failed: `; for no messages at all a `TypeError`.
    @discardableResult
    func sendBatch(_ messages: [QueueMessage], delaySeconds: Int?) async throws -> QueueSendResult

    /// What the queue holds now: waiting, delayed and in the hands of consumers.
    func metrics() async throws -> QueueMetrics
}

extension Queue {
    /// Stores one message.
    ///
    /// - Parameters:
    ///   - contentType: nil takes the body's own.
    ///   - delaySeconds: 0 to 86 400 until the message becomes visible; nil takes the queue's delivery delay.
    @discardableResult
    public func send(
        _ body: QueueBody, contentType: QueueContentType? = nil, delaySeconds: Int? = nil
    ) async throws -> QueueSendResult {
        try await send(QueueMessage(body, contentType: contentType, delaySeconds: delaySeconds))
    }

    /// Stores all of the messages or none; each has its own delay or the queue's.
    @discardableResult
    public func sendBatch(_ messages: [QueueMessage]) async throws -> QueueSendResult {
        try await sendBatch(messages, delaySeconds: nil)
    }
}

/// One message to be sent.
public struct QueueMessage: Sendable, Hashable {
    public var body: QueueBody
    /// How the body travels; nil takes the body's own. `.text` content may be sent from a JSON string, and so on.
    public var contentType: QueueContentType?
    /// 0 to 86 400. An explicit 0 counts as given: it beats the delays of the batch and of the queue.
    public var delaySeconds: Int?

    public init(_ body: QueueBody, contentType: QueueContentType? = nil, delaySeconds: Int? = nil) {
        self.body = body
        self.contentType = contentType
        self.delaySeconds = delaySeconds
    }
}

/// What a send answers.
public struct QueueSendResult: Sendable, Hashable {
    public var metadata: QueueMetadata

    public init(metadata: QueueMetadata) { self.metadata = metadata }
}

/// What comes with results and batches.
public struct QueueMetadata: Sendable, Hashable {
    /// The queue just before: a send's own messages are not counted.
    public var metrics: QueueMetrics

    public init(metrics: QueueMetrics = QueueMetrics()) { self.metrics = metrics }
}

/// The backlog of a queue.
public struct QueueMetrics: Sendable, Hashable {
    /// Messages that nobody has acknowledged yet.
    public var backlogCount: Int
    /// The sizes of their bodies as they were sent.
    public var backlogBytes: Int
    /// When the message that is longest in the queue was sent, in seconds since 1970; nil when the queue is empty.
    public var oldestMessageTimestamp: Double?

    public init(backlogCount: Int = 0, backlogBytes: Int = 0, oldestMessageTimestamp: Double? = nil) {
        self.backlogCount = backlogCount
        self.backlogBytes = backlogBytes
        self.oldestMessageTimestamp = oldestMessageTimestamp
    }
}

/// Stands in for a queue that the configuration lacks, until start-up has reported it.
struct MissingQueue: Queue {
    private var failure: WorkersError { WorkersError(.error, "This queue is missing in the configuration.") }

    func send(_ message: QueueMessage) async throws -> QueueSendResult { throw failure }
    func sendBatch(_ messages: [QueueMessage], delaySeconds: Int?) async throws -> QueueSendResult { throw failure }
    func metrics() async throws -> QueueMetrics { throw failure }
}
