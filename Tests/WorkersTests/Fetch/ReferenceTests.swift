import Testing

@testable import Workers

@Suite struct ReferenceTests {
    private let base = RequestURL(scheme: "http", authority: "a.test", path: "/b/c/d;p", query: "q")

    /// RFC 3986 §5.4, as far as a request has to do with it: there are no fragments.
    @Test(arguments: [
        ("g", "http://a.test/b/c/g"), ("./g", "http://a.test/b/c/g"), ("g/", "http://a.test/b/c/g/"),
        ("/g", "http://a.test/g"), ("//g", "http://g/"), ("?y", "http://a.test/b/c/d;p?y"),
        ("g?y", "http://a.test/b/c/g?y"), ("#s", "http://a.test/b/c/d;p?q"), ("g#s", "http://a.test/b/c/g"),
        ("g?y#s", "http://a.test/b/c/g?y"), (";x", "http://a.test/b/c/;x"), ("", "http://a.test/b/c/d;p?q"),
        (".", "http://a.test/b/c/"), ("./", "http://a.test/b/c/"), ("..", "http://a.test/b/"),
        ("../g", "http://a.test/b/g"), ("../../g", "http://a.test/g"), ("../../../g", "http://a.test/g"),
        ("/./g", "http://a.test/g"), ("/../g", "http://a.test/g"), ("g.", "http://a.test/b/c/g."),
        ("..g", "http://a.test/b/c/..g"), ("./g/.", "http://a.test/b/c/g/"), ("g/../h", "http://a.test/b/c/h"),
        ("g?y/../x", "http://a.test/b/c/g?y/../x"), ("?", "http://a.test/b/c/d;p?"),
    ])
    func `references mean what the standard's examples say`(reference: String, url: String) {
        #expect(base.resolving(reference)?.text == url)
    }

    /// URL Standard, "basic URL parser".
    @Test(arguments: [
        ("HTTPS://Example.TEST:443/x", "https://example.test/x"), ("http://h:80", "http://h/"),
        ("http://h:8080/x", "http://h:8080/x"), ("  /a b\t\n ", "http://a.test/a%20b"), ("/ä", "http://a.test/%C3%A4"),
        ("/%c3%a4", "http://a.test/%c3%a4"), ("\\x\\y", "http://a.test/x/y"), ("\\\\h\\x", "http://h/x"),
        ("http:/x", "http://a.test/x"), ("https:/h/x", "https://h/x"), ("http:g", "http://a.test/b/c/g"),
        ("/a/%2e%2E/b", "http://a.test/b"), ("http://[::1]:3000/", "http://[::1]:3000/"),
        ("/a\u{301}?\u{301}b#\u{301}", "http://a.test/a%CC%81?%CC%81b"), ("\\\u{301}x", "http://a.test/%CC%81x"),
        ("../\u{301}", "http://a.test/b/%CC%81"), ("mailto:a@b.test", "mailto://a@b.test/"),
        ("\\\\h\\\u{301}x", "http://h/%CC%81x"), ("/a/%2e\u{301}/b", "http://a.test/a/%2e%CC%81/b"),
        ("/a/.%2E", "http://a.test/"), ("/a/%2e%2e%2e", "http://a.test/a/%2e%2e%2e"), ("/x:y", "http://a.test/x:y"),
        ("x/y:z", "http://a.test/b/c/x/y:z"),
    ])
    func `what clients have to put up with is understood as browsers do`(reference: String, url: String) {
        #expect(base.resolving(reference)?.text == url)
    }

    @Test(arguments: [
        "http://", "http://user@h/", "http://u:p@h/", "http://h:port/", "http://h:99999/", "http://[::1/",
        "http://ä.test/",
        "http://a b/",
    ])
    func `what is no URL is none`(reference: String) {
        #expect(base.resolving(reference) == nil)
    }

    @Test func `origins differ by scheme, host and port, and by nothing else`() {
        func origin(_ scheme: String, _ authority: String) -> Origin? {
            RequestURL(scheme: scheme, authority: authority, path: "/").origin
        }
        #expect(origin("http", "a.test") == origin("HTTP", "A.test:80"))
        #expect(origin("http", "a.test") != origin("https", "a.test"))
        #expect(origin("http", "a.test") != origin("http", "a.test:81"))
        #expect(origin("https", "[::1]:443") == origin("https", "[::1]"))
        #expect(origin("https", "") == nil)
        #expect(origin("https", "a:") == origin("https", "a"))
    }
}
