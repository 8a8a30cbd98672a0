import Synchronization

/// The messages that a queue hands to a consumer at once.
///
/// ```swift
/// func queue(_ batch: MessageBatch, env: Env, context: ExecutionContext) async throws {
///     for message in batch.messages {
///         do {
///             try await env.mailer.deliver(message.body.decode(Letter.self))
///             message.ack()
///         } catch {
///             message.retry(delaySeconds: 60)
///         }
///     }
/// }
/// ```
/// The first decision about a message counts: its own `ack` or `retry`, or the first `ackAll` or `retryAll` for those
/// still undecided. Later contrary calls are ignored and logged; a later retry of a retried message may set a new delay.
/// A message that nobody decided about is acknowledged when the handler returns and retried when it throws; explicit
/// decisions survive a throw. See the Workers documentation, "Queues", "Batching, Retries and Delays".
public struct MessageBatch: Sendable {
    /// The queue's name.
    public let queue: String
    public let messages: [Message]
    /// The queue as it was when the batch was made.
    public let metadata: QueueMetadata
    package let decisions: BatchDecisions

    /// A batch as a consumer gets it; tests make their own.
    public init(queue: String, messages: [Message], metadata: QueueMetadata = QueueMetadata()) {
        self.init(queue: queue, messages: messages, metadata: metadata) { _ in }
    }

    /// - Parameter warn: told of every call that is ignored, in a sentence.
    package init(
        queue: String, messages: [Message], metadata: QueueMetadata, warn: @escaping @Sendable (String) -> Void
    ) {
        let decisions = BatchDecisions(count: messages.count, warn: warn)
        self.queue = queue
        self.metadata = metadata
        self.decisions = decisions
        self.messages = messages.enumerated().map { $1.inBatch(decisions, at: $0) }
    }

    /// Acknowledges every message still undecided.
    public func ackAll() { decisions.decide { $0.ackAll() } }

    /// Retries every message still undecided.
    ///
    /// - Parameter delaySeconds: 0 to 86 400; nil takes the consumer's retry delay.
    public func retryAll(delaySeconds: Int? = nil) { decisions.decide { $0.retryAll(delaySeconds: delaySeconds) } }
}

/// One message of a batch.
public struct Message: Sendable {
    /// 32 hexadecimal digits, the same for every delivery and in the dead letter queue.
    public let id: String
    /// When it was sent, in seconds since 1970.
    public let timestamp: Double
    public let body: QueueBody
    /// 1 at the first delivery.
    public let attempts: Int
    private var decisions: BatchDecisions?
    private var index = 0

    /// A message for a batch that a test makes. Outside of a batch its decisions are not seen by anybody.
    public init(id: String, timestamp: Double, body: QueueBody, attempts: Int = 1) {
        self.id = id
        self.timestamp = timestamp
        self.body = body
        self.attempts = attempts
    }

    /// Done: the message is not delivered again.
    public func ack() { decisions?.decide { [index] in $0.ack(index) } }

    /// Deliver it again, as long as the consumer's retries last.
    ///
    /// - Parameter delaySeconds: 0 to 86 400; nil takes the delay of `retryAll`, else the consumer's retry delay.
    public func retry(delaySeconds: Int? = nil) {
        decisions?.decide { [index] in $0.retry(index, delaySeconds: delaySeconds) }
    }

    fileprivate func inBatch(_ decisions: BatchDecisions, at index: Int) -> Message {
        var copy = self
        copy.decisions = decisions
        copy.index = index
        return copy
    }
}

/// What the handler said about a batch so far, shared by the batch and its messages.
package final class BatchDecisions: Sendable {
    private let settlement: Mutex<BatchSettlement>
    private let warn: @Sendable (String) -> Void

    init(count: Int, warn: @escaping @Sendable (String) -> Void) {
        settlement = Mutex(BatchSettlement(count: count))
        self.warn = warn
    }

    fileprivate func decide(_ body: (inout BatchSettlement) -> String?) {
        if let warning = settlement.withLock({ body(&$0) }) { warn(warning) }
    }

    /// Settles the batch; what the handler says from now on is ignored.
    package func close(_ ending: BatchSettlement.Ending) -> [BatchSettlement.Outcome] {
        settlement.withLock { $0.close(ending) }
    }

    /// How the batch would be settled now.
    package func outcomes(_ ending: BatchSettlement.Ending) -> [BatchSettlement.Outcome] {
        settlement.withLock { $0.outcomes(ending) }
    }
}
