import HTTPCaching
import HTTPTypes
import Testing

/// What Cloudflare's cache of a zone does otherwise than the RFC.
@Suite struct CloudflareTests {
    private let everything = CachePolicy.cloudflare(everything: true)

    @Test(
        "a response that says nothing is kept by its status",
        arguments: [
            (200, 7200.0), (301, 7200), (302, 1200), (303, 1200), (404, 180), (410, 180),
        ])
    func defaults(status: Int, seconds: Double) {
        let story = Story("X: 1", status: status, policy: everything)
        #expect(story.ask(at: seconds - 1) == "hit \(status)")
        #expect(story.ask(at: seconds) == "fetch, stale")
    }

    @Test("other statuses are not kept", arguments: [201, 204, 307, 403, 500, 503])
    func others(status: Int) {
        var story = Story(everything)
        #expect(story.receive("ETag: \"a\"", status: status) == "no-lifetime")
        #expect(story.receive("Cache-Control: max-age=9", status: status) == "stored")
    }

    @Test("errors of the edge itself never are", arguments: 520...526)
    func edge(status: Int) {
        var story = Story(everything)
        #expect(story.receive("Cache-Control: max-age=9", status: status) == "status")
    }

    @Test func `its own field comes first, and goes no further`() {
        let story = Story(
            "Cloudflare-CDN-Cache-Control: max-age=30", "CDN-Cache-Control: max-age=20", "Cache-Control: max-age=10",
            "Expires: 0", "Cache-Tag: a", policy: everything)
        #expect(story.ask(at: 29) == "hit 200")
        #expect(story.ask(at: 30) == "fetch, stale")
        let answer = story.answer(at: 15)
        #expect(answer?.fields[.cloudflareCDNCacheControl] == nil)
        #expect(answer?.fields[.cacheTag] == nil)
        #expect(answer?.fields[.cdnCacheControl] == "max-age=20")
        #expect(answer?.fields[.cacheControl] == "max-age=10")
        let lines = fields(["Cloudflare-CDN-Cache-Control: max-age=30", "Cache-Tag: a", "X: 1"])
        #expect(everything.passedOn(lines) == fields(["X: 1"]))
        let broken = Story(
            "Cloudflare-CDN-Cache-Control: max-age=\"30\"", "CDN-Cache-Control: max-age=20", policy: everything)
        #expect(broken.ask(at: 19) == "hit 200")
        #expect(broken.ask(at: 20) == "fetch, stale")
    }

    @Test func `cookies are not for all`() {
        var story = Story(everything)
        #expect(story.receive("Cache-Control: max-age=9", "Set-Cookie: a=b") == "set-cookie")
        for control in ["private=\"set-cookie\"", "no-cache=\"Set-Cookie\"", "private=Set-Cookie"] {
            var story = Story(everything)
            #expect(story.receive("Cache-Control: max-age=9, \(control)", "Set-Cookie: a=b") == "stored")
            #expect(story.answer()?.fields[.setCookie] == nil)
        }
    }

    @Test func `a client has no say`() {
        let story = Story("Cache-Control: max-age=9", policy: everything)
        for line in [
            "Cache-Control: no-cache", "Cache-Control: max-age=0", "Pragma: no-cache", "Cache-Control: no-store",
        ] {
            #expect(everything.handling(of: request(line)) == .lookUp)
            #expect(story.ask(line) == "hit 200")
        }
        #expect(Story(everything).ask("Cache-Control: only-if-cached") == "fetch, uri-miss")
    }

    @Test(
        "only what looks static is looked up",
        arguments: [
            ("/a.css", true), ("/a.PNG?b", true), ("/a/b.tar.gz", true), ("/", false), ("/a", false),
            ("/a.html", false),
            ("/a.json", false), ("/a.css/b", false), ("/.css", false), ("/a?b=.css", false), ("/a.", false),
        ])
    func eligible(target: String, isLookedUp: Bool) {
        let handling = CachePolicy.cloudflare.handling(of: request(target: target))
        let ineligible = RequestHandling.passThrough(.bypass, detail: "ineligible", invalidates: false, mayStore: false)
        #expect(handling == (isLookedUp ? .lookUp : ineligible))
        var story = Story(.cloudflare)
        let stored = story.receive("Cache-Control: max-age=9", to: request(target: target))
        #expect(stored == (isLookedUp ? "stored" : "ineligible"))
    }

    @Test func `stale only where the response allows it`() {
        #expect(Story("Cache-Control: max-age=9", policy: everything).fail(at: 20) == nil)
        let story = Story("Cache-Control: max-age=9, stale-if-error=60", policy: everything)
        #expect(story.fail(at: 20)?.status == 200)
        for control in ["s-maxage=9", "must-revalidate", "proxy-revalidate", "no-cache"] {
            let story = Story(
                "Cache-Control: max-age=9, stale-if-error=60, stale-while-revalidate=60, \(control)", "ETag: \"a\"",
                policy: everything)
            #expect(story.fail(at: 20) == nil)
            #expect(story.ask(at: 20) == "validate")
        }
    }
}

@Suite struct CacheTagTests {
    @Test func `tags are short words without letter case, each once`() {
        let lines = fields([
            "Cache-Tag: Blog,blog, a b ,caf\u{E9},x/y:z ,", "Cache-Tag: last,\(String(repeating: "l", count: 1025))",
            "Cache-Tag: \(String(repeating: "m", count: 1024))",
        ])
        #expect(CacheTags.tags(of: lines) == ["blog", "x/y:z", "last", String(repeating: "m", count: 1024)])
        #expect(CacheTags.tags(of: [:]) == [])
    }

    @Test func `a thousand of them, and no more`() {
        let lines = fields(["Cache-Tag: " + (0..<1500).map(String.init).joined(separator: ",")])
        #expect(CacheTags.tags(of: lines).count == 1000)
    }
}

@Suite struct MediaTypeTests {
    @Test(
        "types that are not what the path looks like",
        arguments: [
            ("/account/x.css", "text/html"), ("/x.js", "text/html; charset=utf-8"), ("/x.png", "text/html"),
            ("/x.jpg", "application/json"), ("/x.css?y", "TEXT/HTML"), ("/x.pdf", "text/html"),
        ])
    func contradicting(path: String, type: String) {
        #expect(MediaTypes.contradicts(path: path, type: type))
        var story = Story(.workersCache)
        #expect(
            story.receive("Cache-Control: max-age=9", "Content-Type: \(type)", to: request(target: path))
                == "content-type")
    }

    @Test(
        "types that are",
        arguments: [
            ("/x.css", "text/css"), ("/x.js", "text/javascript;charset=utf-8"), ("/x.png", "image/png"),
            ("/x.png", "image/webp"), ("/x", "text/html"), ("/x.html", "application/json"), ("/x.css", nil),
            ("/x.gz", "application/octet-stream"), ("/x.svg", "image/svg+xml"), ("/a.css/", "text/html"),
        ] as [(String, String?)])
    func agreeing(path: String, type: String?) {
        #expect(!MediaTypes.contradicts(path: path, type: type))
    }
}
