import HTTPCaching
import HTTPTypes
import Testing

/// RFC 9213.
@Suite struct TargetedTests {
    private func story(_ targeted: String, _ lines: String...) -> Story {
        var story = Story()
        story.receive(["CDN-Cache-Control: \(targeted)", "ETag: \"a\""] + lines)
        return story
    }

    @Test(
        "it replaces all else that speaks of freshness",
        arguments: [
            "Cache-Control: max-age=1", "Cache-Control: max-age=9999", "Cache-Control: no-store",
            "Cache-Control: private",
            "Cache-Control: no-cache", "Cache-Control: s-maxage=1", "Expires: 0", "Expires: \(date(9999))",
        ])
    func replaces(line: String) {
        #expect(story("max-age=100", line).ask(at: 99) == "hit 200")
        #expect(story("max-age=100", line).ask(at: 100) == "validate")
        #expect(story("foo, max-age=100, bar=1", line).ask(at: 99) == "hit 200")
    }

    @Test func `zero is stale, and age counts`() {
        #expect(story("max-age=0", "Expires: \(date(9999))", "Cache-Control: max-age=9999").ask(at: 0) == "validate")
        #expect(story("max-age=-5", "Cache-Control: max-age=9999").ask(at: 0) == "validate")
        #expect(story("max-age=3600", "Age: 7200").ask(at: 0) == "validate")
        for seconds in ["2147483648", "99999999999"] {
            #expect(story("max-age=\(seconds)").ask(at: 86_400 * 365 * 50) == "hit 200")
        }
        #expect(story("max-age=5, s-maxage=50").ask(at: 49) == "hit 200")
    }

    @Test("what it forbids is forbidden", arguments: [("private", "private"), ("no-store", "no-store")])
    func forbids(directive: String, reason: String) {
        var story = Story()
        #expect(story.receive("CDN-Cache-Control: \(directive)", "Cache-Control: max-age=100") == reason)
        #expect(story.receive("CDN-Cache-Control: max-age=9, \(directive)", "Cache-Control: max-age=9") == reason)
    }

    @Test func `no-cache is asked about`() {
        #expect(story("no-cache", "Cache-Control: max-age=100").ask() == "validate")
    }

    @Test(
        "a field that is not written as it must be counts as absent",
        arguments: [
            "max-age=10000, &&&&&", "max-age=\"10000\"", "max-age=10000,", "max-age = 10000", "Max-Age=10000", "",
            "max-age=10000.5", "max-age=abc", "max-age", "max-age=(1 2)", "max-age=1000000000000000", "s-maxage=?1",
            "max-age=10000;;", "no-store, max-age=", "max-age=10000 foo", "1=2",
        ])
    func invalid(text: String) {
        #expect(story(text, "Cache-Control: max-age=5").ask(at: 4) == "hit 200")
        #expect(story(text, "Cache-Control: max-age=5").ask(at: 5) == "validate")
        var story = Story()
        #expect(story.receive("CDN-Cache-Control: \(text)", "Cache-Control: no-store") == "no-store")
    }

    @Test func `lines and parameters are read as structured fields are`() {
        var story = Story()
        story.receive("CDN-Cache-Control: max-age=5", "CDN-Cache-Control: max-age=50;foo=1")
        #expect(story.ask(at: 49) == "hit 200")
        story.receive("CDN-Cache-Control: max-age=50, private=\"x\"", "X: 1", "Y: 2")
        #expect(story.answer()?.fields[.init("x")!] == nil)
        #expect(story.answer()?.fields[.init("y")!] == "2")
    }

    @Test func `it is passed on, and lets nothing else be rewritten`() {
        let answer = story("max-age=100", "Cache-Control: max-age=1", "Expires: \(date(1))", "Date: \(date(0))").answer(
            at: 50)
        #expect(answer?.fields[.cdnCacheControl] == "max-age=100")
        #expect(answer?.fields[.cacheControl] == "max-age=1")
        #expect(answer?.fields[.expires] == date(1))
        #expect(answer?.fields[.date] == date(0))
        #expect(answer?.fields[.age] == "50")
    }

    @Test func `stale-while-revalidate and stale-if-error work in it, those of Cache-Control do not`() {
        let story = story(
            "max-age=1, stale-while-revalidate=20, stale-if-error=20", "Cache-Control: must-revalidate, max-age=1")
        #expect(story.ask(at: 5) == "stale 200, refreshed")
        #expect(story.fail(failure: .status(503), at: 5)?.status == 200)
        let other = self.story("max-age=1", "Cache-Control: max-age=1, stale-while-revalidate=20, stale-if-error=20")
        #expect(other.ask(at: 5) == "validate")
        #expect(other.fail(failure: .status(503), at: 5) == nil)
    }

    @Test func `without a lifetime in it a tenth of the age is guessed, and Expires is not looked at`() {
        let story = story("public", "Expires: \(date(5))", "Last-Modified: \(date(-1000))", "Date: \(date(0))")
        #expect(story.ask(at: 99) == "hit 200")
        #expect(story.ask(at: 100) == "validate")
    }
}
