import HTTPCaching
import Testing

/// RFC 9111 §4.2: how long a response answers.
@Suite struct FreshnessTests {
    @Test func `a response is fresh for as long as it says, and not a moment longer`() {
        let story = Story("Cache-Control: max-age=10")
        #expect(story.ask(at: 0) == "hit 200")
        #expect(story.ask(at: 9.999) == "hit 200")
        #expect(story.ask(at: 10) == "fetch, stale")
    }

    @Test(
        "lifetimes beyond 2^31 are as good as for ever",
        arguments: ["2147483647", "2147483648", "2147483649", "99999999999", "99999999999999999999999999"])
    func large(seconds: String) {
        #expect(Story("Cache-Control: max-age=\(seconds)").ask(at: 86_400 * 365 * 50) == "hit 200")
        #expect(Story("Cache-Control: s-maxage=\(seconds)").ask(at: 86_400 * 365 * 50) == "hit 200")
    }

    @Test(
        "what is no number of seconds is zero",
        arguments: [
            "0", "-1", "-3600", "'3600'", "3600.0", "3600.5", "a3600", "3600a", "", "\"\"", " 3600", "+3600", "0x10",
        ])
    func zero(seconds: String) {
        var story = Story()
        #expect(story.receive("Cache-Control: max-age=\(seconds)") == "no-lifetime")
        #expect(story.receive("Cache-Control: max-age=\(seconds)", "ETag: \"a\"") == "stored")
        #expect(story.ask(at: 0) == "validate")
    }

    @Test(
        "what is written as seconds is",
        arguments: [
            "max-age=3600", "MAX-AGE=3600", "max-age=003600", "max-age=\"3600\"", "foo, max-age=3600",
            "max-age=3600,foo=bar",
            ",, max-age=3600 ,", "a=\"max-age=1\", max-age=3600", "max-age=3600, a=\"max-age=1\"",
            "a=\"\\\", max-age=1\", max-age=3600", "public=\"x\", max-age=3600",
        ])
    func written(control: String) {
        #expect(Story("Cache-Control: \(control)").ask(at: 3599) == "hit 200")
        #expect(Story("Cache-Control: \(control)").ask(at: 3600) == "fetch, stale")
    }

    @Test(
        "what could mean two things means stale",
        arguments: [
            "max-age=3600, max-age=0", "max-age=0, max-age=3600", "max-age=3600, max-age=x", "max-age =3600",
            "max-age= 3600", "max-age = 3600", "max-age", "a=\"b, max-age=3600", "max-age=3600, a=\"b",
        ])
    func ambiguous(control: String) {
        #expect(Story("Cache-Control: \(control)", "ETag: \"a\"").ask(at: 0) == "validate")
        let lines = control.split(separator: ",").map { "Cache-Control: \($0)" }
        var story = Story()
        if !control.contains("\"") {
            story.receive(lines + ["ETag: \"a\""])
            #expect(story.ask(at: 0) == "validate")
        }
    }

    @Test func `the shortest of several counts`() {
        let story = Story("Cache-Control: max-age=20", "Cache-Control: max-age=5")
        #expect(story.ask(at: 4) == "hit 200")
        #expect(story.ask(at: 5) == "fetch, stale")
    }

    @Test func `a directive within another one's quotes is none`() {
        var story = Story()
        #expect(story.receive("Cache-Control: foo=\"max-age=3600\"") == "no-lifetime")
        #expect(story.receive("Cache-Control: foo=\"no-store\", max-age=3600") == "stored")
        // A quote that never ends hides nothing that forbids.
        #expect(story.receive("Cache-Control: foo=\"bar, no-store", "ETag: \"a\"") == "no-store")
    }

    @Test func `a shared cache has a lifetime of its own, wherever it stands`() {
        for lines in [
            ["Cache-Control: max-age=5, s-maxage=20"], ["Cache-Control: s-maxage=20, max-age=5"],
            ["Cache-Control: max-age=5", "Cache-Control: s-maxage=20"], ["Cache-Control: S-MaxAge=20, max-age=0"],
            ["Cache-Control: s-maxage=20", "Expires: \(date(-100))"], ["Cache-Control: s-maxage=20, max-age=100"],
        ] {
            var story = Story()
            story.receive(lines)
            #expect(story.ask(at: 19) == "hit 200", "\(lines)")
            #expect(story.ask(at: 20) == "fetch, stale", "\(lines)")
        }
    }

    @Test func `max-age beats Expires both ways`() {
        for expires in [date(-3600), "0", date(3600)] {
            let story = Story("Cache-Control: max-age=10", "Expires: \(expires)", "Date: \(date(0))")
            #expect(story.ask(at: 9) == "hit 200")
            #expect(story.ask(at: 10) == "fetch, stale")
        }
        let stale = Story("Cache-Control: max-age=0", "Expires: \(date(3600))", "ETag: \"a\"")
        #expect(stale.ask(at: 0) == "validate")
    }

