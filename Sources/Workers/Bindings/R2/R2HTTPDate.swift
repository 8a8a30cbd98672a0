/// Dates of header fields (RFC 9110 §5.6.7) as whole seconds since 1970.
enum R2HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// The preferred form: `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(_ seconds: Int) -> String {
        let day = floored(seconds, 86_400)
        let rest = seconds - day * 86_400
        let date = civil(day)
        let weekday = days[(day + 4) - floored(day + 4, 7) * 7]
        let clock = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        let year = String(date.year)
        let padding = String(repeating: "0", count: max(0, 4 - year.utf8.count))
        return "\(weekday), \(two(date.day)) \(months[date.month - 1]) \(padding)\(year) \(clock) GMT"
    }

    /// Any of the three forms that a recipient must understand; `nil` for anything else.
    static func seconds(_ text: String) -> Int? {
        // `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" })
        if words.count == 6, words[5] == "GMT" {
            guard var year = number(words[3], digits: 2...4) else { return nil }
            // Two digits mean this century or the last; no recipient needs dates further off.
            if words[3].utf8.count == 2 { year += year < 70 ? 2000 : 1900 }
            return seconds(year: year, month: words[2], day: words[1], clock: words[4])
        }
        guard words.count == 5, let year = number(words[4], digits: 4...4) else { return nil }
        return seconds(year: year, month: words[1], day: words[2], clock: words[3])
    }

    private static func seconds(year: Int, month: Substring, day: Substring, clock: Substring) -> Int? {
        guard let month = months.firstIndex(of: String(month)), let day = number(day, digits: 1...2) else { return nil }
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let hour = number(parts[0], digits: 2...2),
            let minute = number(parts[1], digits: 2...2), let second = number(parts[2], digits: 2...2)
        else { return nil }
        // 60 is a leap second.
        guard hour < 24, minute < 60, second <= 60 else { return nil }
        let number = dayNumber(year: year, month: month + 1, day: day)
        let back = civil(number)
        guard back.month == month + 1, back.day == day else { return nil }
        return number * 86_400 + hour * 3600 + minute * 60 + second
    }

    private static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }

    private static func floored(_ value: Int, _ divisor: Int) -> Int {
        value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
    }

    // The Gregorian calendar repeats after 400 years, which are 146 097 days. Years are counted from March, so that the
    // leap day is the last of its year.

    private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = floored(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ number: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = floored(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let isAfterNewYear = month >= 10
        return (
            yearOfEra + era * 400 + (isAfterNewYear ? 1 : 0), isAfterNewYear ? month - 9 : month + 3,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }
}
