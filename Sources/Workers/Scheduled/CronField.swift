/// One of the five fields of a cron expression: what it is called, which numbers it takes and which names.
package enum CronField: String, Sendable, Hashable, CaseIterable {
    case minute
    case hour
    case dayOfMonth = "day of month"
    case month
    case dayOfWeek = "day of week"

    /// The numbers as people write them. Weekdays run from 1, Sunday, to 7, Saturday.
    var values: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 1...7
        }
    }

    /// A step that could never take a second value is refused, so it ends below the number of values.
    var steps: ClosedRange<Int> { 1...(values.upperBound - values.lowerBound) }

    /// Names for the values in their order, upper case.
    private var names: [String] {
        switch self {
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        case .minute, .hour, .dayOfMonth: []
        }
    }

    /// A set of values, lowest bit for value 0.
    typealias Values = UInt64

    /// The value a number or a name stands for.
    func value(_ text: Substring) throws(CronExpression.Refusal) -> Int {
        // Three bytes, or the capital of a long s would make a SUN of it.
        if text.utf8.count == 3, let index = names.firstIndex(of: text.uppercased()) {
            return values.lowerBound + index
        }
        guard let number = CronField.number(text) else {
            let extra = names.first.map { first in ", or a name from \(first) to \(names[names.count - 1])" } ?? ""
            throw refusal("“\(text)” is not a number from \(span(values))\(extra)")
        }
        guard values.contains(number) else {
            let hint = self == .dayOfWeek && number == 0 ? "; Sunday is 1" : ""
            throw refusal("\(text) is not from \(span(values))\(hint)")
        }
        return number
    }

    /// A list of values, ranges and steps: `0,20-40/5,*/30`.
    func list(_ text: Substring) throws(CronExpression.Refusal) -> Values {
        var all: Values = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !item.isEmpty else { throw refusal("“\(text)” has an empty place in its list") }
            guard item != "*" else { throw refusal("a bare * cannot stand in the list “\(text)”") }
            all |= try self.item(item)
        }
        return all
    }

    private func item(_ text: Substring) throws(CronExpression.Refusal) -> Values {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let bounds = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        var first = values.lowerBound
        var last = values.upperBound
        if parts[0] != "*" {
            first = try value(bounds[0])
            if bounds.count == 2 {
                last = try value(bounds[1])
            } else if parts.count == 1 {
                last = first
            }
        }
        var step = 1
        if parts.count == 2 {
            guard let number = CronField.number(parts[1]), steps.contains(number) else {
                throw refusal("the step “\(parts[1])” is not a number from \(span(steps))")
            }
            step = number
        }
        return members(from: first, through: last, by: step)
    }

    /// A range whose end lies before its start goes on over the turn of the hour, day, month, year or week.
    private func members(from first: Int, through last: Int, by step: Int) -> Values {
        let count = values.count
        let length = last >= first ? last - first : last - first + count
        var all: Values = 0
        for distance in stride(from: 0, through: length, by: step) {
            let value = (first - values.lowerBound + distance) % count + values.lowerBound
            all |= 1 << Values(value)
        }
        return all
    }

    func refusal(_ reason: String) -> CronExpression.Refusal {
        CronExpression.Refusal(field: self, reason: reason)
    }

    private func span(_ range: ClosedRange<Int>) -> String { "\(range.lowerBound) to \(range.upperBound)" }

    /// Digits only; `Int` itself would take a sign. Numbers that do not fit are no numbers here.
    static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
