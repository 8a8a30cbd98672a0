import Crypto

/// The counters of all rate limiters, as a value: fixed windows aligned to the clock.
///
/// A counter belongs to a namespace, a key and a period; the limit is the caller's. The number of counters is bounded. When
/// it is reached and every window is still open, new keys are let through uncounted, and those that are counted already stay
/// limited: a flood of invented keys cannot set anybody's counter back.
package struct RateLimitTable: Sendable {
    /// Whose calls a counter counts.
    package struct Counter: Sendable, Hashable {
        package var namespace: String
        package var period: Int
        /// The key in a form of bounded length; see `storedKey`.
        package var key: String

        package init(namespace: String, period: Int, key: String) {
            self.namespace = namespace
            self.period = period
            self.key = key
        }
    }

    /// A counter's window and what was counted in it.
    package struct Tally: Sendable, Hashable {
        /// The number of the window: seconds since 1970, divided by the period.
        package var window: Int
        package var count: Int

        package init(window: Int, count: Int) {
            self.window = window
            self.count = count
        }
    }

    private var tallies: [Counter: Tally] = [:]
    private let capacity: Int
    /// Seconds since 1970 before which a sweep could not free anything.
    private var nextSweep = -Double.infinity

    /// - Parameter capacity: counters at most.
    package init(capacity: Int = 100_000) { self.capacity = capacity }

    package var count: Int { tallies.count }

    /// Counts a call unless it lies beyond the limit.
    ///
    /// - Parameter now: in seconds since 1970.
    /// - Returns: whether it may go on, and the counter if it has changed.
    package mutating func limit(
        _ key: String, rule: RateLimitRule, now: Double
    ) -> (success: Bool, changed: (Counter, Tally)?) {
        let counter = Counter(
            namespace: rule.namespace, period: rule.period, key: RateLimitTable.storedKey(key))
        let window = RateLimitTable.window(period: rule.period, now: now)
        let old = tallies[counter]
        var tally = old?.window == window ? old! : Tally(window: window, count: 0)
        guard tally.count < rule.limit else { return (false, nil) }
        if old == nil, !hasRoom(now: now) { return (true, nil) }
        tally.count += 1
        tallies[counter] = tally
        return (true, (counter, tally))
    }

    /// Takes a counter over that was kept, unless its window is over.
    package mutating func restore(_ counter: Counter, _ tally: Tally, now: Double) {
        guard tally.window == RateLimitTable.window(period: counter.period, now: now), tallies.count < capacity else {
            return
        }
        tallies[counter] = tally
    }

    /// Drops the counters whose windows are over.
    package mutating func sweep(now: Double) {
        tallies = tallies.filter { counter, tally in
            tally.window >= RateLimitTable.window(period: counter.period, now: now)
        }
        // The shortest period is 10 seconds: nothing more ends before its next turn.
        nextSweep = (now / 10).rounded(.down) * 10 + 10
    }

    private mutating func hasRoom(now: Double) -> Bool {
        // Once in a while also without need, so that memory follows the traffic.
        if now >= nextSweep, tallies.count >= min(capacity, 1024) { sweep(now: now) }
        return tallies.count < capacity
    }

    /// The number of the window in which a time lies.
    package static func window(period: Int, now: Double) -> Int {
        let window = (now / Double(period)).rounded(.down)
        return Int(exactly: window) ?? 0
    }

    /// A key as it is kept: itself with a mark, or its hash when it is long, since callers choose keys as they like, or when
    /// it is not ASCII, since Swift takes different bytes for the same text there and JavaScript does not.
    package static func storedKey(_ key: String) -> String {
        if key.utf8.count <= 64, key.utf8.allSatisfy({ $0 < 0x80 }) { return "=" + key }
        return "#" + Hexadecimal.text(Array(SHA256.hash(data: Array(key.utf8))))
    }
}
