/// Something about queues that belongs into the log.
public enum QueueNote: Sendable, Hashable, CustomStringConvertible {
    /// A batch was handled.
    case batch(queue: String, acknowledged: Int, total: Int, milliseconds: Int)
    /// The handler failed, or the work it left to `waitUntil`.
    case failed(queue: String, reason: String)
    /// A call of the handler changed nothing.
    case ignored(queue: String, reason: String)
    /// A message left without having been handled: its retries are used up, and there is no dead letter queue.
    case dropped(queue: String, id: String, attempts: Int)
    /// A message left because its queue keeps none longer.
    case expired(queue: String, id: String)
    /// A message used up its retries and is in the dead letter queue.
    case buried(queue: String, into: String, id: String)
    /// The store failed; what happened since its last success is lost if the process ends now.
    case storeFailed(reason: String)

    public var description: String {
        switch self {
        case .batch(let queue, let acknowledged, let total, let milliseconds):
            "QUEUE \(queue) \(acknowledged)/\(total) (\(milliseconds)ms)"
        case .failed(let queue, let reason): "The handler of queue \(queue) failed: \(reason)"
        case .ignored(let queue, let reason): "Queue \(queue): \(reason)"
        case .dropped(let queue, let id, let attempts):
            "Queue \(queue) dropped message \(id) after \(attempts) attempts; it has no dead letter queue."
        case .expired(let queue, let id): "Queue \(queue) dropped message \(id): its retention time is over."
        case .buried(let queue, let grave, let id):
            "Queue \(queue) moved message \(id) to \(grave): its retries are used up."
        case .storeFailed(let reason): "The queues cannot be stored: \(reason)"
        }
    }

    /// `info`, `warning` or `error`.
    public var level: String {
        switch self {
        case .batch: "info"
        case .ignored, .dropped, .expired, .buried: "warning"
        case .failed, .storeFailed: "error"
        }
    }
}
