import Testing

@testable import StaticAssets

/// Request targets on their way to a file.
@Suite struct AssetPathFuzzTests {
    private static let tokens = [
        "/", "//", "..", "%2e", "%2E%2e", "%2f", "%5c", "\\", "?", "#", "a", "index.html", ".html", "%00", "%25",
        "http://x",
        "%c3%bc", "%CC%81", "ü", "secret",
    ]
    private static let targets = [
        "/a/../b?c#d", "/%2e%2e/%2e%2e%2fetc", "http://x/a", "/docs//index.html", "/%c3%bc", "*",
    ]

    @Test func `a target has a path from the root without dot segments, and normalising it again changes nothing`() {
        var fuzzer = Fuzzer(longest: 300)
        let failure = fuzzer.run(Self.targets, tokens: Self.tokens) { input in
            let target = RawTarget(String(decoding: input, as: UTF8.self))
            let text = target.path + target.query
            guard target.path.utf8.first == .slash, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                return false
            }
            let hasDots = target.path.utf8.split(separator: .slash).contains { segment in
                let plain = String(decoding: segment, as: UTF8.self).lowercased().replacing("%2e", with: ".")
                return plain == "." || plain == ".."
            }
            return !hasDots && RawTarget(text) == target
        }
        #expect(failure == nil)
    }

    @Test func `the spelling of a path is found in one step`() {
        var fuzzer = Fuzzer(longest: 300)
        let failure = fuzzer.run(Self.targets, tokens: Self.tokens) { input in
            let path = AssetPath(raw: RawTarget(String(decoding: input, as: UTF8.self)).path)
            let proper = AssetPath(raw: AssetPath.encoded(path.lookup))
            // A lookup path with dot segments is nobody's file, and clients resolve them before they ask again.
            guard !path.lookup.utf8.split(separator: .slash).contains(where: { $0.elementsEqual("..".utf8) }) else {
                return true
            }
            return proper.lookup.utf8.elementsEqual(path.lookup.utf8) && proper.isCanonical
                && path.isCanonical == proper.raw.utf8.elementsEqual(path.raw.utf8)
        }
        #expect(failure == nil)
    }

    @Test func `no target reaches anything but the files of the bundle, and redirects come to an end`() {
        let names = ["/index.html", "/a.html", "/docs/index.html", "/docs/a b.html", "/ü.txt", "/404.html", "/%41.txt"]
        let bundle = AssetBundle(
            files: names.map { AssetFile(path: $0, bytes: Array($0.utf8)) },
            redirectsFile: "/s/* /:splat 301\n/r/:x /:x 200")
        var routers: [AssetRouter] = []
        for html in [HTMLHandling.autoTrailingSlash, .forceTrailingSlash, .dropTrailingSlash, .none] {
            for missing in [NotFoundHandling.none, .notFoundPage, .singlePageApplication] {
                let settings = AssetSettings(htmlHandling: html, notFoundHandling: missing)
                routers.append(AssetRouter(bundle: bundle, settings: settings, hasWorker: false))
            }
        }
        var fuzzer = Fuzzer(longest: 200)
        let tokens = Self.tokens + ["/s/", "/r/", "docs", "a%20b", "/404", "%2541.txt"]
        let failure = fuzzer.run(Self.targets + names, tokens: tokens) { input in
            routers.allSatisfy { router in
                var target = String(decoding: input, as: UTF8.self)
                for _ in 0..<8 {
                    let answer = router.fetch(AssetRequest(method: "GET", target: target, host: "x.test"))
                    if let file = answer.file, !names.contains(file.path) { return false }
                    guard let location = answer.headers.first(where: { $0.name == "location" })?.value else {
                        return [200, 404].contains(answer.status)
                    }
                    guard location.utf8.first == .slash, location.utf8.dropFirst().first != .slash else { return false }
                    // `/s/s/s/…` loses a step each time.
                    if target.utf8.count > 100 || answer.reason.redirectLine != nil { return true }
                    target = location
                }
                return false
            }
        }
        #expect(failure == nil)
    }

    @Test func `ignore rules say what trying everything says`() {
        var fuzzer = Fuzzer(longest: 60)
        let tokens = ["*", "**", "?", "[a-b]", "[!a]", "[", "]", "\\", "/", "!", "#", " ", "a", "b", "\n", "\r\n"]
        let failure = fuzzer.run(["*.a\n!b.a\n/c/**\n**/[a-c]?\n", "a\\ \n\\#b"], tokens: tokens) { input in
            let rules = IgnoreRules(String(decoding: input, as: UTF8.self))
            // A rule that is written twice changes nothing, and a line break at the end is none.
            let twice = IgnoreRules(String(decoding: input + [.newline] + input + [.newline], as: UTF8.self))
            return ["a", "b/a", "a/b/c", "ab", "a.b", "c/a", "#b", "a "].allSatisfy { path in
                [true, false].allSatisfy {
                    rules.ignores(path, isFolder: $0) == twice.ignores(path, isFolder: $0)
                        && rules.ignores("/" + path, isFolder: $0) == rules.ignores(path, isFolder: $0)
                }
            }
        }
        #expect(failure == nil)
    }

    @Test func `rules for the Worker match what the same rules in a redirect match`() {
        var fuzzer = Fuzzer(longest: 60)
        let failure = fuzzer.run(["/a/*\n/a/b", "/*.js\n/x.js"], tokens: ["/", "*", "a", "b", "\n", ".js"]) { input in
            guard let line = input.firstIndex(of: .newline), !input[..<line].contains(.colon) else { return true }
            let rule = String(decoding: input[..<line], as: UTF8.self)
            let text = String(decoding: input[(line + 1)...], as: UTF8.self)
            guard let rules = try? WorkerFirstRules([rule]) else { return true }
            // The flaw of two stars is that of redirects alone.
            let pattern = PathPattern(rule)
            guard pattern.flaw == nil else { return true }
            return (rules.positiveMatch(text) != nil) == text.withBytes { pattern.matches($0) }
        }
        #expect(failure == nil)
    }
}
