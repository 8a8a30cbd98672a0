import Synchronization
import Workers

/// Rate limiters that count in memory, for tests. Limiters made by one of these share counters as bindings of one account do.
public final class MemoryRateLimits: Sendable {
    private let table: Mutex<RateLimitTable>
    private let now: @Sendable () -> Double

    /// - Parameters:
    ///   - now: seconds since 1970; a clock that the test moves.
    ///   - capacity: counters at most.
    public init(now: @escaping @Sendable () -> Double, capacity: Int = 100_000) {
        self.now = now
        table = Mutex(RateLimitTable(capacity: capacity))
    }

    /// A limiter.
    ///
    /// - Parameters:
    ///   - namespace: limiters with the same namespace and period share counters.
    ///   - limit: calls that succeed in one period.
    ///   - period: 10 or 60 seconds.
    /// - Throws: an `Error` for another period.
    public func limiter(namespace: String, limit: Int, period: Int) throws(WorkersError) -> any RateLimiter {
        Limiter(limits: self, rule: try RateLimitRule(namespace: namespace, limit: limit, period: period))
    }

    private struct Limiter: RateLimiter {
        let limits: MemoryRateLimits
        let rule: RateLimitRule

        func limit(key: String) async throws -> RateLimitOutcome {
            let now = limits.now()
            return RateLimitOutcome(success: limits.table.withLock { $0.limit(key, rule: rule, now: now).success })
        }
    }
}