    @Test func `nothing is reused that says nothing about it`() {
        var story = Story()
        #expect(story.receive("Content-Type: text/plain") == "no-lifetime")
        #expect(story.receive("Cache-Control: foo", "Date: \(date(0))") == "no-lifetime")
        // With something to ask the origin by it is stored, and asked about.
        #expect(story.receive("ETag: \"a\"") == "stored")
        #expect(story.ask() == "validate")
    }
}

/// RFC 9111 §4.2.3, §5.1.
@Suite struct AgeTests {
    @Test(
        "what is no age is none", arguments: ["abc", "-7200", "7200.0", "", "7200;foo=bar", "7200;foo=111", "'7200'"])
    func ignored(age: String) {
        #expect(Story("Cache-Control: max-age=3600", "Age: \(age)").ask() == "hit 200")
    }

    @Test(
        "an age that is larger than the lifetime is stale on arrival",
        arguments: [
            "7200", "3600", "7200, 0", "2147483647", "2147483648", "2147483649", "99999999999999999999",
        ])
    func stale(age: String) {
        #expect(Story("Cache-Control: max-age=3600", "Age: \(age)", "ETag: \"a\"").ask(at: 0) == "validate")
    }

    @Test func `the first of several ages counts`() {
        #expect(Story("Cache-Control: max-age=3600", "Age: 0, 7200").ask() == "hit 200")
        #expect(Story("Cache-Control: max-age=3600", "Age: 0, 0").ask() == "hit 200")
        #expect(Story("Cache-Control: max-age=3600", "Age: 0", "Age: 0").ask() == "hit 200")
        #expect(Story("Cache-Control: max-age=3600", "Age: 0", "Age: 7200").ask() == "hit 200")
        #expect(Story("Cache-Control: max-age=3600", "Age: 7200", "Age: 0", "ETag: \"a\"").ask() == "validate")
        #expect(Story("Cache-Control: max-age=10000", "Age: 3600", "Age: 3600").answer(at: 3)?.fields[.age] == "3603")
    }

    @Test func `a hit says how old it is, rounded down at the end`() {
        let story = Story("Cache-Control: max-age=3600", "Age: 30")
        #expect(story.answer(at: 0)?.fields[.age] == "30")
        #expect(story.answer(at: 3.9)?.fields[.age] == "33")
        var later = Story()
        later.receive("Cache-Control: max-age=3600", at: 0.9)
        #expect(later.answer(at: 3.8)?.fields[.age] == "2")
        #expect(later.answer(at: 3.9)?.fields[.age] == "3")
        #expect(Story("Expires: \(date(100))", "Date: \(date(0))").answer(at: 3)?.fields[.age] == "3")
    }

    @Test func `the time of the request counts, and so does an old date`() {
        var slow = Story()
        slow.receive("Cache-Control: max-age=10", "Age: 1", sent: 0, at: 5)
        #expect(slow.answer(at: 5)?.fields[.age] == "6")
        #expect(slow.ask(at: 9) == "fetch, stale")
        var dated = Story()
        dated.receive("Cache-Control: max-age=3600", "Date: \(date(-100))", "Age: 30", at: 0.5)
        #expect(dated.answer(at: 0.5)?.fields[.age] == "100")
        var skewed = Story()
        skewed.receive("Cache-Control: max-age=3600", "Date: \(date(100))")
        #expect(skewed.answer(at: 2)?.fields[.age] == "2")
    }

    @Test func `the date stays the origin's`() {
        let story = Story("Cache-Control: max-age=3600", "Date: \(date(-2))", "Expires: \(date(50))")
        #expect(story.answer(at: 20)?.fields[.date] == date(-2))
        #expect(story.answer(at: 20)?.fields[.expires] == date(50))
        // Without one it is the moment of receipt (RFC 9110 §6.6.1).
        #expect(Story("Cache-Control: max-age=3600").answer(at: 20)?.fields[.date] == date(0))
    }

    @Test func `no age is larger than 2^31`() {
        let story = Story("Cache-Control: max-age=10", "Age: 99999999999", "ETag: \"a\"")
        let answer = story.fail(at: 3)
        #expect(answer == nil)
        #expect(CachePolicy.age(of: story.stored[0], at: noon + 1000) == 2_147_483_648)
    }
}

/// RFC 9111 §5.3.
@Suite struct ExpiresTests {
    @Test func `the lifetime is the distance from Date`() {
        let story = Story("Expires: \(date(10))", "Date: \(date(0))")
        #expect(story.ask(at: 9) == "hit 200")
        #expect(story.ask(at: 10) == "fetch, stale")
        // A clock that runs fast makes nothing fresher.
        let fast = Story("Expires: \(date(3600))", "Date: \(date(3590))")
        #expect(fast.ask(at: 9) == "hit 200")
        #expect(fast.ask(at: 10) == "fetch, stale")
    }

    @Test func `a time that has come is stale`() {
        for (expires, of) in [(-10, 0), (0, 0), (10, 20)] {
            let story = Story("Expires: \(date(expires))", "Date: \(date(of))", "ETag: \"a\"")
            #expect(story.ask(at: 0) == "validate")
        }
    }

