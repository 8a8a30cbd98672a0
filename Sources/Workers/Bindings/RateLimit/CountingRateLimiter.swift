/// The rate limiter over any counters; the one place with its semantics.
package struct CountingRateLimiter: RateLimiter {
    private let rule: RateLimitRule
    private let count: @Sendable (String, RateLimitRule) -> Bool

    /// - Parameter count: counts a call of a key and says whether it may go on.
    package init(_ rule: RateLimitRule, count: @escaping @Sendable (String, RateLimitRule) -> Bool) {
        self.rule = rule
        self.count = count
    }

    package func limit(key: String) async throws -> RateLimitOutcome {
        RateLimitOutcome(success: count(key, rule))
    }

    /// The call as a dynamic language makes it; see `RateLimitCall`.
    package func limit(_ options: JSON) async throws -> RateLimitOutcome {
        let call = try RateLimitCall(options, rule: rule)
        return RateLimitOutcome(success: count(call.key, call.rule))
    }
}
