import HTTPCaching
import Testing

/// RFC 9111 §5.2.2.
@Suite struct ResponseDirectiveTests {
    @Test(
        "a shared cache does not store what it must not",
        arguments: [
            ("no-store", "no-store"), ("No-Store", "no-store"), ("private", "private"), ("PRIVATE", "private"),
            ("max-age=3600, no-store", "no-store"), ("private, max-age=3600", "private"), ("no-store=1", "no-store"),
            ("private=\"\"", "private"), ("private=\"a\", private", "private"), ("private = \"a\"", "private"),
        ])
    func refuses(control: String, reason: String) {
        var story = Story()
        #expect(story.receive("Cache-Control: \(control)", "Expires: \(date(3600))", "ETag: \"a\"") == reason)
        #expect(story.stored.isEmpty)
    }

    @Test func `an older fresh response is not taken back by a newer one that is not stored`() {
        var story = Story("Cache-Control: max-age=100")
        #expect(story.receive("Cache-Control: no-store", at: 5) == "no-store")
        #expect(story.ask(at: 10) == "hit 200")
    }

    @Test("no-cache is stored, and asked about each time", arguments: ["no-cache", "No-Cache, max-age=3600"])
    func noCache(control: String) {
        let story = Story("Cache-Control: \(control)", "ETag: \"abc\"")
        #expect(story.ask(at: 0) == "validate")
        #expect(story.forward(at: 1)?.fields[.ifNoneMatch] == "\"abc\"")
        var blank = Story()
        #expect(blank.receive("Cache-Control: \(control)") == "no-lifetime")
    }

    @Test func `no-cache and private with names leave these fields out, and store the rest`() {
        for directive in ["no-cache", "private"] {
            let story = Story(
                "Cache-Control: max-age=10, \(directive)=\"a, B\"", "A: 1", "B: 2", "C: 3", "Set-Cookie: x=y")
            let answer = story.answer()
            #expect(answer?.fields[.init("a")!] == nil)
            #expect(answer?.fields[.init("b")!] == nil)
            #expect(answer?.fields[.init("c")!] == "3")
            #expect(answer?.fields[.setCookie] == "x=y")
        }
    }

    @Test func `must-revalidate changes nothing while it is fresh`() {
        let story = Story("Cache-Control: max-age=10, must-revalidate", "ETag: \"a\"")
        #expect(story.ask(at: 9) == "hit 200")
        #expect(story.ask(at: 10) == "validate")
    }

    @Test func `must-understand overrides no-store for whom it means`() {
        var story = Story()
        let control = "Cache-Control: no-store, must-understand, max-age=100"
        #expect(story.receive(control, status: 599) == "status")
        #expect(story.receive(control, status: 200) == "stored")
        #expect(story.receive("Cache-Control: must-understand, max-age=100", status: 599) == "status")
        #expect(story.receive("Cache-Control: no-store, max-age=100", status: 200) == "no-store")
    }

    @Test func `immutable spares a reload, and nothing else`() {
        let story = Story("Cache-Control: max-age=100, immutable", "ETag: \"a\"")
        #expect(story.ask("Cache-Control: max-age=0", at: 50) == "hit 200")
        #expect(story.ask("Cache-Control: no-cache", at: 50) == "validate")
        #expect(story.ask(at: 100) == "validate")
        let mutable = Story("Cache-Control: max-age=100", "ETag: \"a\"")
        #expect(mutable.ask("Cache-Control: max-age=0", at: 50) == "validate")
    }

    @Test func `a response's Pragma means nothing`() {
        #expect(Story("Cache-Control: max-age=10", "Pragma: no-cache").ask() == "hit 200")
        #expect(Story("Last-Modified: \(date(-86_400))", "Pragma: no-cache").ask() == "hit 200")
        #expect(Story("Cache-Control: max-age=10", "Pragma: foo").ask() == "hit 200")
    }
}

/// RFC 9111 §4.2.4, RFC 5861.
@Suite struct StaleTests {
    private static let forbidding = ["must-revalidate", "proxy-revalidate", "no-cache", "s-maxage=1"]

    @Test func `a stale response is served and refreshed within its window`() {
        let story = Story("Cache-Control: max-age=10, stale-while-revalidate=20", "ETag: \"a\"")
        #expect(story.ask(at: 9) == "hit 200")
        #expect(story.ask(at: 10) == "stale 200, refreshed")
        #expect(story.ask(at: 29) == "stale 200, refreshed")
        #expect(story.ask(at: 30) == "validate")
        #expect(story.answer(at: 15)?.fields[.age] == "15")
        #expect(story.answer(at: 15)?.cacheStatus.text == "Lilypad; hit; ttl=-5; detail=stale-while-revalidate")
    }

