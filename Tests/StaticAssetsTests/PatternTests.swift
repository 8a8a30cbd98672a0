import Testing

@testable import StaticAssets

@Suite struct PatternTests {
    private func values(_ pattern: String, _ text: String) -> [String]? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { buffer in
            PathPattern(pattern).match(buffer)?.map { String(decoding: buffer[$0], as: UTF8.self) }
        }
    }

    @Test("wildcards take what a greedy pattern would", arguments: [
        ("/a", "/a", []), ("/a", "/ab", nil), ("/*", "/", [""]), ("/*", "/a/b", ["a/b"]), ("/s/*", "/s", nil),
        ("/pre*", "/pre", [""]), ("/a/*/z", "/a/b/z/z", ["b/z"]), ("/*.js", "/a.js.js", ["a.js"]), ("/*.js", "/a.jsx", nil),
        ("/:a/:b", "/1/2", ["1", "2"]), ("/:a/:b", "/1/2/3", nil), ("/:a-:b", "/1-2-3", ["1-2", "3"]),
        ("/:a:b", "/xyz", ["xy", "z"]), ("/:a:b", "/x", nil), ("/:a.:b.html", "/x.y.html", ["x", "y"]),
        ("/:year/*", "/2024/a/b", ["2024", "a/b"]), ("/:1", "/:1", []), ("/:1", "/5", nil),
        ("https://:sub.example.com/:page", "https://dev.example.com/a.b", ["dev", "a.b"]),
        ("https://:sub.example.com/", "https://a.b.example.com/", nil),
        ("/a*a", "/a", nil), ("/a*a", "/aa", [""]),
    ] as [(String, String, [String]?)])
    func matching(pattern: String, text: String, expected: [String]?) {
        #expect(values(pattern, text) == expected)
    }

    @Test("a pattern that Cloudflare cannot compile never matches", arguments: [
        ("/:a/:a", PathPattern.Flaw.repeatedName("a")), ("/*/*", .repeatedName("splat")),
        ("/:splat/*", .repeatedName("splat")), ("/:id/:idx", .nameBeginsLaterName("id", "idx")),
    ])
    func flaws(pattern: String, flaw: PathPattern.Flaw) {
        #expect(PathPattern(pattern).flaw == flaw)
        #expect(values(pattern, "/a/a") == nil)
    }

    @Test func `a longer name before its beginning is fine`() {
        #expect(values("/:idx/:id", "/a/b") == ["a", "b"])
    }

    @Test func `a hostile path does not cost the cube of its length`() {
        // Without remembering failures this is some 10^10 steps; with it the test is over at once.
        let path = "/" + String(repeating: "-", count: 4000)
        #expect(values("/:a-:b-:c-:d/x", path + "/y/x") == nil)
    }

    /// A second matcher, as plain as can be, to compare with.
    private func slowly(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == UInt8(ascii: "*") {
            return (0...text.count).contains { slowly(pattern.dropFirst(), text.dropFirst($0)) }
        }
        if first == UInt8(ascii: ":") {
            let most = text.prefix { $0 != UInt8(ascii: "/") }.count
            return most > 0 && (1...most).contains { slowly(pattern.dropFirst(2), text.dropFirst($0)) }
        }
        return text.first == first && slowly(pattern.dropFirst(), text.dropFirst())
    }

    @Test func `all short patterns agree with a plain matcher on all short paths`() {
        let pieces = ["a", "/", "*", ":x", ":y", "-"]
        let letters = ["a", "/", "-"]
        let patterns = sequences(of: pieces, upTo: 4).map { "/" + $0 }.filter { PathPattern($0).flaw == nil }
        let paths = sequences(of: letters, upTo: 4).map { "/" + $0 }
        var differences: [String] = []
        for pattern in patterns where !pattern.contains(":xa") && !pattern.contains(":ya") {
            for path in paths where slowly(Array(pattern.utf8)[...], Array(path.utf8)[...]) != (values(pattern, path) != nil) {
                differences.append("\(pattern) \(path)")
            }
        }
        #expect(differences == [])
    }

    private func sequences(of pieces: [String], upTo length: Int) -> [String] {
        var all = [""]
        var longest = [""]
        for _ in 0..<length {
            longest = longest.flatMap { start in pieces.map { start + $0 } }
            all += longest
        }
        return all
    }
}
