import Testing
import Workers

@Suite struct CronExpressionTests {
    /// 1 January 2026, a Thursday, at midnight.
    private let newYear = 1_767_225_600.0

    @Test(
        "a refusal names the field and the reason",
        arguments: [
            ("* * * *", "The cron expression has 4 fields where five are needed."),
            ("@daily", "The cron expression has 1 fields where five are needed; nicknames are not known here."),
            (" * * * * *", "The cron expression has space before its first or behind its last field."),
            ("60 * * * *", "The minute of the cron expression is wrong: 60 is not from 0 to 59."),
            ("* 24 * * *", "The hour of the cron expression is wrong: 24 is not from 0 to 23."),
            ("* * 0 * *", "The day of month of the cron expression is wrong: 0 is not from 1 to 31."),
            ("* * * 13 *", "The month of the cron expression is wrong: 13 is not from 1 to 12."),
            ("* * * * 0", "The day of week of the cron expression is wrong: 0 is not from 1 to 7; Sunday is 1."),
            (
                "* * * * MONDAY",
                "The day of week of the cron expression is wrong: “MONDAY” is not a number from 1 to 7, or a name from SUN to SAT."
            ),
            ("*/0 * * * *", "The minute of the cron expression is wrong: the step “0” is not a number from 1 to 59."),
            ("1,,2 * * * *", "The minute of the cron expression is wrong: “1,,2” has an empty place in its list."),
            ("*,5 * * * *", "The minute of the cron expression is wrong: a bare * cannot stand in the list “*,5”."),
            (
                "* * L-31 * *",
                "The day of month of the cron expression is wrong: “L-31” is not L, L-n, LW or L-nW with n from 1 to 30, "
                    + "and none of them stands in a list."
            ),
            (
                "* * * * 2#6",
                "The day of week of the cron expression is wrong: “#6” is not from #1 to #5, and # cannot stand in a list."
            ),
        ])
    func refusal(text: String, sentence: String) {
        #expect(throws: CronExpression.Refusal.self) { try CronExpression(text) }
        do {
            _ = try CronExpression(text)
        } catch {
            #expect(error.description == sentence)
        }
    }

    @Test(
        "odd texts are refused",
        arguments: [
            "", " ", "+1 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "5/ * * * *", "/5 * * * *", "*/+5 * * * *",
            "99999999999999999999 * * * *", "١ * * * *", "* * * * ſun", "* * W * *", "* * 32W * *", "* * 1-5W * *",
            "* * LL * *", "* * LW-1 * *", "* * L-1-1 * *", "* * * * #1", "* * * * L5", "* * * * LL", "* * * * MON#",
            "* * * * MON#1#2", "* * 1,L * *", "* * * * 1,2L", "* * * * *L", "* * * JAN/13 *", "*\n* * * *",
        ])
    func oddTexts(text: String) {
        #expect(throws: CronExpression.Refusal.self) { try CronExpression(text) }
    }

    @Test(
        "texts that look odd and are not",
        arguments: [
            "*/15,*/20 * * * *", "0 0 * * fri-mon", "007 * * * *", "0 0 1-1 * *", "0 0 */30 * *", "* * * */11 */6",
            "59-59/59 * * * *", "0 0 L-1W * monL",
        ])
    func texts(text: String) throws {
        #expect(try CronExpression(text).description == text)
    }

    @Test func `a step over a range that wraps counts on over the turn`() throws {
        let cron = try CronExpression("50-10/7 * * * *")
        let minutes = (0..<60).filter { cron.matches(newYear + Double($0) * 60) }
        #expect(minutes == [4, 50, 57])
    }

    @Test func `next agrees with trying every minute`() throws {
        let texts = [
            "*/17 3,15 * * *", "0 12 L * *", "30 6 15W * *", "0 0 * * 6#5", "0 0 13 * FRI", "5 4 LW */2 *",
            "0 22 31 * *",
            "59 23 L-2W 2 *", "0 0 * * MONL", "10-50/20 */6 1,15 1-3 WED",
        ]
        for text in texts {
            let cron = try CronExpression(text)
            var next = cron.next(after: newYear)
            for minute in 1...(400 * 1440) {
                let time = newYear + Double(minute) * 60
                guard cron.matches(time) else { continue }
                #expect(next == time, "\(text)")
                next = cron.next(after: time)
                if next == nil || next! > newYear + 400 * 86_400 { break }
            }
        }
    }

    @Test func `the seldom and the impossible are found quickly`() throws {
        // 29 February as the fifth Monday: 2044, 2072 and then 2112, since 2100 is no leap year.
        let seldom = try CronExpression("0 0 * 2 MON#5")
        var time = newYear
        var found: [Double] = []
        while found.count < 3, let next = seldom.next(after: time) {
            found.append(next)
            time = next
        }
        #expect(found == [2_340_316_800, 3_223_929_600, 4_486_147_200])
        for text in ["* * 31 2 *", "* * 31 4,6,9,11 *", "* * L-30 2,4,6,9,11 *", "* * 31W 2 *", "* * L-29 2 *"] {
            #expect(try CronExpression(text).next(after: newYear) == nil, "\(text)")
        }
        // From 1 March 2096 to 29 February 2104.
        #expect(try CronExpression("0 0 29 2 *").next(after: 3_981_398_400) == 4_233_686_400)
    }

    @Test func `every nearest weekday is a weekday of its month`() throws {
        for day in 1...31 {
            let cron = try CronExpression("0 0 \(day)W * *")
            var time = newYear
            for _ in 0..<48 {
                guard let next = cron.next(after: time) else { break }
                // 1 January 2026 was a Thursday.
                let weekday = (Int((next - newYear) / 86_400) + 4) % 7
                #expect((1...5).contains(weekday))
                time = next
            }
        }
    }

    @Test(
        "times beyond every calendar neither match nor crash",
        arguments: [
            Double.infinity, -Double.infinity, Double.nan, 1e300, -1e300,
        ])
    func extremes(time: Double) throws {
        let cron = try CronExpression("* * * * *")
        #expect(!cron.matches(time))
        #expect(cron.next(after: time) == nil)
    }

    @Test func `times before 1970 have their minutes, too`() throws {
        let cron = try CronExpression("59 23 31 12 *")
        #expect(cron.matches(-1))
        #expect(cron.next(after: -86_400) == -60)
    }

    @Test func `copies of an event share the wish not to be retried`() {
        let event = ScheduledEvent(cron: "* * * * *", scheduledTime: 0)
        let copy = event
        copy.noRetry()
        #expect(event.isRetryRefused)
    }
}
