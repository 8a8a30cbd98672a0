import HTTPCaching
import Testing

/// RFC 9111 §4.4.
@Suite struct InvalidationTests {
    private func invalidated(_ method: String, _ lines: String..., status: Int = 200, target: String = "/b/a?x")
        -> [String]
    {
        CachePolicy.rfc.invalidated(by: request(method: method, target: target), status: status, fields: fields(lines))
    }

    @Test(
        "a success of a method that may change something",
        arguments: ["POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "get"])
    func unsafe(method: String) {
        #expect(invalidated(method) == ["/b/a?x"])
        #expect(invalidated(method, status: 204) == ["/b/a?x"])
        #expect(invalidated(method, status: 303) == ["/b/a?x"])
    }

    @Test("an error changes nothing", arguments: [400, 404, 409, 500, 503, 599])
    func errors(status: Int) {
        #expect(invalidated("POST", "Location: /c", status: status) == [])
    }

    @Test("neither does a method that is safe", arguments: ["GET", "HEAD", "OPTIONS", "TRACE"])
    func safe(method: String) {
        #expect(invalidated(method, "Location: /c") == [])
    }

    @Test(
        "URLs of the same origin that the answer names",
        arguments: [
            ("/c", "/c"), ("https://lily.test/c?y", "/c?y"), ("HTTPS://LILY.TEST:443/c", "/c"), ("//lily.test/c", "/c"),
            ("c", "/b/c"), ("../c", "/c"), ("./c", "/b/c"), ("../../../c", "/c"), ("?z", "/b/a?z"), ("/c#f", "/c"),
            ("https://lily.test", "/"), ("https://lily.test?q", "/?q"), ("c/.", "/b/c/"), ("/c/../d/./e", "/d/e"),
            ("/c?a/../b", "/c?a/../b"), (" /c ", "/c"),
        ])
    func named(reference: String, target: String) {
        #expect(invalidated("POST", "Location: \(reference)") == ["/b/a?x", target])
        #expect(invalidated("POST", "Content-Location: \(reference)") == ["/b/a?x", target])
    }

    @Test(
        "URLs of others are theirs",
        arguments: [
            "https://other.test/c", "http://lily.test/c", "//other.test/c", "https://lily.test:8443/c", "mailto:a@b",
            "https:c", "https://lily.test@other.test/c", "https://lily.test.other.test/", "", "#f", "/c d",
            "\\\\other\\c",
        ])
    func foreign(reference: String) {
        #expect(invalidated("POST", "Location: \(reference)") == ["/b/a?x"])
    }

    @Test func `each once`() {
        #expect(
            invalidated("POST", "Location: /c", "Content-Location: /c", "Location: /b/a?x") == ["/b/a?x", "/c"])
        #expect(invalidated("POST", "Location: /c", "Content-Location: /d") == ["/b/a?x", "/c", "/d"])
    }
}
