import Testing
import Workers

@Suite struct NegotiationTests {
    @Test(
        "media types are read with their parameters",
        arguments: [
            ("Text/HTML; Charset=\"utf-8\"", "text/html; charset=utf-8"), ("a/b;", "a/b"), ("a/b ; ;c=d", "a/b; c=d"),
            (" a/b ;c=\"x\\\"y\" ", "a/b; c=\"x\\\"y\""), ("application/problem+json", "application/problem+json"),
        ])
    func readsMediaType(text: String, written: String) {
        #expect(MediaType(text)?.description == written)
    }

    @Test(
        "what is no media type is none",
        arguments: [
            "", "a", "a/", "/b", "a/b c", "a/b;c", "a/b;c=", "a/b;c=\"d", "a b/c", "a/b;c=\"\\\n\"", "a/b;c=\"\\\0\"",
        ])
    func refusesMediaType(text: String) {
        // A parameter without a value is not `token=token`; one that is empty is skipped.
        #expect(MediaType(text) == nil)
    }

    @Test func `JSON is known by its name and by its suffix`() {
        #expect(MediaType("application/json; charset=utf-8")?.isJSON == true)
        #expect(MediaType("application/problem+json")?.isJSON == true)
        #expect(MediaType("text/json")?.isJSON == true)
        #expect(MediaType("application/jsonp")?.isJSON == false)
        #expect(MediaType("image/json")?.isJSON == false)
    }

    @Test(
        "the client's wish decides, then the server's order",
        arguments: [
            ("text/html", "text/html"), ("application/json", "application/json"), ("*/*", "application/json"),
            ("", "application/json"), ("text/*", "text/html"), ("text/*;q=0.5, application/json;q=0.4", "text/html"),
            ("text/html;q=0.5, application/json;q=0.5", "application/json"), ("image/png", nil),
            ("application/json;q=0, */*", "text/html"), ("*/*;q=0", nil), ("TEXT/HTML", "text/html"),
            ("application/*;q=0.2, */*;q=0.1, text/html;q=0", "application/json"), ("garbage", "application/json"),
            ("text/html;q=2, application/json", "application/json"), ("text/html;q=0.001", "text/html"),
            ("text/html;q=1.0, application/json;q=1.000", "application/json"),
            ("text/html;q=1.001", "application/json"),
            ("text/html;level=1", nil), ("a,b, text/html", "text/html"),
            ("text/html;x=\"a,b\", application/json;q=0.1", "application/json"),
        ] as [(String, String?)])
    func negotiates(field: String, expected: String?) {
        #expect(Accept(field).best(of: ["application/json", "text/html"]) == expected)
    }

    @Test func `the most precise range counts, as in the standard's example`() {
        let accept = Accept(
            "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5")
        func weight(_ type: String) -> Int? { MediaType(type).map(accept.weight) }
        #expect(weight("text/plain;format=flowed") == 1000)
        #expect(weight("text/plain") == 700)
        #expect(weight("text/html") == 300)
        #expect(weight("image/jpeg") == 500)
        #expect(weight("text/plain;format=fixed") == 400)
    }
}