    @Test func `without a date that can be read the moment of receipt counts`() {
        for line in ["Date: foo", "X: y", "Date: 0"] {
            let story = Story("Expires: \(date(10))", line)
            #expect(story.ask(at: 9) == "hit 200")
            #expect(story.ask(at: 10) == "fetch, stale")
        }
    }

    @Test("an age larger than the lifetime is stale, whatever the origin's clock shows", arguments: [-10, 0, 10])
    func age(skew: Int) {
        let story = Story("Expires: \(date(skew + 100))", "Date: \(date(skew))", "Age: 200", "ETag: \"a\"")
        #expect(story.ask(at: 0) == "validate")
    }

    @Test(
        "dates that are read",
        arguments: [
            "Mon, 01 Jun 2026 12:00:10 GMT", "Fri, 01 Jan 2038 00:00:00 GMT", "Thu, 18 Aug 2050 02:01:18 GMT",
            "Thu, 01 Jan 2286 00:00:00 GMT", "Thursday, 18-Aug-50 02:01:18 GMT", "Thu Aug 18 02:01:18 2050",
            "Thu Aug  8 02:01:18 2050", "thu, 18 Aug 2050 02:01:18 GMT", "Thu, 18 aUG 2050 02:01:18 GMT",
            "Thu, 18 Aug 2050 02:01:18 gMT",
        ])
    func read(text: String) {
        #expect(Story("Expires: \(text)", "Date: \(date(0))").ask(at: 5) == "hit 200")
    }

    @Test(
        "dates that are none, and so stale",
        arguments: [
            "0", "-1", "", "foo", "Thu, 18 Aug 2050 02:01:18 UTC", "Thu, 18 Aug 2050 02:01:18 AEST",
            "Thu, 18 Aug 50 02:01:18 GMT", "Thu 18 Aug 2050 02:01:18 GMT", "Thu, 18  Aug 2050 02:01:18 GMT",
            "Thu, 18 Aug 2050  02:01:18 GMT", "Thu, 18-Aug-2050 02:01:18 GMT", "Thu, 18 Aug 2050 02.01.18 GMT",
            "Thu, 18 Aug 2050 2:01:18 GMT", "Thu, 18 Aug 2050 02:01:18", "Thu, 32 Aug 2050 02:01:18 GMT",
            "Thu, 18 Aug 2050 25:01:18 GMT",
        ])
    func refused(text: String) {
        #expect(Story("Expires: \(text)", "Date: \(date(0))", "ETag: \"a\"").ask(at: 0) == "validate")
    }

    @Test func `several of them are none`() {
        let story = Story("Expires: \(date(100))", "Expires: \(date(100))", "ETag: \"a\"")
        #expect(story.ask(at: 0) == "validate")
        #expect(Story("Expires: \(date(100)), \(date(100))", "ETag: \"a\"").ask(at: 0) == "validate")
    }
}

/// RFC 9111 §4.2.2.
@Suite struct HeuristicTests {
    private func story(_ status: Int, _ lines: String..., age: Int = 86_400) -> Story {
        var story = Story()
        story.receive(lines + ["Last-Modified: \(date(-age))", "Date: \(date(0))"], status: status)
        return story
    }

    @Test("statuses that are cacheable by nature", arguments: [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
    func reused(status: Int) {
        #expect(story(status).ask(at: 3) == "hit \(status)")
    }

    @Test("statuses that are not", arguments: [201, 202, 302, 303, 307, 400, 403, 500, 502, 503, 504, 599])
    func refused(status: Int) {
        #expect(story(status).ask(at: 3) == "fetch, uri-miss")
        #expect(story(status, "Cache-Control: foo").ask(at: 3) == "fetch, uri-miss")
    }

    @Test func `public allows it for a status that nobody knows`() {
        #expect(story(599, "Cache-Control: public").ask(at: 3) == "hit 599")
    }

    @Test(
        "a tenth of the time since the last change",
        arguments: [
            (5, false), (10, false), (30, false), (31, true), (60, true), (300, true), (3600, true), (86_400, true),
        ])
    func tenth(age: Int, isFresh: Bool) {
        #expect(story(200, age: age).ask(at: 3) == (isFresh ? "hit 200" : "validate"))
    }

    @Test func `a day at most`() {
        let old = story(200, age: 86_400 * 1000)
        #expect(old.ask(at: 86_399) == "hit 200")
        #expect(old.ask(at: 86_400) == "validate")
    }

    @Test func `a guess is never made where there is a word, or a date in the future`() {
        #expect(story(200, "Cache-Control: max-age=0").ask(at: 0) == "validate")
        #expect(story(200, "Expires: 0").ask(at: 0) == "validate")
        #expect(story(200, age: -100).ask(at: 0) == "validate")
        #expect(Story("Last-Modified: yesterday").ask(at: 0) == "validate")
    }
}
