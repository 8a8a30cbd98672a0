import Workers

/// Which triggers fire when, as a value: the schedule tells it the time, it answers what is due.
///
/// A minute fires at most once and only while it lasts. What was missed while the process was stopped, asleep or too
/// busy is skipped, as Cron Triggers promise no catching up.
struct CronAgenda: Sendable {
    /// One trigger at its minute.
    struct Due: Sendable, Hashable {
        var expression: CronExpression
        /// The beginning of the minute, in seconds since 1970.
        var time: Double
    }

    private let expressions: [CronExpression]
    /// The last minute that was looked at, in minutes since 1970.
    private var last: Double

    /// - Parameters:
    ///   - expressions: one that is listed twice fires once.
    ///   - now: in seconds since 1970. The minute that has already begun does not fire any more.
    init(_ expressions: [CronExpression], now: Double) {
        var seen: Set<CronExpression> = []
        self.expressions = expressions.filter { seen.insert($0).inserted }
        last = (now / 60).rounded(.down)
    }

    /// What fires now; asking again within the minute gives nothing.
    mutating func due(now: Double) -> [Due] {
        let minute = (now / 60).rounded(.down)
        guard minute > last else {
            // A clock that was put back a little repeats nothing. One put back by more starts afresh.
            if last - minute > CronAgenda.smallCorrection { last = minute }
            return []
        }
        last = minute
        return expressions.filter { $0.matches(now) }.map { Due(expression: $0, time: minute * 60) }
    }

    /// When to ask again, in seconds since 1970; in the past when something may be due now; `nil` when nothing will ever
    /// fire.
    ///
    /// Never more than a minute away, so that a clock which is set anew is noticed.
    func wake(now: Double) -> Double? {
        let upcoming = expressions.compactMap { $0.next(after: last * 60) }.min()
        guard let upcoming else { return nil }
        return min(upcoming, now + 60)
    }

    /// Minutes.
    private static let smallCorrection = 60.0
}
