import HTTPCaching
import HTTPTypes
import Testing

/// RFC 9111 §4.3, RFC 9110 §13.
@Suite struct ConditionalTests {
    private let modified = date(-1000)

    @Test func `a fresh response that the client has is not sent again`() {
        let story = Story("Cache-Control: max-age=10", "Last-Modified: \(modified)")
        #expect(story.ask("If-Modified-Since: \(modified)") == "hit 304")
        #expect(story.ask("If-Modified-Since: \(date(-500))") == "hit 304")
        #expect(story.ask("If-Modified-Since: Monday, 01-Jun-26 11:43:20 GMT") == "hit 304")
        #expect(story.ask("If-Modified-Since: Mon Jun  1 11:43:20 2026") == "hit 304")
        #expect(story.ask("If-Modified-Since: \(modified)", method: "HEAD") == "hit 304")
        #expect(story.ask("If-Modified-Since: \(date(-1001))") == "hit 200")
        #expect(story.ask("If-Modified-Since: Mon, 01 Jun 2026 11:43:20 UTC") == "hit 200")
        #expect(story.ask("If-Modified-Since: 0") == "hit 200")
        #expect(story.ask("If-Modified-Since: \(modified)", "If-Modified-Since: \(modified)") == "hit 200")
    }

    @Test func `a response that does not say when it changed is as old as its date`() {
        let story = Story("Cache-Control: max-age=10", "Date: \(date(0))")
        #expect(story.ask("If-Modified-Since: \(date(0))") == "hit 304")
        #expect(story.ask("If-Modified-Since: \(date(-1))") == "hit 200")
    }

    @Test(
        "a list has the tag, first, in the middle or last",
        arguments: [
            "\"a,b\"", "\"a,b\", \"x\"", "\"x\",\"a,b\",\"y\"", "\"x\", \"a,b\"", "W/\"a,b\"", "*", " \"a,b\" ",
            ", \"a,b\",",
        ])
    func tags(list: String) {
        #expect(Story("Cache-Control: max-age=10", "ETag: \"a,b\"").ask("If-None-Match: \(list)") == "hit 304")
        #expect(Story("Cache-Control: max-age=10", "ETag: W/\"a,b\"").ask("If-None-Match: \(list)") == "hit 304")
        let answer = Story("Cache-Control: max-age=10", "ETag: \"a,b\"").answer("If-None-Match: \(list)")
        #expect(answer?.fields[.eTag] == "\"a,b\"")
        #expect(answer?.content == CacheAnswer.Content.none)
    }

    @Test(
        "what is written otherwise is another tag",
        arguments: [
            "a,b", "\"a\"", "w/\"a,b\"", "W\\\"a,b\"", "W\"a,b\"", "W/ \"a,b\"", "\"A,B\"", "\"a,b", "'a,b'", "\"x\"",
            "",
        ])
    func others(list: String) {
        #expect(Story("Cache-Control: max-age=10", "ETag: \"a,b\"").ask("If-None-Match: \(list)") == "hit 200")
    }

    @Test func `a tag is bytes, also beyond ASCII`() {
        let story = Story("Cache-Control: max-age=10", "ETag: \"caf\u{E9}\"")
        #expect(story.ask("If-None-Match: \"caf\u{E9}\"") == "hit 304")
        #expect(story.ask("If-None-Match: \"cafe\u{301}\"") == "hit 200")
        #expect(Story("Cache-Control: max-age=10", "ETag: abc").ask("If-None-Match: abc") == "hit 200")
    }

