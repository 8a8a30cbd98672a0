import HTTPCaching
import HTTPTypes
import Testing

/// RFC 9111 §3.1.
@Suite struct StoredFieldTests {
    @Test(
        "what describes the response is stored and comes back",
        arguments: [
            "Test-Header: a", "X-Test-Header: a", "Content-Foo: a", "X-Content-Foo: a",
            "Cache-Control: max-age=100, foo",
            "Connection-Foo: a", "Content-Encoding: foo", "Content-Location: /foo", "Content-MD5: abc",
            "Content-Range: bytes 1-2/3", "Content-Security-Policy: default-src 'self'", "Content-Type: text/plain",
            "Clear-Site-Data: cookies", "ETag: \"a\"", "Expires: \(date(50))", "Public-Key-Pins: foo",
            "Set-Cookie: a=b",
            "Set-Cookie2: a=b", "X-Frame-Options: deny", "X-XSS-Protection: 1", "Proxy-Status: a",
            "Content-Disposition: attachment", "CDN-Cache-Control: max-age=100",
        ])
    func kept(line: String) {
        let field = fields([line])[0]
        let control = field.name == .cacheControl ? [] : ["Cache-Control: max-age=100"]
        var story = Story()
        story.receive(control + [line])
        #expect(story.answer()?.fields[field.name] == field.value)
    }

    @Test(
        "what was about the connection is not",
        arguments: [
            "Connection: close", "Keep-Alive: timeout=5", "Proxy-Authenticate: Basic", "Proxy-Authentication-Info: a",
            "Proxy-Authorization: a", "Proxy-Connection: close", "TE: a", "Transfer-Encoding: chunked", "Upgrade: a",
            "Trailer: a",
        ])
    func dropped(line: String) {
        let story = Story("Cache-Control: max-age=100", line)
        #expect(story.ask() == "hit 200")
        #expect(story.answer()?.fields.contains(fields([line])[0].name) == false)
    }

    @Test func `neither is what Connection names, unless the cache itself lives by it`() {
        let story = Story(
            "Cache-Control: max-age=100", "Vary: D", "Connection: a, B", "Connection: , cache-control, vary", "A: 1",
            "B: 2", "C: 3")
        let answer = story.answer()
        #expect(answer?.fields[.init("A")!] == nil)
        #expect(answer?.fields[.init("B")!] == nil)
        #expect(answer?.fields[.init("C")!] == "3")
        #expect(answer?.fields[.cacheControl] == "max-age=100")
        #expect(story.ask("D: 1") == "fetch, vary-miss")
        var refusing = Story()
        #expect(refusing.receive("Cache-Control: no-store", "Connection: cache-control") == "no-store")
    }

    @Test func `repeated lines stay as they are`() {
        let story = Story("Cache-Control: max-age=100", "Set-Cookie: a=b", "X: 1", "Set-Cookie: c=d", "X: 2")
        #expect(story.answer()?.fields[values: .setCookie] == ["a=b", "c=d"])
        #expect(story.answer()?.fields[values: .init("X")!] == ["1", "2"])
    }

    @Test func `cookies in either direction do not prevent caching`() {
        var story = Story()
        story.receive("Cache-Control: max-age=100", "Set-Cookie: a=b", to: request("Cookie: x=y"))
        #expect(story.ask("Cookie: z=1") == "hit 200")
    }

    @Test func `the content is what the head promised, or is not stored`() {
        var story = Story()
        #expect(story.receive("Cache-Control: max-age=9", "Content-Length: 10", size: 10) == "stored")
        #expect(
            story.receive("Cache-Control: max-age=9", "Content-Length: 10", size: 9) == "not what the head promised")
        for lines in [["Content-Length: x"], ["Content-Length: 10", "Content-Length: 11"], ["Content-Length: 10, 10"]] {
            #expect(story.receive(["Cache-Control: max-age=9"] + lines) == "content-length")
        }
        #expect(
            story.receive("Cache-Control: max-age=9", "Content-Length: 10", "Content-Length: 10", size: 10) == "stored")
        // One that was sent in chunks has a length once it is here.
        var chunked = Story()
        chunked.receive("Cache-Control: max-age=9", "Transfer-Encoding: chunked", size: 77)
        #expect(chunked.answer()?.fields[.contentLength] == "77")
    }

    @Test func `nobody outside can speak for the program`() {
        var story = Story()
        let field = HTTPField(name: .init("Lilypad-Programmed-Cache-Control")!, value: "max-age=100")
        let lines = fields(["Cache-Control: no-store"]) + [field]
        let decision = story.policy.storing(
            status: 200, fields: lines, for: request(), requestTime: noon, responseTime: noon)
        #expect(decision == .refuse(.noStore))
        story.receive("Cache-Control: max-age=10", "Lilypad-Programmed-Cache-Control: max-age=100")
        #expect(story.ask(at: 10) == "fetch, stale")
        #expect(story.policy.passedOn(lines) == fields(["Cache-Control: no-store"]))
    }
}

/// RFC 9111 §3.5.
@Suite struct AuthorizationTests {
    private let authorized = request("Authorization: Basic abc")

    @Test func `what one client was let in for is not for others`() {
        var story = Story()
        #expect(story.receive("Cache-Control: max-age=10", to: authorized) == "authorization")
        #expect(story.receive("Expires: \(date(10))", to: authorized) == "authorization")
    }

    @Test("unless the origin says so", arguments: ["public, max-age=10", "must-revalidate, max-age=10", "s-maxage=10"])
    func allowed(control: String) {
        var story = Story()
        #expect(story.receive("Cache-Control: \(control)", to: authorized) == "stored")
        #expect(story.ask("Authorization: Basic abc") == "hit 200")
        #expect(story.ask() == "hit 200")
    }

    @Test func `what was stored for all answers those who show a ticket too`() {
        #expect(Story("Cache-Control: max-age=10").ask("Authorization: Basic abc") == "hit 200")
    }
}
