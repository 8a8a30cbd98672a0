/// Reading the dates of HTTP header fields (RFC 9110 §5.6.7), as seconds since 1970.
extension HTTPDate {
    /// The form that is sent, and no other.
    package static func strict(_ text: String) -> Double? {
        guard let time = fixed(text[...]), HTTPDate.text(Int(time)) == text else { return nil }
        return time
    }

    /// All three forms a recipient must take, names in any letter case.
    ///
    /// - Parameter now: in seconds since 1970; it decides the century of years with two digits.
    package static func lenient(_ text: String, now: Double) -> Double? {
        let trimmed = text.trimmedOfBlanks
        return fixed(trimmed) ?? rfc850(trimmed, now: now) ?? asctime(trimmed)
    }

    // MARK: The three forms

    /// `Sun, 06 Nov 1994 08:49:37 GMT`; every byte has its place.
    private static func fixed(_ text: Substring) -> Double? {
        let bytes = Array(text.utf8)
        guard bytes.count == 29, bytes[3] == UInt8(ascii: ","), bytes[19] == UInt8(ascii: ":"),
            bytes[22] == UInt8(ascii: ":"), [4, 7, 11, 16, 25].allSatisfy({ bytes[$0] == UInt8(ascii: " ") }),
            letters(bytes[26...]) == "gmt", shortWeekdays.contains(letters(bytes[..<3])),
            let month = monthNames.firstIndex(of: letters(bytes[8..<11])), let year = number(bytes[12..<16]),
            let day = number(bytes[5..<7]), let hour = number(bytes[17..<19]), let minute = number(bytes[20..<22]),
            let second = number(bytes[23..<25])
        else { return nil }
        return time(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    }

    /// In lower case.
    private static func letters(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        var number = 0
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    private static func rfc850(_ text: Substring, now: Double) -> Double? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 4, isWeekday(parts[0], names: longWeekdays, comma: true), isZone(parts[3]) else {
            return nil
        }
        let date = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard date.count == 3, date[2].utf8.count == 2, let short = Digits.number(date[2]), let month = month(date[1])
        else {
            return nil
        }
        // A year that seems to lie more than 50 years ahead is the last one with these digits.
        let today = CivilDate(daysSince1970: Int((now / 86_400).rounded(.down))).year
        var year = today / 100 * 100 + short
        if year > today + 50 { year -= 100 }
        return time(year: year, month: month, day: date[0], clock: parts[2])
    }

    /// `Sun Nov  6 08:49:37 1994`
    private static func asctime(_ text: Substring) -> Double? {
        var parts = text.split(separator: " ", omittingEmptySubsequences: false)
        // A day of one digit stands behind two spaces.
        if parts.count == 6, parts[2].isEmpty, parts[3].utf8.count == 1 {
            parts[3] = "0" + parts[3]
            parts.remove(at: 2)
        }
        guard parts.count == 5, isWeekday(parts[0], names: shortWeekdays, comma: false), let month = month(parts[1])
        else {
            return nil
        }
        guard parts[4].utf8.count == 4, let year = Digits.number(parts[4]) else { return nil }
        return time(year: year, month: month, day: parts[2], clock: parts[3])
    }

    // MARK: Parts

    private static func time(year: Int, month: Int, day: Substring, clock: Substring) -> Double? {
        guard day.utf8.count == 2, let day = Digits.number(day) else { return nil }
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Digits.number(parts[0]),
            let minute = Digits.number(parts[1]), let second = Digits.number(parts[2])
        else { return nil }
        return time(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    private static func time(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) -> Double? {
        guard day >= 1, day <= CivilDate.days(inMonth: month, of: year) else { return nil }
        // 60 is a leap second.
        guard hour < 24, minute < 60, second <= 60 else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        return Double(days * 86_400 + hour * 3600 + minute * 60 + second)
    }

    private static func month(_ text: Substring) -> Int? {
        monthNames.firstIndex(of: text.lowercased()).map { $0 + 1 }
    }

    private static func isWeekday(_ text: Substring, names: [String], comma: Bool) -> Bool {
        if comma, text.last != "," { return false }
        let name = (comma ? text.dropLast() : text).lowercased()
        return names.contains(name)
    }

    private static func isZone(_ text: Substring) -> Bool { text.lowercased() == "gmt" }

    private static let shortWeekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    private static let longWeekdays = [
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    ]
    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
}
