import HTTPCaching

/// A cron expression as Cron Triggers take it: minute, hour, day of month, month, day of week; always in UTC.
///
/// ```swift
/// let nightly = try CronExpression("30 2 * * MON-FRI")
/// nightly.next(after: context.now)
/// ```
/// Weekdays are 1, Sunday, to 7, Saturday: not Unix cron's. If both day fields are restricted, a day that fits either
/// one fires. See the Workers documentation, "Cron Triggers", "Supported cron expressions".
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no cron expression: one sentence that names the field.
    public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
        /// `nil` when the number of fields is wrong, or the space around them.
        package var field: CronField?
        package var reason: String

        public var description: String {
            guard let field else { return "The cron expression has \(reason)." }
            return "The \(field.rawValue) of the cron expression is wrong: \(reason)."
        }
    }

    /// As it was written.
    public let text: String
    private let minutes: CronField.Values
    private let hours: CronField.Values
    private let monthDays: CronMonthDays
    private let months: CronField.Values
    private let weekdays: CronWeekdays

    /// Refuses with a sentence for people; nicknames such as `@daily`, seconds and `?` are not part of the format.
    public init(_ text: String) throws(Refusal) {
        self.text = text
        let fields = text.split { $0 == " " || $0 == "\t" }
        guard fields.count == 5 else {
            let hint = text.hasPrefix("@") ? "; nicknames are not known here" : ""
            throw Refusal(field: nil, reason: "\(fields.count) fields where five are needed\(hint)")
        }
        guard text.first == fields[0].first, text.last == fields[4].last else {
            throw Refusal(field: nil, reason: "space before its first or behind its last field")
        }
        minutes = try CronExpression.values(.minute, fields[0])
        hours = try CronExpression.values(.hour, fields[1])
        monthDays = try CronMonthDays(fields[2])
        months = try CronExpression.values(.month, fields[3])
        weekdays = try CronWeekdays(fields[4])
    }

    public var description: String { text }

    private static func values(_ field: CronField, _ text: Substring) throws(Refusal) -> CronField.Values {
        try text == "*" ? .max : field.list(text)
    }

    /// Whether the minute in which this time lies fires.
    ///
    /// - Parameter time: in seconds since 1970.
    public func matches(_ time: Double) -> Bool {
        guard let minute = CronExpression.minute(of: time) else { return false }
        let day = minute.flooredQuotient(CronExpression.minutesOfDay)
        let minuteOfDay = minute.flooredRemainder(CronExpression.minutesOfDay)
        let date = CivilDate(daysSince1970: day)
        return months.has(date.month) && hours.has(minuteOfDay / 60) && minutes.has(minuteOfDay % 60)
            && days(ofMonth: date.month, year: date.year).has(date.day)
    }

    /// The first time that fires after a given one; `nil` for an expression that never fires, such as 31 February.
    ///
    /// - Parameter time: in seconds since 1970; itself never the answer. The answer is the beginning of a minute.
    public func next(after time: Double) -> Double? {
        guard let start = CronExpression.minute(of: time).map({ $0 + 1 }) else { return nil }
        let date = CivilDate(daysSince1970: start.flooredQuotient(CronExpression.minutesOfDay))
        let minuteOfDay = start.flooredRemainder(CronExpression.minutesOfDay)
        if months.has(date.month), days(ofMonth: date.month, year: date.year).has(date.day),
            let found = timeOfDay(from: minuteOfDay)
        {
            return CronExpression.seconds(date, minuteOfDay: found)
        }
        guard let earliest = timeOfDay(from: 0) else { return nil }
        var (year, month, day) = (date.year, date.month, date.day + 1)
        // After 400 years the calendar repeats: what has not come by then never comes.
        for _ in 0...(400 * 12) {
            if months.has(month) {
                let left = (days(ofMonth: month, year: year) >> UInt64(day)) << UInt64(day)
                if left != 0 {
                    let found = CivilDate(year: year, month: month, day: left.trailingZeroBitCount)
                    return CronExpression.seconds(found, minuteOfDay: earliest)
                }
            }
            day = 1
            month = month == 12 ? 1 : month + 1
            if month == 1 { year += 1 }
        }
        return nil
    }

    /// The first firing minute of a day at or after the given one.
    private func timeOfDay(from minuteOfDay: Int) -> Int? {
        for hour in minuteOfDay / 60..<24 where hours.has(hour) {
            let from = hour == minuteOfDay / 60 ? UInt64(minuteOfDay % 60) : 0
            let left = (minutes >> from) << from
            if left.trailingZeroBitCount < 60 { return hour * 60 + left.trailingZeroBitCount }
        }
        return nil
    }

    private func days(ofMonth month: Int, year: Int) -> UInt64 {
        let count = CivilDate.days(inMonth: month, of: year)
        let firstWeekday = CivilDate(year: year, month: month, day: 1).weekday
        let byDate = monthDays.days(count: count, firstWeekday: firstWeekday)
        let byWeekday = weekdays.days(count: count, firstWeekday: firstWeekday)
        // An unrestricted field leaves the decision to the other one.
        if monthDays == .any { return byWeekday }
        if weekdays == .any { return byDate }
        return byDate | byWeekday
    }

    private static let minutesOfDay = 24 * 60

    /// Minutes since 1970; `nil` beyond the years a date of ECMAScript reaches, where the arithmetic would overflow.
    private static func minute(of time: Double) -> Int? {
        guard abs(time) <= 8.64e12 else { return nil }
        return Int((time / 60).rounded(.down))
    }

    private static func seconds(_ date: CivilDate, minuteOfDay: Int) -> Double {
        Double((date.daysSince1970 * minutesOfDay + minuteOfDay) * 60)
    }
}

extension UInt64 {
    /// Whether the bit of this number is set.
    fileprivate func has(_ number: Int) -> Bool { (self >> UInt64(number)) & 1 == 1 }
}
