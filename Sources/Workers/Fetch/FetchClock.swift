/// The time as a fetch needs it: to read it and to wait for it.
///
/// Hosts pass the system's clock, tests one that moves when they say so.
public struct FetchClock: Sendable {
    /// Seconds from any fixed start; it never runs backwards.
    public let now: @Sendable () -> Double
    /// Returns once `now()` has reached the moment, or throws `CancellationError` when the task is cancelled before.
    public let sleep: @Sendable (_ until: Double) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Double, sleep: @escaping @Sendable (_ until: Double) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }
}

extension FetchClock {
    /// Runs `work`, and cancels it when `deadline` comes first.
    ///
    /// - Throws: `WorkersError.fetchTimedOut`, or what `work` throws.
    func limit<Value: Sendable>(
        _ deadline: Double, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await sleep(deadline)
                return nil
            }
            defer { group.cancelAll() }
            // Whichever ends first decides; the group then waits for the other one to notice that it was cancelled.
            guard let first = try await group.next(), let value = first else { throw WorkersError.fetchTimedOut }
            return value
        }
    }
}

extension Duration {
    /// The length as a number of seconds.
    var inSeconds: Double {
        let parts = components
        return Double(parts.seconds) + Double(parts.attoseconds) / 1e18
    }
}
