/// A moment in UTC, in the two notations that access logs have.
struct CivilTime {
    private let year: Int
    private let month: Int
    private let day: Int
    private let second: Int
    private let millisecond: Int

    /// - Parameter time: seconds since 1970, before the year 10000.
    init(_ time: Double) {
        let whole = Int(time.rounded(.down))
        millisecond = min(999, Int((time - time.rounded(.down)) * 1000))
        second = ((whole % 86_400) + 86_400) % 86_400
        // Days are counted from 1 March of the year 0, where every fourth year's extra day is the last of its year.
        let days = (whole - second) / 86_400 + 719_468
        let era = days / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    /// `2026-10-10T13:55:36.123Z` (RFC 3339).
    var internet: String {
        let fraction = String(String(1000 + millisecond).dropFirst())
        return "\(year)-\(two(month))-\(two(day))T\(clock).\(fraction)Z"
    }

    /// `10/Oct/2026:13:55:36 +0000`
    var common: String { "\(two(day))/\(CivilTime.months[month - 1])/\(year):\(clock) +0000" }

    private var clock: String { "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))" }

    private func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
