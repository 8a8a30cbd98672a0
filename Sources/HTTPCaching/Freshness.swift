/// How long a stored response may be reused, in numbers: asking it costs arithmetic only.
package struct Freshness: Sendable, Hashable {
    package struct Rules: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Never without asking the origin: `no-cache` (RFC 9111 §5.2.2.4).
        package static let alwaysValidates = Rules(rawValue: 1)
        /// Never when stale: `must-revalidate`, `proxy-revalidate`, `s-maxage` (RFC 9111 §4.2.4).
        package static let neverStale = Rules(rawValue: 2)
        /// A reload need not ask the origin while the response is fresh (RFC 8246).
        package static let immutable = Rules(rawValue: 4)
        /// The lifetime is a guess (RFC 9111 §4.2.2).
        package static let heuristic = Rules(rawValue: 8)
    }

    /// The moment at which the age was zero, in seconds since 1970: the time of receipt less the age it came with.
    package var bornAt: Double
    /// Seconds from then on; zero for one that is stale at once.
    package var lifetime: Double
    /// Seconds after the lifetime for which it may be served while it is refreshed (RFC 5861 §3).
    package var staleWhileRevalidate: Double
    /// Seconds after the lifetime for which it may be served when the origin fails (RFC 5861 §4); `nil` when the response
    /// does not say, zero when it may not.
    package var staleIfError: Double?
    package var rules: Rules

    package init(
        bornAt: Double, lifetime: Double, staleWhileRevalidate: Double = 0, staleIfError: Double? = nil,
        rules: Rules = []
    ) {
        self.bornAt = bornAt
        self.lifetime = lifetime
        self.staleWhileRevalidate = staleWhileRevalidate
        self.staleIfError = staleIfError
        self.rules = rules
    }

    /// RFC 9111 §4.2.3. Fractions count; `Age` is this, rounded down.
    @inlinable
    package func currentAge(at now: Double) -> Double { max(0, now - bornAt) }

    /// Whether it may answer at this moment without anybody being asked. A request may still ask for more than this.
    @inlinable
    package func isFresh(at now: Double) -> Bool {
        currentAge(at: now) < lifetime && !rules.contains(.alwaysValidates)
    }

    /// Seconds that are left; negative since it became stale.
    @inlinable
    package func timeLeft(at now: Double) -> Double { lifetime - currentAge(at: now) }

    /// Whether it may be served at this moment while it is refreshed.
    @inlinable
    package func mayServeWhileRefreshing(at now: Double) -> Bool {
        timeLeft(at: now) + staleWhileRevalidate > 0 && staleWhileRevalidate > 0
    }

    /// The moment from which on it is of no use to anybody but an origin that fails or confirms it, in seconds since 1970.
    package var servableUntil: Double { bornAt + lifetime + staleWhileRevalidate }

    mutating func expire() {
        lifetime = 0
        staleWhileRevalidate = 0
        rules.insert(.alwaysValidates)
    }
}