    @Test func `tags overrule dates`() {
        let story = Story("Cache-Control: max-age=10", "ETag: \"a\"", "Last-Modified: \(modified)")
        #expect(story.ask("If-None-Match: \"x\"", "If-Modified-Since: \(date(0))") == "hit 200")
        #expect(story.ask("If-None-Match: \"a\"", "If-Modified-Since: \(date(-9999))") == "hit 304")
        #expect(
            Story("Cache-Control: max-age=10").ask("If-None-Match: \"x\"", "If-Modified-Since: \(date(9))") == "hit 200"
        )
    }

    @Test func `only a success has conditions`() {
        let story = Story("Cache-Control: max-age=10", "ETag: \"a\"", status: 404)
        #expect(story.ask("If-None-Match: \"a\"") == "hit 404")
    }

    @Test func `a 304 keeps what updates the client's copy, and drops what describes content`() {
        let answer = Story(
            "Cache-Control: max-age=10", "ETag: \"a\"", "Vary: Foo", "Expires: \(date(10))", "Content-Location: /x",
            "Content-Type: text/plain", "Content-Encoding: gzip", "Content-Language: de", "X: 1", "Content-Length: 10"
        ).answer("If-None-Match: \"a\"")
        #expect(
            answer?.fields
                == fields([
                    "Cache-Control: max-age=10", "ETag: \"a\"", "Vary: Foo", "Expires: \(date(10))",
                    "Content-Location: /x", "X: 1", "Date: \(date(0))", "Age: 3",
                ]))
    }

    // MARK: Asking the origin

    @Test func `a stale response is asked about in the client's name`() throws {
        let story = Story("Cache-Control: max-age=1", "ETag: W/\"a\"", "Last-Modified: \(modified)", "Vary: Foo")
        let client = [
            "Test-ID: 7", "If-None-Match: \"x\"", "If-Modified-Since: \(date(-9))", "Range: bytes=0-1",
            "If-Range: \"x\"",
        ]
        let forward = try #require(story.reuse(request(client), at: 3).forward)
        #expect(
            forward.fields
                == fields(["Test-ID: 7", "If-None-Match: W/\"a\"", "If-Modified-Since: \(modified)"]))
        #expect(forward.reason == .stale)
        #expect(forward.mayBeShared)
    }

    @Test func `what Vary names goes with it`() {
        var story = Story()
        story.receive("Cache-Control: max-age=1", "ETag: \"a\"", "Vary: Foo", to: request("Foo: 1"))
        #expect(story.forward("Foo: 1")?.fields == fields(["Foo: 1", "If-None-Match: \"a\""]))
        // Another variant's tag says nothing to this client.
        #expect(story.forward("Foo: 2")?.fields == fields(["Foo: 2"]))
    }

    @Test func `validators go back byte for byte`() throws {
        for tag in ["\"abc\"", "W/\"abc\"", "abc", "\"caf\u{E9}\"", "\"a\\\"", "\"\""] {
            let story = Story("Cache-Control: max-age=1", "ETag: \(tag)")
            #expect(story.forward()?.fields[.ifNoneMatch] == tag)
        }
        let odd = Story("Cache-Control: max-age=1", "Last-Modified: Monday, 01-Jun-26 11:43:20 GMT")
        #expect(odd.forward()?.fields[.ifModifiedSince] == "Monday, 01-Jun-26 11:43:20 GMT")
        var story = Story("Cache-Control: max-age=1", "ETag: \"x\"")
        let latin: [UInt8] = [0x22, 0xE9, 0x22]
        story.stored[0].fields[fields: .eTag] = [HTTPField(name: .eTag, value: latin)]
        let sent = try #require(story.forward()?.fields[fields: .ifNoneMatch].first)
        #expect(sent.withUnsafeBytesOfValue { Array($0) } == latin)
    }

    @Test func `without a validator all is asked for`() {
        #expect(Story("Cache-Control: max-age=1").ask() == "fetch, stale")
    }

    @Test func `the client's own conditions pass on a miss`() {
        let forward = Story().forward("If-None-Match: \"x\"", "Range: bytes=0-1")
        #expect(forward?.fields == fields(["If-None-Match: \"x\"", "Range: bytes=0-1"]))
        #expect(forward?.mayBeShared == false)
        #expect(Story().forward("Foo: 1")?.mayBeShared == true)
        #expect(Story().forward(method: "HEAD")?.mayBeShared == false)
        let worker = Story(.workersCache).forward("If-None-Match: \"x\"", "Range: bytes=0-1", method: "HEAD")
        #expect(worker?.fields == [:])
        #expect(worker?.method == "GET")
        #expect(worker?.mayBeShared == true)
    }

    @Test func `after a confirmation the client's condition is looked at`() {
        var story = Story("Cache-Control: max-age=1", "ETag: \"a\"", "Last-Modified: \(modified)")
        #expect(story.ask("If-Modified-Since: \(modified)") == "validate")
        #expect(story.confirm("ETag: \"a\"", at: 3) == "updated")
        let status = CacheStatus(cache: "Lilypad", forward: .stale, forwardStatus: 304)
        for (line, expected) in [("If-Modified-Since: \(modified)", 304), ("If-None-Match: \"x\"", 200)] {
            let answer = story.policy.answer(
                from: story.stored[0], at: 0, for: request(line), now: noon + 3, status: status)
            #expect(answer?.status == expected)
            #expect(answer?.cacheStatus == status)
        }
    }
}

extension Reuse {
    fileprivate var forward: Forward? {
        if case .validate(_, let forward) = self { forward } else { nil }
    }
}
