import HTTPCaching
import Testing

/// RFC 9111 §5.2.1, §5.4.
@Suite struct RequestDirectiveTests {
    private let story = Story("Cache-Control: max-age=3600", "ETag: \"a\"")

    @Test(
        "what is not understood means nothing",
        arguments: [
            "Cache-Control: nothing-to-see-here", "Pragma: foo", "Cache-Control: foo=\"no-cache\"", "Cache-Control: ",
            "Cache-Control: max-age=3600", "Cache-Control: no-transform", "X: no-cache", "Cache-Control: max-stale=x",
        ])
    func unknown(line: String) {
        #expect(story.ask(line, "Pragma: foo") == "hit 200")
    }

    @Test func `no-cache asks the origin, by whatever there is to ask by`() {
        #expect(story.ask("Cache-Control: no-cache") == "validate")
        #expect(story.forward("Cache-Control: no-cache")?.fields[.ifNoneMatch] == "\"a\"")
        let dated = Story("Cache-Control: max-age=3600", "Last-Modified: \(date(-100))")
        #expect(dated.forward("Cache-Control: No-Cache")?.fields[.ifModifiedSince] == date(-100))
        #expect(Story("Cache-Control: max-age=3600").ask("Cache-Control: no-cache") == "fetch, request")
    }

    @Test func `Pragma is for those who know nothing else`() {
        #expect(story.ask("Pragma: no-cache") == "validate")
        #expect(story.ask("Pragma: no-cache", "Cache-Control: foo") == "hit 200")
    }

    @Test func `max-age limits the age`() {
        #expect(story.ask("Cache-Control: max-age=0", at: 3) == "validate")
        #expect(story.ask("Cache-Control: max-age=1", at: 3) == "validate")
        #expect(story.ask("Cache-Control: max-age=3", at: 3) == "hit 200")
        #expect(story.ask("Cache-Control: max-age=x", at: 3) == "validate")
        let aged = Story("Cache-Control: max-age=3600", "Age: 1800", "ETag: \"a\"")
        #expect(aged.ask("Cache-Control: max-age=600", at: 3) == "validate")
    }

    @Test func `min-fresh wants something left`() {
        #expect(story.ask("Cache-Control: min-fresh=3000", at: 3) == "hit 200")
        #expect(story.ask("Cache-Control: min-fresh=3598", at: 3) == "validate")
        #expect(story.ask("Cache-Control: min-fresh=x", at: 3) == "validate")
        let aged = Story("Cache-Control: max-age=3600", "Age: 1800", "ETag: \"a\"")
        #expect(aged.ask("Cache-Control: min-fresh=2000", at: 3) == "validate")
    }

    @Test func `max-stale takes what is stale`() {
        let story = Story("Cache-Control: max-age=2", "ETag: \"a\"")
        #expect(story.ask("Cache-Control: max-stale=1000", at: 3) == "max-stale 200")
        #expect(story.ask("Cache-Control: max-stale", at: 3) == "max-stale 200")
        #expect(story.ask("Cache-Control: max-stale=1", at: 4) == "validate")
        #expect(story.ask("Cache-Control: max-stale, no-cache", at: 3) == "validate")
        #expect(story.ask("Cache-Control: max-stale=x", at: 3) == "validate")
        let aged = Story("Cache-Control: max-age=1500", "Age: 2000", "ETag: \"a\"")
        #expect(aged.ask("Cache-Control: max-stale=1000", at: 3) == "max-stale 200")
        #expect(aged.answer("Cache-Control: max-stale=1000", at: 3)?.fields[.age] == "2003")
    }

    @Test func `no-store neither reads nor writes`() {
        let asking = request("Cache-Control: no-store")
        #expect(
            CachePolicy.rfc.handling(of: asking)
                == .passThrough(.request, detail: "request-no-store", invalidates: false, mayStore: false))
        var story = Story()
        #expect(story.receive("Cache-Control: max-age=10", to: asking) == "request-no-store")
    }

    @Test func `only-if-cached is answered from the store or with 504`() {
        #expect(story.ask("Cache-Control: only-if-cached") == "hit 200")
        #expect(Story().ask("Cache-Control: only-if-cached") == "504")
        #expect(story.ask("Cache-Control: only-if-cached", at: 3600) == "504")
        #expect(story.ask("Cache-Control: only-if-cached, no-cache") == "504")
        #expect(story.ask("Cache-Control: only-if-cached, max-stale", at: 3600) == "max-stale 200")
        guard case .gatewayTimeout(let status) = story.reuse(request("Cache-Control: only-if-cached"), at: 3600) else {
            Issue.record("no 504")
            return
        }
        #expect(status.text == "Lilypad; detail=only-if-cached")
    }

    @Test func `what a plain request is can be told from the names of its fields`() {
        #expect(request("Accept: */*", "Host: a", "Cookie: a", "User-Agent: b").isPlain)
        for line in [
            "Cache-Control: a", "PRAGMA: a", "Range: a", "If-None-Match: a", "If-Modified-Since: a", "If-Range: a",
            "Authorization: a", "If-Match: a", "If-Unmodified-Since: a", "Upgrade: a", "Content-Length: 1",
            "Transfer-Encoding: a",
        ] {
            #expect(!request("Accept: */*", line).isPlain, "\(line)")
            #expect(CacheRequest.concerns(line.prefix { $0 != ":" }.utf8))
        }
        #expect(!CacheRequest.concerns("if_match".utf8))
        #expect(!CacheRequest.concerns("if\rmatch".utf8))
    }
}
