import Synchronization

/// What a `scheduled` handler is called with: which trigger fired, and for which minute.
/// See the Workers documentation, "Scheduled Handler".
public struct ScheduledEvent: Sendable {
    /// The expression that fired, as the configuration writes it. A run that was asked for through the local trigger
    /// endpoint carries whatever text it was asked with, empty if none.
    public let cron: String
    /// The minute the run was due, in milliseconds since 1970; the run itself may begin a little later.
    public let scheduledTime: Double
    private let retry = RetryMark()

    public init(cron: String, scheduledTime: Double) {
        self.cron = cron
        self.scheduledTime = scheduledTime
    }

    /// Asks the host not to repeat this run should it fail. Copies of the event share the wish.
    public func noRetry() { retry.isRefused.store(true, ordering: .relaxed) }

    /// Whether the handler called `noRetry()`; the host reads it when the run is over.
    package var isRetryRefused: Bool { retry.isRefused.load(ordering: .relaxed) }

    private final class RetryMark: Sendable {
        let isRefused = Atomic(false)
    }
}
