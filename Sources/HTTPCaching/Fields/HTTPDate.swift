/// Dates in the form that HTTP fields use: RFC 9110 §5.6.7, IMF-fixdate.
package enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`; times before year 0 and after 9999 are moved to the nearest that can be written.
    package static func text(_ secondsSince1970: Int) -> String {
        let seconds = min(max(secondsSince1970, -62_167_219_200), 253_402_300_799)
        let day = Int((Double(seconds) / 86_400).rounded(.down))
        let time = seconds - day * 86_400
        let weekday = days[((day % 7) + 7) % 7]
        let date = CivilDate(daysSince1970: day)
        let clock = "\(padded(time / 3600)):\(padded(time / 60 % 60)):\(padded(time % 60))"
        let year = String(repeating: "0", count: 4 - String(date.year).count) + String(date.year)
        return "\(weekday), \(padded(date.day)) \(months[date.month - 1]) \(year) \(clock) GMT"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
