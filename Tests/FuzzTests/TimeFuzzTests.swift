import HTTPCaching
import Testing

@testable import Workers

/// Dates of fields and cron expressions.
@Suite struct TimeFuzzTests {
    private static let dates = [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ]
    private static let tokens = [
        "Sun, ", "Monday, ", "29 Feb ", "2024", "1900", "08:49:60", "24:00:00", " GMT", "-Nov-", "Nov", "  ", " 6", "0",
        "99", "+1",
    ]

    @Test func `a date that is read is written as the same moment`() {
        var fuzzer = Fuzzer(longest: 60)
        let failure = fuzzer.run(Self.dates, tokens: Self.tokens) { input in
            let text = String(decoding: input, as: UTF8.self)
            guard let time = HTTPDate.lenient(text, now: 1_800_000_000) else { return HTTPDate.strict(text) == nil }
            let written = HTTPDate.text(Int(time))
            guard HTTPDate.strict(written) == time else { return false }
            return HTTPDate.strict(text).map { $0 == time && written == text } ?? true
        }
        #expect(failure == nil)
    }

    @Test func `every moment of ten thousand years is read back`() {
        var fuzzer = Fuzzer(longest: 8)
        let failure = fuzzer.run(["12345678"]) { input in
            let number = input.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let time = Int(number % 315_569_520_000) - 62_167_219_200
            return HTTPDate.strict(HTTPDate.text(time)) == Double(time)
        }
        #expect(failure == nil)
    }

    @Test func `the next time of a cron expression fits it, and no minute before does`() {
        var fuzzer = Fuzzer(longest: 80)
        let tokens = [
            "*", " ", ",", "-", "/", "*/5", "L", "W", "LW", "L-3", "15W", "6#3", "6L", "MON", "JAN-MAR", "59", "23",
            "31", "7", "0",
        ]
        let examples = ["*/5 * * * *", "0 12 LW 2 *", "30 2 L-3 * MON-FRI", "0 0 29 2 7#5", "1,2-5/2 23-1 15W JAN 6L"]
        let failure = fuzzer.run(examples, tokens: tokens) { input in
            guard let cron = try? CronExpression(String(decoding: input, as: UTF8.self)) else { return true }
            let start = 1_709_000_000.0
            guard let next = cron.next(after: start) else { return !cron.matches(start + 60) }
            guard next > start, next.truncatingRemainder(dividingBy: 60) == 0, cron.matches(next) else { return false }
            // Some minutes right behind the start and right before the answer stand for all.
            let first = (start / 60).rounded(.down) * 60 + 60
            for step in 0..<40 where first + Double(step) * 60 < next {
                if cron.matches(first + Double(step) * 60) { return false }
                if next - Double(step + 1) * 60 > start, cron.matches(next - Double(step + 1) * 60) { return false }
            }
            return cron.description == String(decoding: input, as: UTF8.self)
        }
        #expect(failure == nil)
    }
}
