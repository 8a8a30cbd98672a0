import HTTPCaching
import HTTPTypes
import Testing

/// The cache in front of a Worker, where it leaves the RFC.
@Suite struct WorkersCacheTests {
    @Test(
        "a response that says nothing is kept by its status",
        arguments: [
            (200, 7200.0), (203, 7200), (204, 7200), (300, 1200), (301, 1200), (404, 180), (410, 180), (405, 60),
            (414, 60),
            (501, 60),
        ])
    func defaults(status: Int, seconds: Double) {
        var story = Story(.workersCache)
        story.receive("X: 1", status: status, size: 0)
        #expect(story.ask(at: seconds - 1) == "hit \(status)")
        #expect(story.ask(at: seconds) == "fetch, stale")
    }

    @Test("other statuses are not kept without a word", arguments: [201, 206, 302, 303, 307, 400, 500, 520, 526])
    func others(status: Int) {
        var story = Story(.workersCache)
        #expect(story.receive("X: 1", status: status) != "stored")
    }

    @Test func `a request with ranges and conditions runs the Worker for all of it`() throws {
        var story = Story(.workersCache)
        let client = request("Range: bytes=0-1", "If-None-Match: \"x\"", "X: 1")
        guard case .fetch(let forward) = story.reuse(client, at: 0) else {
            Issue.record("no fetch")
            return
        }
        #expect(forward.fields == fields(["X: 1"]))
        #expect(story.receive("Cache-Control: max-age=9", to: client.sent(as: forward)) == "stored")
        #expect(story.ask("Range: bytes=0-1") == "hit 206")
        #expect(story.ask("Range: bytes=10-") == "hit 416")
    }

    @Test func `HEAD and GET share one entry`() throws {
        var story = Story(.workersCache)
        let forward = try #require(story.forward(method: "HEAD"))
        #expect(forward.method == "GET")
        #expect(story.receive("Cache-Control: max-age=9", to: request(method: "HEAD").sent(as: forward)) == "stored")
        #expect(story.ask() == "hit 200")
        #expect(story.answer(method: "HEAD")?.content == CacheAnswer.Content.none)
    }

    @Test func `no-cache is asked about each time, unless it may be stale meanwhile`() {
        var story = Story("Cache-Control: no-cache", "ETag: \"a\"", policy: .workersCache)
        #expect(story.ask(at: 0) == "validate")
        #expect(story.confirm("ETag: \"a\"", at: 1) == "updated")
        #expect(story.ask(at: 1) == "validate")
        let stale = Story("Cache-Control: no-cache, stale-while-revalidate=60", "ETag: \"a\"", policy: .workersCache)
        #expect(stale.ask(at: 5) == "stale 200, refreshed")
        #expect(stale.ask(at: 60) == "validate")
        let rfc = Story("Cache-Control: no-cache, stale-while-revalidate=60", "ETag: \"a\"")
        #expect(rfc.ask(at: 5) == "validate")
    }

    @Test("a Worker that fails is stood in for without limit", arguments: [500, 501, 503, 599])
    func failures(status: Int) {
        let story = Story("Cache-Control: max-age=1", policy: .workersCache)
        #expect(story.fail(failure: .status(status), at: 1_000_000)?.status == 200)
        #expect(story.fail(at: 1_000_000)?.status == 200)
        #expect(story.fail(failure: .status(404), at: 5) == nil)
        let limited = Story("Cache-Control: max-age=1, stale-if-error=10", policy: .workersCache)
        #expect(limited.fail(failure: .status(status), at: 10)?.status == 200)
        #expect(limited.fail(failure: .status(status), at: 11) == nil)
        let none = Story("Cache-Control: max-age=1, stale-if-error=0", policy: .workersCache)
        #expect(none.fail(failure: .status(status), at: 2) == nil)
    }

    @Test("unless it must not be", arguments: ["must-revalidate", "proxy-revalidate", "s-maxage=1"])
    func forbidden(control: String) {
        let story = Story(
            "Cache-Control: max-age=1, stale-while-revalidate=60, stale-if-error=60, \(control)", policy: .workersCache)
        #expect(story.ask(at: 5) == "fetch, stale")
        #expect(story.fail(failure: .status(500), at: 5) == nil)
    }

