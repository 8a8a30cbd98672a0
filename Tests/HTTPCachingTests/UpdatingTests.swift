import HTTPCaching
import HTTPTypes
import Testing

/// RFC 9111 §3.2, §4.3.4.
@Suite struct UpdatingTests {
    @Test func `a field that the 304 does not have stays, one that it has is replaced`() {
        var story = Story(
            "Cache-Control: max-age=1", "ETag: \"a\"", "X: old", "X: older", "Y: old", "Content-Foo: old",
            "Content-Type: text/plain")
        #expect(story.confirm("X: new", "Content-Foo: new", "Z: new", at: 3) == "updated")
        let answer = story.answer(at: 3)
        #expect(answer?.fields[values: .init("X")!] == ["new"])
        #expect(answer?.fields[.init("Y")!] == "old")
        #expect(answer?.fields[.init("Z")!] == "new")
        #expect(answer?.fields[.init("Content-Foo")!] == "new")
        #expect(answer?.fields[.contentType] == "text/plain")
        #expect(answer?.fields[.eTag] == "\"a\"")
    }

    @Test func `freshness starts anew, with the lifetime of before or a new one`() {
        var story = Story("Cache-Control: max-age=5", "ETag: \"a\"", "Age: 3", "Date: \(date(-50))")
        #expect(story.ask(at: 3) == "validate")
        story.confirm("ETag: \"a\"", at: 10)
        #expect(story.answer(at: 14)?.fields[.age] == "4")
        #expect(story.answer(at: 14)?.fields[.date] == date(10))
        #expect(story.ask(at: 15) == "validate")
        story.confirm("Cache-Control: max-age=100", "Date: \(date(19))", "Age: 7", at: 20)
        #expect(story.answer(at: 20)?.fields[.age] == "7")
        #expect(story.answer(at: 20)?.fields[.date] == date(19))
        #expect(story.answer(at: 20)?.fields[.cacheControl] == "max-age=100")
        #expect(story.ask(at: 112) == "hit 200")
        #expect(story.ask(at: 113) == "validate")
    }

    @Test(
        "what describes the stored bytes is not touched",
        arguments: [
            "Content-Length: 99", "Content-Encoding: gzip", "Content-Range: bytes 0-1/2", "Transfer-Encoding: chunked",
            "Connection: X-Named", "Keep-Alive: a",
        ])
    func untouched(line: String) {
        let before = [
            "Cache-Control: max-age=1", "ETag: \"a\"", "Content-Length: 10", "Content-Encoding: br", "X-Named: old",
        ]
        var story = Story()
        story.receive(before)
        #expect(story.confirm(line, "X-Named: new", at: 3) == "updated")
        #expect(story.answer(at: 3)?.fields[.contentLength] == "10")
        #expect(story.answer(at: 3)?.fields[.contentEncoding] == "br")
        #expect(story.answer(at: 3)?.fields[.contentRange] == nil)
        #expect(story.answer(at: 3)?.fields[.transferEncoding] == nil)
        #expect(story.answer(at: 3)?.fields[.init("X-Named")!] == (line.hasPrefix("Connection") ? "old" : "new"))
    }

    @Test(
        "all else is",
        arguments: [
            "Content-Location: /x", "Content-MD5: a", "Content-Security-Policy: a", "Content-Type: text/html",
            "Clear-Site-Data: a", "Expires: \(date(99))", "Public-Key-Pins: a", "Set-Cookie: a=b", "Set-Cookie2: a",
            "X-Frame-Options: a", "X-XSS-Protection: a",
        ])
    func updated(line: String) {
        let field = fields([line])[0]
        var story = Story("Cache-Control: max-age=1", "ETag: \"a\"", "\(field.name.rawName): before")
        story.confirm(line, at: 3)
        #expect(story.answer(at: 3)?.fields[values: field.name] == [field.value])
    }

    @Test func `a 304 about another response changes nothing`() {
        var story = Story("Cache-Control: max-age=1", "ETag: \"a\"", "Last-Modified: \(date(-500))")
        #expect(story.confirm("ETag: \"b\"", at: 3) == "mismatch")
        #expect(story.confirm("ETag: W/\"a\"", at: 3) == "updated")
        #expect(story.confirm("ETag: \"b\"", "Last-Modified: \(date(-400))", at: 5) == "mismatch")
        #expect(story.confirm("ETag: \"b\"", "Last-Modified: \(date(-500))", at: 5) == "updated")
        var dated = Story("Cache-Control: max-age=1", "Last-Modified: \(date(-500))")
        #expect(dated.confirm("Last-Modified: \(date(-400))", at: 3) == "mismatch")
        #expect(dated.confirm("Last-Modified: \(date(-500))", at: 3) == "updated")
        #expect(dated.confirm(at: 5) == "updated")
    }

