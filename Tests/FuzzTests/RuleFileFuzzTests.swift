import Testing

@testable import StaticAssets

/// `_redirects`, `_headers` and the patterns in them.
@Suite struct RuleFileFuzzTests {
    private static let patternTokens = ["/", "*", ":a", ":b", ":ab", "a", "b", ".", "-", "https://", ":sub.x"]

    @Test func `a pattern takes what trying every split takes`() {
        var fuzzer = Fuzzer(longest: 40)
        let examples = ["/a/*/:b\n/a/x/y", "/:a-:b\n/1-2-3", "https://:h.x/*\nhttps://a.x/b"]
        let failure = fuzzer.run(examples, tokens: Self.patternTokens + ["\n"]) { input in
            guard let line = input.firstIndex(of: .newline) else { return true }
            let pattern = PathPattern(String(decoding: input[..<line], as: UTF8.self))
            let text = Array(input[(line + 1)...])
            guard pattern.wildcards.count <= 4, text.count <= 16 else { return true }
            return text.withUnsafeBufferPointer { text in
                let found = pattern.match(text)
                guard pattern.matches(text) == (found != nil) else { return false }
                return found == (pattern.flaw == nil ? Self.slowly(pattern, 0, text, from: 0) : nil)
            }
        }
        #expect(failure == nil)
    }

    /// What the wildcards from `number` on take if each takes as much as it can.
    private static func slowly(
        _ pattern: PathPattern, _ number: Int, _ text: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> [Range<Int>]? {
        let literal = pattern.literals[number]
        guard text.has(literal, at: start) else { return nil }
        let place = start + literal.count
        guard number < pattern.wildcards.count else { return place == text.count ? [] : nil }
        let wildcard = pattern.wildcards[number]
        var end = place
        while end < text.count, !wildcard.stops(at: text[end]) { end += 1 }
        while end >= place + wildcard.minimumLength {
            if let rest = slowly(pattern, number + 1, text, from: end) { return [place..<end] + rest }
            end -= 1
        }
        return nil
    }

    @Test func `redirects answer with a location that cannot leave the site unless the rule does`() {
        var fuzzer = Fuzzer(longest: 600)
        let tokens = [
            "\n", " ", "/", "/*", ":splat", "*", ":a", "301", "200", " 302\n", "https://x.test/", "//", "\\", "#", "?",
            "%2F", "..",
            "/s/* /:splat 301\n", "\t",
        ]
        let examples = ["/s/* /:splat 301\n/a /b 200\n/:x/:y https://:x.test/:y 308\n\n/s//evil.test", "\n/s/\\evil"]
        let failure = fuzzer.run(examples, tokens: tokens) { input in
            // The last line is the target of a request.
            let line = input.lastIndex(of: .newline) ?? 0
            let rules = RedirectRules(String(decoding: input[..<line], as: UTF8.self))
            guard rules.rules.count <= 2100, rules.rules.allSatisfy({ $0.from.utf8.first == .slash }) else {
                return false
            }
            let target = RawTarget(String(decoding: input[line...].dropFirst(), as: UTF8.self))
            let origin = RequestOrigin(scheme: "https", host: "shop.test")
            guard let action = rules.action(path: target.path, query: target.query, origin: origin),
                let rule = rules.rules.first(where: { $0.line == action.line })
            else { return true }
            switch action.kind {
            case .rewrite(let path): return path.utf8.first == .slash && rule.status == 200
            case .redirect(let status, let location, _):
                // Hosts of a rule file are sent as they are written there, also outside ASCII.
                guard status == rule.status, location.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return false }
                // A rule whose target begins with one slash stays on the site.
                let target = Array(rule.to.utf8.prefix(2))
                guard target.first == .slash, target.last != .backslash, target != [.slash, .slash] else { return true }
                let start = Array(location.utf8.prefix(2))
                return start.first == .slash && (start.count == 1 || (start[1] != .slash && start[1] != .backslash))
            }
        }
        #expect(failure == nil)
    }

    @Test func `headers of a rule file are fields, and hosts of one signature get the same`() {
        var fuzzer = Fuzzer(longest: 600)
        let tokens = [
            "\n", "/*\n", "/a\n", "https://", "https://:sub.x.test/*\n", "https://*.test/*\n", "  X-A: 1\n",
            "  X-B: :splat\n",
            "  ! X-A\n", ": ", "a.test", "/", "*", ":sub",
        ]
        let examples = ["/*\n  X-A: 1\n  ! X-B\nhttps://a.test/*\n  X-C: :splat\n", "https://*/a\n  X-A: b\n"]
        let failure = fuzzer.run(examples, tokens: tokens) { input in
            let rules = HeaderRules(String(decoding: input, as: UTF8.self))
            var answers: [(signature: UInt64, headers: [HeaderField])] = []
            for host in ["a.test", "b.x.test", "b.test", ""] {
                var headers = [HeaderField("x-a", "0")]
                rules.apply(to: &headers, path: "/a", host: host)
                guard headers.dropFirst().allSatisfy(\.isSendable) else { return false }
                if let signature = rules.hostSignature(host) { answers.append((signature, headers)) }
            }
            return answers.allSatisfy { one in
                answers.allSatisfy { $0.signature != one.signature || $0.headers == one.headers }
            }
        }
        #expect(failure == nil)
    }

    @Test func `statuses are the numbers of JavaScript`() {
        var fuzzer = Fuzzer(longest: 20)
        let failure = fuzzer.run(["301", "0x12d", "3.01e2"], tokens: ["0x", "0b", ".", "e", "-", "inf", "nan"]) {
            input in
            JavaScriptNumber.parse(String(decoding: input, as: UTF8.self)).map { !$0.isNaN } ?? true
        }
        #expect(failure == nil)
    }
}