    @Test(
        "what is not for all is not stored",
        arguments: [
            ("Cache-Control: private", "private"), ("Cache-Control: no-store", "no-store"),
            ("Set-Cookie: a=b", "set-cookie"),
            ("Vary: *", "vary"),
        ])
    func refused(line: String, reason: String) {
        var story = Story(.workersCache)
        #expect(story.receive(line, "X: 1") == reason)
        let status = CacheStatus(cache: "a", forward: .uriMiss)
        #expect(CloudflareCacheStatus(status, refusal: StorageRefusal(rawValue: reason)) == .bypass)
    }

    @Test func `all variants are asked for with their own values`() {
        var story = Story(.workersCache)
        story.receive("Cache-Control: max-age=9", "Vary: Accept-Language", to: request("Accept-Language: de, en"))
        #expect(story.ask("Accept-Language: de, en") == "hit 200")
        #expect(story.ask("Accept-Language: en, de") == "fetch, vary-miss")
    }
}

/// The cache behind `fetch` in a Worker.
@Suite struct SubrequestTests {
    private func story(_ program: CacheProgram, _ lines: String..., status: Int = 200) -> (story: Story, word: String) {
        var story = Story(.subrequest(program))
        let word = story.receive(lines, status: status)
        return (story, word)
    }

    @Test func `cacheTtl overrides whatever the origin says`() throws {
        for line in ["Cache-Control: no-store", "Cache-Control: private, max-age=5", "Expires: 0", "X: 1"] {
            let (story, _) = story(try CacheProgram(lifetime: 60), line)
            #expect(story.ask(at: 59) == "hit 200", "\(line)")
            #expect(story.ask(at: 60) == "fetch, stale", "\(line)")
        }
        #expect(story(try CacheProgram(lifetime: -1), "Cache-Control: max-age=9").word == "no-store")
        let now = story(try CacheProgram(lifetime: 0), "Cache-Control: max-age=9", "ETag: \"a\"").story
        #expect(now.ask(at: 0) == "validate")
    }

