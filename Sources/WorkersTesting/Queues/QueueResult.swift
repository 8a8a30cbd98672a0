import Workers

/// What a handler decided about a batch that a test made for it.
///
/// ```swift
/// let batch = MessageBatch(queue: "jobs", messages: [Message(id: "a", timestamp: 0, body: .text("x"))])
/// try await worker.queue(batch)
/// #expect(QueueResult(batch).acknowledged == ["a"])
/// ```
public struct QueueResult: Sendable, Hashable {
    /// The ids of the messages that are done.
    public var acknowledged: [String] = []
    /// The ids of the messages that come again.
    public var retried: [String] = []
    /// Delays that the handler asked for, in seconds, by id.
    public var delays: [String: Int] = [:]

    /// - Parameter threw: whether the handler failed; undecided messages are retried then.
    public init(_ batch: MessageBatch, threw: Bool = false) {
        let outcomes = batch.decisions.outcomes(threw ? .threw : .returned)
        for (message, outcome) in zip(batch.messages, outcomes) {
            switch outcome {
            case .ack: acknowledged.append(message.id)
            case .retry(let delay):
                retried.append(message.id)
                delays[message.id] = delay
            case .giveBack: retried.append(message.id)
            }
        }
    }
}
