/// How many calls a key may make in which time.
package struct RateLimitRule: Sendable, Hashable {
    /// Bindings with the same namespace and period count together, each against its own limit.
    package let namespace: String
    /// Calls that succeed in one period. Zero lets nothing pass.
    package let limit: Int
    /// Seconds: 10 or 60.
    package let period: Int

    /// - Throws: an `Error` for a period that is neither 10 nor 60.
    package init(namespace: String, limit: Int, period: Int) throws(WorkersError) {
        guard period == 10 || period == 60 else { throw WorkersError(.error, "unsupported period: \(period)") }
        self.namespace = namespace
        self.limit = limit
        self.period = period
    }
}
