import HTTPTypes

/// What a client asks of a cache (RFC 9111 §5.2.1).
struct RequestDirectives: Sendable, Hashable {
    var noCache = false
    var noStore = false
    var onlyIfCached = false
    /// The age that a response may have at most.
    var maxAge: Double?
    /// The freshness that must be left.
    var minFresh: Double?
    /// How long a response may have been stale; `nil` when it may not.
    var maxStale: Double?
    /// RFC 5861 §4.
    var staleIfError: Double?

    init() {}

    init(_ fields: HTTPFields) {
        guard fields.contains(.cacheControl) else {
            // Only for clients that know nothing else (RFC 9111 §5.4).
            noCache = CacheControl(lines: fields[values: .pragma]).has("no-cache")
            return
        }
        let control = CacheControl(fields)
        noCache = control.has("no-cache")
        noStore = control.has("no-store")
        onlyIfCached = control.has("only-if-cached")
        maxAge = control.seconds("max-age")
        // A number that cannot be read is the one that asks for most.
        if control.has("min-fresh") {
            minFresh = control.longest("min-fresh") ?? .infinity
        }
        // Without a number any stale response will do (RFC 9111 §5.2.1.2).
        if control.has("max-stale") {
            maxStale = control.hasArgument("max-stale") ? control.seconds("max-stale") : .infinity
        }
        staleIfError = control.seconds("stale-if-error")
    }

    /// Whether a response that is fresh by itself is fresh enough.
    func accept(_ freshness: Freshness, at now: Double) -> Bool {
        if noCache { return false }
        // A reload in the course of an immutable response's life asks for nothing new (RFC 8246 §2).
        if let maxAge, freshness.currentAge(at: now) > maxAge, !freshness.rules.contains(.immutable) { return false }
        if let minFresh, freshness.timeLeft(at: now) < minFresh { return false }
        return true
    }

    /// Whether a stale response will do.
    func acceptStale(_ freshness: Freshness, at now: Double) -> Bool {
        guard let maxStale, !noCache, minFresh == nil else { return false }
        guard freshness.rules.isDisjoint(with: [.neverStale, .alwaysValidates]) else { return false }
        if let maxAge, freshness.currentAge(at: now) > maxAge { return false }
        return -freshness.timeLeft(at: now) <= maxStale
    }
}