    @Test func `cookies of a response that is stored by force stay with the first client`() throws {
        let (story, word) = story(try CacheProgram(lifetime: 60), "Set-Cookie: a=b")
        #expect(word == "stored")
        #expect(story.answer()?.fields[.setCookie] == nil)
        #expect(
            self.story(try CacheProgram(everything: true), "Cache-Control: max-age=9", "Set-Cookie: a=b").word
                == "set-cookie")
    }

    @Test func `cacheTtlByStatus has a word for each`() throws {
        let program = try CacheProgram(lifetimes: [
            try #require(.init("200-299", seconds: 60)), try #require(.init("404", seconds: 5)),
            try #require(.init("500-599", seconds: -1)), try #require(.init("301", seconds: 0)),
        ])
        #expect(story(program, "Cache-Control: no-store").story.ask(at: 59) == "hit 200")
        #expect(story(program, "Cache-Control: max-age=99", status: 404).story.ask(at: 5) == "fetch, stale")
        #expect(story(program, "Cache-Control: max-age=99", status: 503).word == "no-store")
        #expect(story(program, "Cache-Control: max-age=99", status: 301).word == "no-lifetime")
        #expect(story(program, "Cache-Control: max-age=99", status: 403).story.ask(at: 98) == "hit 403")
    }

    @Test(
        "keys of cacheTtlByStatus",
        arguments: [
            ("200-299", 200...299), ("404", 404...404), (" 200 - 204 ", 200...204), ("100-999", 100...999),
            ("299-200", nil), ("", nil), ("2xx", nil), ("200-", nil), ("-200", nil), ("99", nil), ("200-1000", nil),
            ("1-2-3", nil),
        ] as [(String, ClosedRange<Int>?)])
    func keys(text: String, expected: ClosedRange<Int>?) {
        #expect(CacheProgram.Lifetime(text, seconds: 1)?.statuses == expected)
    }

    @Test func `cacheControl stands in the place of the origin's`() throws {
        let program = try CacheProgram(control: "max-age=60, stale-while-revalidate=30")
        let (story, _) = story(program, "Cache-Control: no-store", "Expires: 0", "CDN-Cache-Control: private")
        #expect(story.ask(at: 59) == "hit 200")
        #expect(story.ask(at: 80) == "stale 200, refreshed")
        #expect(story.answer(at: 1)?.fields[.cacheControl] == "no-store")
        #expect(self.story(try CacheProgram(control: "no-store"), "Cache-Control: max-age=9").word == "no-store")
        let both = try CacheProgram(lifetimes: [.init(404...404, seconds: 5)], control: "max-age=60")
        #expect(self.story(both, "X: 1", status: 404).story.ask(at: 5) == "fetch, stale")
        #expect(self.story(both, "X: 1").story.ask(at: 59) == "hit 200")
    }

    @Test func `what contradicts itself is refused`() {
        #expect(throws: CacheProgram.Invalid.controlWithLifetime) { try CacheProgram(lifetime: 1, control: "a") }
        #expect(throws: CacheProgram.Invalid.controlWithMode) { try CacheProgram(mode: .noCache, control: "a") }
        #expect(throws: CacheProgram.Invalid.modeWithLifetime) { try CacheProgram(mode: .noStore, lifetime: 1) }
        #expect(throws: Never.self) { try CacheProgram(mode: .noStore, lifetime: -1) }
    }

    @Test func `the cache option decides whether the store is read and written`() throws {
        let none = CachePolicy.subrequest(try CacheProgram(mode: .noStore, everything: true))
        #expect(
            none.handling(of: request())
                == .passThrough(.bypass, detail: "no-store", invalidates: false, mayStore: false))
        var story = Story("Cache-Control: max-age=60", "ETag: \"a\"", policy: .cloudflare(everything: true))
        story.policy = .subrequest(try CacheProgram(mode: .noCache, everything: true))
        #expect(story.ask() == "validate")
        story.policy = .subrequest(try CacheProgram(mode: .reload, everything: true))
        #expect(story.ask() == "fetch, request")
        #expect(story.receive("Cache-Control: max-age=9") == "stored")
    }

    @Test func `cacheEverything looks at the headers and not at the extension`() throws {
        let plain = CachePolicy.subrequest(try CacheProgram())
        let everything = CachePolicy.subrequest(try CacheProgram(everything: true))
        #expect(plain.handling(of: request()) != .lookUp)
        #expect(everything.handling(of: request()) == .lookUp)
        #expect(CachePolicy.subrequest(try CacheProgram(lifetime: 1)).handling(of: request()) == .lookUp)
        #expect(story(try CacheProgram(everything: true), "Cache-Control: no-store").word == "no-store")
    }

    @Test func `tags are added, and validators left out`() throws {
        let program = try CacheProgram(
            lifetime: 60, tags: ["one", "two"], stripsETags: true, stripsLastModified: true)
        var (story, _) = story(program, "ETag: \"a\"", "Last-Modified: \(date(-9))", "Cache-Tag: zero", "X: 1")
        #expect(CacheTags.tags(of: story.stored[0].fields) == ["zero", "one", "two"])
        #expect(story.answer()?.fields[.eTag] == nil)
        #expect(story.answer()?.fields[.lastModified] == nil)
        #expect(story.policy.passedOn(fields(["ETag: \"a\"", "X: 1"])) == fields(["X: 1"]))
        story.confirm("X: 2", at: 70)
        #expect(CacheTags.tags(of: story.stored[0].fields) == ["zero", "one", "two"])
        #expect(story.ask(at: 129) == "hit 200")
    }

    @Test func `types are checked when asked for`() throws {
        let path = request(target: "/a.css")
        for checks in [true, false] {
            var story = Story(.subrequest(try CacheProgram(checksTypes: checks)))
            let word = story.receive("Cache-Control: max-age=9", "Content-Type: text/html", to: path)
            #expect(word == (checks ? "content-type" : "stored"))
        }
    }
}
