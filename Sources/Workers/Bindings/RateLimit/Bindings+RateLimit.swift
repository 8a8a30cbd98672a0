extension Bindings.Value {
    /// A rate limiter, `[[ratelimits]]` in the configuration.
    public static func rateLimit(_ limiter: any RateLimiter) -> Bindings.Value {
        Bindings.Value(kind: "ratelimit", resource: limiter)
    }
}

extension Bindings {
    /// A rate limiter.
    public func rateLimit(_ name: String) throws -> any RateLimiter {
        resource(name, kind: "ratelimit", as: (any RateLimiter).self, orElse: MissingRateLimiter())
    }
}
