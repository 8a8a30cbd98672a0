import Testing

@testable import StaticAssets

@Suite struct PatternTests {
    private func values(_ pattern: String, _ text: String) -> [String]? {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { buffer in
            let pattern = PathPattern(pattern)
            let ranges = pattern.match(buffer)
            #expect(pattern.matches(buffer) == (ranges != nil))
            return ranges?.map { String(decoding: buffer[$0], as: UTF8.self) }
        }
    }

    @Test(
        "wildcards take what a greedy pattern would",
        arguments: [
            ("/a", "/a", []), ("/a", "/ab", nil), ("/*", "/", [""]), ("/*", "/a/b", ["a/b"]), ("/s/*", "/s", nil),
            ("/pre*", "/pre", [""]), ("/a/*/z", "/a/b/z/z", ["b/z"]), ("/*.js", "/a.js.js", ["a.js"]),
            ("/*.js", "/a.jsx", nil),
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

    @Test(
        "a pattern that Cloudflare cannot compile never matches",
        arguments: [
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

    @Test func `a hostile path costs no power of its length`() {
        // Trying one split after the other would be some 10^10 steps here.
        let path = "/" + String(repeating: "-", count: 4000)
        #expect(values("/:a-:b-:c-:d/x", path + "/y/x") == nil)
    }

    /// A second matcher, as plain as can be, to compare with: what the wildcards take, the longest first.
    private func slowly(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> [String]? {
        guard let first = pattern.first else { return text.isEmpty ? [] : nil }
        let isStar = first == UInt8(ascii: "*")
        guard isStar || first == UInt8(ascii: ":") else {
            return text.first == first ? slowly(pattern.dropFirst(), text.dropFirst()) : nil
        }
        let most = isStar ? text.count : text.prefix { $0 != UInt8(ascii: "/") }.count
        for length in stride(from: most, through: isStar ? 0 : 1, by: -1) {
            guard let rest = slowly(pattern.dropFirst(isStar ? 1 : 2), text.dropFirst(length)) else { continue }
            return [String(decoding: text.prefix(length), as: UTF8.self)] + rest
        }
        return nil
    }

    @Test func `all short patterns take what a plain matcher takes of all short paths`() {
        // A letter after `:x` would belong to the name, so the literal letter is a dot.
        let patterns = sequences(of: [".", "/", "*", ":x", ":y", "-"], upTo: 4).map { "/" + $0 }
        let paths = sequences(of: [".", "/", "-"], upTo: 5).map { "/" + $0 }
        var differences: [String] = []
        for pattern in patterns where PathPattern(pattern).flaw == nil {
            for path in paths where slowly(Array(pattern.utf8)[...], Array(path.utf8)[...]) != values(pattern, path) {
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
