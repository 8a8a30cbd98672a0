/// Dates of the Gregorian calendar as ISO 8601 writes them.
enum CalendarDate {
    /// Whether the text is a day that exists (`2025-06-01`), perhaps with a time of day behind it.
    static func isDate(_ text: String) -> Bool {
        let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        guard let day = parts.first, isDay(day) else { return false }
        return parts.count == 1 || isTime(parts[1])
    }

    private static func isDay(_ text: Substring) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = number(parts[0], digits: 4), let month = number(parts[1], digits: 2),
            let day = number(parts[2], digits: 2), (1...12).contains(month)
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...lengths[month - 1]).contains(day)
    }

    private static func isTime(_ text: Substring) -> Bool {
        guard text.count >= 5, let hour = number(text.prefix(2), digits: 2) else { return false }
        guard let minute = number(text.dropFirst(3).prefix(2), digits: 2) else { return false }
        let rest = text.dropFirst(5)
        let isPlain = rest.allSatisfy { $0.isASCII && ($0.isNumber || ":.+-Z".contains($0)) }
        return text.dropFirst(2).first == ":" && hour < 24 && minute < 60 && isPlain
    }

    private static func number(_ text: Substring, digits: Int) -> Int? {
        guard text.count == digits, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(text)
    }
}
