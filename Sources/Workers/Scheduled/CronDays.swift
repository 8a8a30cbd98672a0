/// The day-of-month field.
enum CronMonthDays: Sendable, Hashable {
    /// `*`
    case any
    /// A list of days.
    case days(CronField.Values)
    /// `L`, `L-n`: so many days before the last one.
    case beforeLast(Int)
    /// `nW`: the weekday nearest to a day.
    case weekdayNear(Int)
    /// `LW`, `L-nW`: the weekday nearest to the day that lies so many days before the last one.
    case weekdayNearLast(minus: Int)

    init(_ text: Substring) throws(CronExpression.Refusal) {
        let field = CronField.dayOfMonth
        if text == "*" {
            self = .any
        } else if text.first == "L" {
            let isWeekday = text.last == "W"
            let middle = isWeekday ? text.dropFirst().dropLast() : text.dropFirst()
            let days = try CronMonthDays.offset(middle, in: text)
            self = isWeekday ? .weekdayNearLast(minus: days) : .beforeLast(days)
        } else if text.last == "W", !text.contains(",") {
            self = .weekdayNear(try field.value(text.dropLast()))
        } else {
            self = .days(try field.list(text))
        }
    }

    /// What stands behind the `L`: nothing, or `-n`.
    private static func offset(
        _ text: Substring, in whole: Substring
    ) throws(CronExpression.Refusal) -> Int {
        if text.isEmpty { return 0 }
        guard text.first == "-", let days = CronField.number(text.dropFirst()), (1...30).contains(days) else {
            throw CronField.dayOfMonth.refusal(
                "“\(whole)” is not L, L-n, LW or L-nW with n from 1 to 30, and none of them stands in a list")
        }
        return days
    }

    /// The matching days of a month, the bit of a day at its number.
    ///
    /// - Parameter firstWeekday: the weekday of the first, 0 for Sunday.
    func days(count: Int, firstWeekday: Int) -> UInt64 {
        let all: UInt64 = (1 << UInt64(count + 1)) - 2
        switch self {
        case .any: return all
        case .days(let days): return days & all
        case .beforeLast(let offset): return CronMonthDays.bit(count - offset, count: count)
        case .weekdayNear(let day):
            return CronMonthDays.bit(
                CronMonthDays.nearestWeekday(day, count: count, firstWeekday: firstWeekday), count: count)
        case .weekdayNearLast(let offset):
            return CronMonthDays.bit(
                CronMonthDays.nearestWeekday(count - offset, count: count, firstWeekday: firstWeekday), count: count)
        }
    }

    /// Monday to Friday, never in another month: a Saturday the 1st gives Monday the 3rd. 0 if there is no such day.
    private static func nearestWeekday(_ day: Int, count: Int, firstWeekday: Int) -> Int {
        guard (1...count).contains(day) else { return 0 }
        switch (firstWeekday + day - 1) % 7 {
        case 6: return day == 1 ? 3 : day - 1
        case 0: return day == count ? day - 2 : day + 1
        default: return day
        }
    }

    private static func bit(_ day: Int, count: Int) -> UInt64 {
        (1...count).contains(day) ? 1 << UInt64(day) : 0
    }
}

/// The day-of-week field. Weekdays are 0, Sunday, to 6, Saturday, here; people write 1 to 7.
enum CronWeekdays: Sendable, Hashable {
    /// `*`
    case any
    /// A list of weekdays; the bit of Sunday is the first.
    case weekdays(UInt64)
    /// `nL`: the last such weekday of the month.
    case last(Int)
    /// `n#1` to `n#5`: the first to fifth such weekday of the month.
    case nth(Int, Int)

    init(_ text: Substring) throws(CronExpression.Refusal) {
        let field = CronField.dayOfWeek
        if text == "*" {
            self = .any
        } else if text == "L" {
            // Alone it is the last day of the week, every week.
            self = .weekdays(1 << 6)
        } else if text.last == "L" {
            self = .last(try field.value(text.dropLast()) - 1)
        } else if let mark = text.firstIndex(of: "#") {
            let weekday = try field.value(text[..<mark])
            let count = text[text.index(after: mark)...]
            guard let number = CronField.number(count), (1...5).contains(number) else {
                throw field.refusal("“#\(count)” is not from #1 to #5, and # cannot stand in a list")
            }
            self = .nth(weekday - 1, number)
        } else {
            self = .weekdays(try field.list(text) >> 1)
        }
    }

    /// The matching days of a month, the bit of a day at its number.
    func days(count: Int, firstWeekday: Int) -> UInt64 {
        switch self {
        case .any: return (1 << UInt64(count + 1)) - 2
        case .weekdays(let weekdays):
            var days: UInt64 = 0
            for day in 1...count where (weekdays >> UInt64((firstWeekday + day - 1) % 7)) & 1 == 1 {
                days |= 1 << UInt64(day)
            }
            return days
        case .last(let weekday):
            let first = 1 + (weekday - firstWeekday + 7) % 7
            return 1 << UInt64(first + (count - first) / 7 * 7)
        case .nth(let weekday, let number):
            let day = 1 + (weekday - firstWeekday + 7) % 7 + (number - 1) * 7
            return day <= count ? 1 << UInt64(day) : 0
        }
    }
}