    @Test func `a 304 may say that the response is not to be kept`() {
        for (line, reason) in [
            ("Cache-Control: no-store", "no-store"), ("Cache-Control: private", "private"), ("Vary: *", "vary"),
        ] {
            var story = Story("Cache-Control: max-age=1", "ETag: \"a\"")
            #expect(story.confirm(line, at: 3) == reason)
            #expect(story.ask(at: 3) == "fetch, uri-miss")
        }
        let story = Story("Cache-Control: max-age=1", "ETag: \"a\"", "X: old")
        let updating = story.policy.updating(
            story.stored[0], with: fields(["Cache-Control: no-store", "X: new"]), for: request(), requestTime: noon + 3,
            responseTime: noon + 3)
        guard case .discard(let response, .noStore) = updating else {
            Issue.record("kept")
            return
        }
        #expect(response.fields[.init("X")!] == "new")
    }

    @Test func `fields that must not be stored come in by no back door`() {
        var story = Story("Cache-Control: max-age=1, private=\"a\"", "ETag: \"e\"")
        story.confirm("A: 1", "Proxy-Authenticate: x", at: 3)
        #expect(story.stored[0].fields[.init("A")!] == nil)
        #expect(story.stored[0].fields[.proxyAuthenticate] == nil)
        var worker = Story("Cache-Control: max-age=1", "ETag: \"e\"", policy: .workersCache)
        #expect(worker.confirm("Set-Cookie: a=b", at: 3) == "set-cookie")
    }

    @Test func `a part is confirmed as the part that it is`() {
        var story = Story()
        story.receive(
            "Cache-Control: max-age=1", "ETag: \"a\"", "Content-Range: bytes 0-4/10", status: 206,
            to: request("Range: bytes=0-4"), size: 5)
        #expect(story.ask("Range: bytes=0-4", at: 3) == "validate")
        #expect(story.confirm("ETag: \"a\"", "Cache-Control: max-age=10", at: 3) == "updated")
        #expect(story.ask("Range: bytes=0-4", at: 9) == "hit 206")
        #expect(story.stored[0].content == .part(0..<5, of: 10))
    }
}

/// RFC 9111 §4.3.5.
@Suite struct HeadUpdateTests {
    private let head = request(method: "HEAD")

    private func update(_ story: Story, _ lines: String..., status: Int = 200) -> HeadUpdate {
        story.policy.updating(
            story.stored[0], withHead: status, fields: fields(lines), for: head, requestTime: noon + 3,
            responseTime: noon + 3)
    }

    @Test func `a stale response is asked about by HEAD`() {
        let story = Story("Cache-Control: max-age=1", "ETag: \"a\"")
        #expect(story.forward(method: "HEAD")?.method == "HEAD")
        #expect(story.forward(method: "HEAD")?.fields[.ifNoneMatch] == "\"a\"")
        #expect(story.forward(method: "HEAD")?.mayBeShared == false)
    }

    @Test func `an answer that is about the same freshens it`() {
        let story = Story("Cache-Control: max-age=1", "ETag: \"a\"", "X: old", "Y: old", "Content-Length: 10")
        let updating = update(story, "ETag: \"a\"", "Cache-Control: max-age=9", "X: new", "Content-Length: 10")
        guard case .updated(let response) = updating else {
            Issue.record("\(updating)")
            return
        }
        #expect(response.fields[.init("X")!] == "new")
        #expect(response.fields[.init("Y")!] == "old")
        #expect(response.content == .complete(size: 10))
        #expect(response.freshness.isFresh(at: noon + 11))
        #expect(!response.freshness.isFresh(at: noon + 12))
    }

    @Test func `an answer about another one makes it invalid`() {
        let story = Story("Cache-Control: max-age=1", "ETag: \"a\"", "Content-Length: 10")
        #expect(update(story, "ETag: \"b\"") == .invalidated)
        #expect(update(story, "ETag: \"a\"", "Content-Length: 11") == .invalidated)
        #expect(update(story) == .invalidated)
        #expect(update(story, status: 410) == .invalidated)
        #expect(update(story, status: 404) == .invalidated)
        #expect(update(story, status: 500) == .unaffected)
        #expect(update(story, status: 302) == .unaffected)
    }

    @Test func `another variant is not concerned`() {
        var story = Story()
        story.receive("Cache-Control: max-age=1", "Vary: Foo", "ETag: \"a\"", to: request("Foo: 1"))
        #expect(update(story, "ETag: \"b\"") == .unaffected)
    }
}
