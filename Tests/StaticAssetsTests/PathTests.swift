import Testing

@testable import StaticAssets

@Suite struct PathTests {
    @Test(
        "a raw path is what a URL parser makes of the target",
        arguments: [
            ("/a/b?x=1", "/a/b", "?x=1"),
            ("/", "/", ""),
            ("/?", "/", ""),
            ("/a#b?c", "/a", ""),
            ("/a?b#c", "/a", "?b"),
            ("/a/../b", "/b", ""),
            ("/a/%2E%2e/b/%2e/c", "/b/c", ""),
            ("/a/..", "/", ""),
            ("/a/b/.", "/a/b/", ""),
            ("/../../x", "/x", ""),
            ("/...", "/...", ""),
            ("/.well-known/x", "/.well-known/x", ""),
            ("//a//b", "//a//b", ""),
            ("/a\\b", "/a/b", ""),
            ("/a b\"<>`{}|^[]", "/a%20b%22%3C%3E%60%7B%7D|^[]", ""),
            ("/café", "/caf%C3%A9", ""),
            ("/%zz%C3", "/%zz%C3", ""),
            ("/a?q='x' <y>", "/a", "?q=%27x%27%20%3Cy%3E"),
            ("https://example.com/a/../b?c", "/b", "?c"),
            ("http://example.com", "/", ""),
            ("http://example.com?x", "/", "?x"),
        ])
    func rawTarget(text: String, path: String, query: String) {
        let target = RawTarget(text)
        #expect(target.path == path)
        #expect(target.query == query)
    }

    @Test(
        "a lookup path is decoded piece by piece, then squeezed",
        arguments: [
            ("/a%20b", "/a b"), ("/a%2Fb", "/a/b"), ("/%2F%2F", "/"), ("//a///b//", "/a/b/"),
            ("/%A0/%41", "/%A0/A"), ("/%", "/%"), ("/%4", "/%4"), ("/%ED%A0%80", "/%ED%A0%80"), ("/%C0%AF", "/%C0%AF"),
            ("/caf%c3%a9", "/café"), ("/%2541", "/%41"),
        ])
    func lookup(raw: String, lookup: String) {
        #expect(AssetPath(raw: raw).lookup == lookup)
    }

    @Test func `every file name can be asked for by its own URL`() {
        let letters = [
            "a", "%", "2", "F", "41", " ", "é", "e\u{301}", "日", "?", "#", ".", "[", "&", "~", "😀", "\u{7F}",
        ]
        for first in letters {
            for second in letters {
                for third in letters {
                    let name = "/x" + first + second + third + "x"
                    let url = AssetPath.encoded(name)
                    let path = AssetPath(raw: RawTarget(url).path)
                    #expect(path.lookup.utf8.elementsEqual(name.utf8), "\(url)")
                    #expect(path.isCanonical, "\(url)")
                }
            }
        }
    }

    @Test(
        "only the canonical spelling is canonical", arguments: ["/%41", "/caf%c3%a9", "/a@b", "//a", "/a%2fb", "/[a]"])
    func notCanonical(raw: String) {
        #expect(!AssetPath(raw: raw).isCanonical)
    }

    @Test func `composed and decomposed letters are different files`() {
        let bundle = AssetBundle(files: [AssetFile(path: "/caf\u{E9}", bytes: [1])])
        #expect(bundle.file("/caf\u{E9}") != nil)
        #expect(bundle.file("/cafe\u{301}") == nil)
    }

    @Test(
        "the origin is read from the Host header",
        arguments: [
            ("https", "Example.com", "example.com", nil), ("https", "a.example:443", "a.example", nil),
            ("http", "a.example:80", "a.example", nil), ("http", "a.example:443", "a.example", 443),
            ("http", "127.0.0.1:8787", "127.0.0.1", 8787), ("http", "[::1]:8787", "[::1]", 8787),
            ("http", "[::1]", "[::1]", nil),
        ] as [(String, String, String, Int?)])
    func origin(scheme: String, header: String, host: String, port: Int?) {
        let origin = RequestOrigin(scheme: scheme, host: header)
        #expect(origin.host == host)
        #expect(origin.port == port)
    }
}