    @Test func `the refresh asks for all of it, whatever the client wanted`() throws {
        let story = Story("Cache-Control: max-age=10, stale-while-revalidate=20")
        let forward = try #require(
            story.forward("Range: bytes=0-1", "If-None-Match: \"x\"", "X-Id: 7", method: "GET", at: 15))
        #expect(forward.method == "GET")
        #expect(forward.mayBeShared)
        #expect(forward.fields == fields(["X-Id: 7"]))
        #expect(story.forward(method: "HEAD", at: 15)?.method == "GET")
        let tagged = Story("Cache-Control: max-age=10, stale-while-revalidate=20", "ETag: \"a\"")
        #expect(tagged.forward("Range: bytes=0-1", at: 15)?.fields == fields(["If-None-Match: \"a\""]))
    }

    @Test func `a client that asks for more gets no stale response`() {
        let story = Story("Cache-Control: max-age=10, stale-while-revalidate=20", "ETag: \"a\"")
        for control in ["no-cache", "max-age=12", "min-fresh=1"] {
            #expect(story.ask("Cache-Control: \(control)", at: 15) == "validate", "\(control)")
        }
    }

    @Test("never where it is forbidden", arguments: forbidding)
    func forbidden(control: String) {
        let story = Story(
            "Cache-Control: max-age=1, stale-while-revalidate=60, stale-if-error=60, \(control)", "ETag: \"a\"")
        #expect(story.ask(at: 5) == "validate")
        #expect(story.ask("Cache-Control: max-stale", at: 5) == "validate")
        #expect(story.fail(at: 5) == nil)
        #expect(story.fail(failure: .status(503), at: 5) == nil)
    }

    @Test func `an origin that cannot be reached is stood in for, for a day`() {
        let story = Story("Cache-Control: max-age=10", "ETag: \"a\"")
        #expect(story.fail(at: 20)?.status == 200)
        #expect(story.fail(failure: .timeout, at: 20)?.fields[.age] == "20")
        #expect(story.fail(at: 86_409)?.status == 200)
        #expect(story.fail(at: 86_410) == nil)
        #expect(Story().fail(at: 0) == nil)
    }

    @Test("an error is passed on unless the response allows otherwise", arguments: [500, 502, 503, 504])
    func errors(status: Int) {
        let plain = Story("Cache-Control: max-age=10")
        #expect(plain.fail(failure: .status(status), at: 20) == nil)
        let story = Story("Cache-Control: max-age=10, stale-if-error=60")
        #expect(story.fail(failure: .status(status), at: 69)?.status == 200)
        #expect(story.fail(failure: .status(status), at: 70) == nil)
        #expect(story.fail(at: 70) == nil)
        let answer = story.fail(failure: .status(status), at: 20)
        #expect(
            answer?.cacheStatus.text
                == "Lilypad; fwd=stale; fwd-status=\(status); ttl=-10; detail=stale-if-error")
    }

    @Test("what is no failure is no reason", arguments: [200, 404, 410, 429, 501, 505])
    func answers(status: Int) {
        let story = Story("Cache-Control: max-age=10, stale-if-error=60")
        #expect(story.fail(failure: .status(status), at: 20) == nil)
    }

    @Test func `stale-if-error of zero is a refusal, and a client may allow it too`() {
        #expect(Story("Cache-Control: max-age=10, stale-if-error=0").fail(at: 20) == nil)
        let story = Story("Cache-Control: max-age=10")
        #expect(story.fail("Cache-Control: stale-if-error=60", failure: .status(503), at: 20)?.status == 200)
        #expect(story.fail("Cache-Control: stale-if-error=60", failure: .status(503), at: 80) == nil)
        #expect(story.fail("Cache-Control: no-cache", at: 20) == nil)
    }

    @Test func `what is served in the place of an error obeys the client's conditions and ranges`() {
        let story = Story("Cache-Control: max-age=10, stale-if-error=60", "ETag: \"a\"")
        #expect(story.fail("If-None-Match: \"a\"", at: 20)?.status == 304)
        #expect(story.fail("Range: bytes=0-1", at: 20)?.content == .range(0..<2))
    }

    @Test func `a purge that keeps the content makes it stale, also when it is read again`() {
        var story = Story("Cache-Control: max-age=100, stale-while-revalidate=100", "ETag: \"a\"")
        story.stored[0].expire()
        #expect(story.ask(at: 5) == "validate")
        let old = story.stored[0]
        story.stored[0] = CachedResponse(
            status: old.status, fields: old.fields, requestTime: old.requestTime, responseTime: old.responseTime,
            variant: old.variant, content: old.content, policy: .rfc)
        #expect(story.ask(at: 5) == "validate")
        #expect(story.confirm("ETag: \"a\"", at: 6) == "updated")
        #expect(story.ask(at: 50) == "hit 200")
        #expect(story.answer(at: 50)?.fields.contains { $0.name.rawName.contains("Programmed") } == false)
    }
}

