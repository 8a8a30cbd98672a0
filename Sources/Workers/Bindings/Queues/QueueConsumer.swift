/// How a queue's messages are consumed: `[[queues.consumers]]` in the configuration.
///
/// What is not given has Cloudflare's production default. See the Workers documentation, "Queues", "Configuration".
public struct QueueConsumer: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// Batches are pushed to a Worker's `queue` handler.
        case worker
        /// Clients take messages when they want to, and acknowledge them by lease.
        case pull = "http_pull"
    }

    public let kind: Kind
    /// Messages of one batch, 1 to 100; 10.
    public let maxBatchSize: Int
    /// Milliseconds that the first waiting message waits for a batch to fill, 0 to 60 000; 5000.
    public let maxBatchTimeout: Int
    /// Deliveries after the first, 0 to 100; 3.
    public let maxRetries: Int
    /// Batches handled at a time, 1 to 250; nil adapts to the backlog.
    public let maxConcurrency: Int?
    /// Seconds before a retried message becomes visible, 0 to 86 400; 0.
    public let retryDelay: Int
    /// Where messages go that used up their retries; nil drops them.
    public let deadLetterQueue: String?
    /// Milliseconds that a pulled message stays hidden, 0 to 43 200 000; 30 000.
    public let visibilityTimeout: Int

    /// Cloudflare's defaults for a Worker.
    public static let standard = QueueConsumer(valid: .worker)

    /// - Throws: a sentence naming the setting that is out of range.
    public init(
        kind: Kind = .worker, maxBatchSize: Int? = nil, maxBatchTimeout: Int? = nil, maxRetries: Int? = nil,
        maxConcurrency: Int? = nil, retryDelay: Int? = nil, deadLetterQueue: String? = nil,
        visibilityTimeout: Int? = nil
    ) throws(WorkersError) {
        self.kind = kind
        self.maxBatchSize = try QueueConsumer.checked(maxBatchSize, "max_batch_size", 1...100) ?? 10
        self.maxBatchTimeout =
            try QueueConsumer.checked(maxBatchTimeout, "max_batch_timeout", 0...60_000, unit: " seconds", scale: 1000)
            ?? 5000
        self.maxRetries = try QueueConsumer.checked(maxRetries, "max_retries", 0...100) ?? 3
        self.maxConcurrency = try QueueConsumer.checked(maxConcurrency, "max_concurrency", 1...250)
        self.retryDelay =
            try QueueConsumer.checked(retryDelay, "retry_delay", 0...QueueLimits.delaySeconds, unit: " seconds") ?? 0
        self.deadLetterQueue = deadLetterQueue
        self.visibilityTimeout =
            try QueueConsumer.checked(
                visibilityTimeout, "visibility_timeout_ms", 0...QueueLimits.visibilityTimeout, unit: " milliseconds")
            ?? 30_000
    }

    /// The defaults, which need no check.
    private init(valid kind: Kind) {
        self.kind = kind
        maxBatchSize = 10
        maxBatchTimeout = 5000
        maxRetries = 3
        maxConcurrency = nil
        retryDelay = 0
        deadLetterQueue = nil
        visibilityTimeout = 30_000
    }

    /// - Parameter scale: how many of ours make one of the configuration's unit.
    private static func checked(
        _ value: Int?, _ name: String, _ range: ClosedRange<Int>, unit: String = "", scale: Int = 1
    ) throws(WorkersError) -> Int? {
        guard let value, !range.contains(value) else { return value }
        let shown = value % scale == 0 ? "\(value / scale)" : "\(Double(value) / Double(scale))"
        let limits = "\(range.lowerBound / scale) to \(range.upperBound / scale)"
        throw WorkersError(.error, "\(name) of a queue consumer is \(shown); it goes from \(limits)\(unit).")
    }

    /// How many batches may be handled at a time.
    ///
    /// Production adds consumers as a backlog grows. Here one more joins for every ten full batches that wait, up to ten:
    /// little traffic stays in order, and a large backlog is not held up by one slow handler.
    func concurrency(waiting: Int) -> Int { maxConcurrency ?? min(10, 1 + waiting / (10 * maxBatchSize)) }
}

/// What holds for a queue whoever sends to it or consumes it.
public struct QueueSettings: Sendable, Hashable {
    /// Seconds before a message becomes visible whose send gave no delay, 0 to 86 400.
    public let deliveryDelay: Int
    /// Seconds that a message is kept, 60 to 1 209 600 (14 days).
    public let retention: Int
    /// A paused queue takes messages and delivers none; pulls go on.
    public let isPaused: Bool

    /// No delay, four days, not paused.
    public static let standard = QueueSettings()

    /// - Throws: a sentence naming the setting that is out of range.
    public init(deliveryDelay: Int?, retention: Int? = nil, isPaused: Bool = false) throws(WorkersError) {
        let delay = deliveryDelay ?? 0
        let kept = retention ?? QueueSettings.standardRetention
        guard (0...QueueLimits.delaySeconds).contains(delay) else {
            throw WorkersError(
                .error, "delivery_delay of a queue is \(delay); it goes from 0 to \(QueueLimits.delaySeconds) seconds.")
        }
        guard (60...1_209_600).contains(kept) else {
            throw WorkersError(
                .error, "message_retention_period of a queue is \(kept); it goes from 60 to 1209600 seconds.")
        }
        self.deliveryDelay = delay
        self.retention = kept
        self.isPaused = isPaused
    }

    private init() {
        deliveryDelay = 0
        retention = QueueSettings.standardRetention
        isPaused = false
    }

    private static let standardRetention = 345_600
}

/// One queue with everything that is set for it.
public struct QueueConfiguration: Sendable, Hashable {
    public let name: String
    public let settings: QueueSettings
    /// nil keeps messages until one comes.
    public let consumer: QueueConsumer?

    /// - Throws: a sentence when the queue would be its own dead letter queue. Cycles through others are allowed.
    public init(
        _ name: String, settings: QueueSettings = .standard, consumer: QueueConsumer? = nil
    ) throws(WorkersError) {
        guard consumer?.deadLetterQueue != name else {
            throw WorkersError(.error, "Dead letter queue for queue \"\(name)\" cannot be itself")
        }
        self.name = name
        self.settings = settings
        self.consumer = consumer
    }
}
