/// Counts calls by key and says when there were too many of them.
///
/// ```swift
/// guard try await env.limiter.limit(key: user.id).success else {
///     return .text("Slow down.", status: .tooManyRequests)
/// }
/// ```
/// The limit and its period of 10 or 60 seconds stand in `wrangler.toml`. Periods are windows of the clock: exactly `limit`
/// calls succeed in each, so up to twice as many may pass around its turn. Production counts at every location for itself
/// and approximately; do not build billing on it. See the Workers documentation, "Rate Limiting".
public protocol RateLimiter: Sendable {
    /// Counts one call and says whether it may go on. It rejects nothing itself and costs no network.
    ///
    /// - Parameter key: whom to count; a user or a tenant rather than an address, which many clients share.
    func limit(key: String) async throws -> RateLimitOutcome
}

/// The answer of a rate limiter.
public struct RateLimitOutcome: Sendable, Hashable {
    /// Whether the call lies within the limit. A call that does not is not counted.
    public var success: Bool

    public init(success: Bool) { self.success = success }
}

/// Stands in for a rate limiter that the configuration lacks, until start-up has reported it.
struct MissingRateLimiter: RateLimiter {
    func limit(key: String) async throws -> RateLimitOutcome { RateLimitOutcome(success: true) }
}