/// Which statuses are stored and come back as they were.
@Suite struct StatusTests {
    @Test(
        "every final status can be stored when it says for how long",
        arguments: [
            200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 499, 500, 502, 503, 504, 599, 201, 418, 451,
            999,
        ])
    func stored(status: Int) {
        var story = Story()
        #expect(story.receive("Cache-Control: max-age=10", status: status, size: status == 204 ? 0 : 10) == "stored")
        #expect(story.ask() == "hit \(status)")
        #expect(story.ask(at: 10) == "fetch, stale")
        var past = Story()
        past.receive("Expires: \(date(-10))", "Date: \(date(0))", status: status)
        #expect(past.ask() == "fetch, uri-miss")
    }

    @Test("interim answers and confirmations are not", arguments: [100, 101, 102, 103, 199, 304])
    func refused(status: Int) {
        var story = Story()
        #expect(story.receive("Cache-Control: max-age=10", "Link: </a>", status: status) == "status")
    }

    @Test func `only a response without content has no length`() {
        #expect(Story("Cache-Control: max-age=10", status: 404).answer()?.fields[.contentLength] == "10")
        var empty = Story()
        empty.receive("Cache-Control: max-age=10", status: 204, size: 0)
        #expect(empty.answer()?.fields[.contentLength] == nil)
    }
}

/// RFC 9111 §3, RFC 9110 §9.3.
@Suite struct MethodTests {
    private let posted = request(method: "POST", target: "/a")

    @Test func `HEAD is answered from a stored GET, without content`() {
        let answer = Story("Cache-Control: max-age=10", "X: 1").answer(method: "HEAD")
        #expect(answer?.status == 200)
        #expect(answer?.content == CacheAnswer.Content.none)
        #expect(answer?.fields[.contentLength] == "10")
        #expect(Story().ask(method: "HEAD") == "fetch, uri-miss")
        #expect(Story().forward(method: "HEAD")?.method == "HEAD")
    }

    @Test func `an answer to HEAD is not stored`() {
        var story = Story()
        #expect(story.receive("Cache-Control: max-age=10", to: request(method: "HEAD"), size: 0) == "method")
    }

    @Test(
        "other methods go to the origin",
        arguments: [
            ("POST", true), ("PUT", true), ("DELETE", true), ("PATCH", true), ("M-SEARCH", true), ("get", true),
            ("OPTIONS", false), ("TRACE", false), ("PROPFIND", false),
        ])
    func passed(method: String, invalidates: Bool) {
        let handling = CachePolicy.rfc.handling(of: request(method: method))
        #expect(
            handling == .passThrough(.method, detail: nil, invalidates: invalidates, mayStore: method == "POST"))
        var story = Story()
        #expect(story.receive("Cache-Control: max-age=10", to: request(method: method)) == "method")
    }

    @Test(
        "a POST that names its URL as the content's location answers later GETs",
        arguments: [
            "/a", "https://lily.test/a", "//lily.test/a", "a", "./a", "https://LILY.test:443/a", "/b/../a",
        ])
    func located(location: String) {
        var story = Story()
        #expect(story.receive("Cache-Control: max-age=10", "Content-Location: \(location)", to: posted) == "stored")
        #expect(story.ask() == "hit 200")
    }

    @Test func `a POST that does not is no answer to a GET`() {
        var story = Story()
        for location in ["/b", "https://other.test/a", "http://lily.test/a", "/a?b", ""] {
            let stored = story.receive("Cache-Control: max-age=10", "Content-Location: \(location)", to: posted)
            #expect(stored == "method", "\(location)")
        }
        #expect(story.receive("Cache-Control: max-age=10", to: posted) == "method")
        #expect(story.receive("Content-Location: /a", "Last-Modified: \(date(-100_000))", to: posted) == "method")
        #expect(
            story.receive("Cache-Control: max-age=10", "Content-Location: /a", status: 404, to: posted) == "method")
    }

    @Test func `what cannot be answered from a store is not looked up`() {
        let policy = CachePolicy.rfc
        #expect(policy.handling(of: request("Accept: */*")) == .lookUp)
        #expect(policy.handling(of: request("Content-Length: 0")) == .lookUp)
        for line in [
            "Upgrade: websocket", "Content-Length: 5", "Transfer-Encoding: chunked", "If-Match: \"a\"",
            "If-Unmodified-Since: \(date(0))",
        ] {
            guard case .passThrough(.bypass, _, false, false) = policy.handling(of: request(line)) else {
                Issue.record("\(line) is looked up")
                continue
            }
        }
    }
}
