import Testing

@testable import StaticAssets

@Suite struct HeaderRuleTests {
    @Test(
        "what is accepted but never works is reported beside the problems",
        arguments: [
            ("/:a/:a\n X: 1\n", RuleWarning.Code.deadPattern, 1),
            ("/:id/:idx\n X: 1\n", .deadPattern, 1),
            ("https://Example.com/\n X: 1\n", .hostNeverMatches, 1),
            ("/a\n X: 1\n/a\n Y: 2\n", .repeatedPath, 1),
            ("/a\n X(Y): 1\n", .unsendableHeader, 1),
            ("/a\n X: a\u{1}b\n", .unsendableHeader, 1),
        ])
    func warnings(text: String, code: RuleWarning.Code, line: Int) {
        let rules = HeaderRules(text)
        #expect(rules.problems.isEmpty)
        #expect(rules.warnings.map(\.code) == [code])
        #expect(rules.warnings.map(\.line) == [line])
    }

    @Test func `the hundred-and-first rule works and is warned about`() {
        let text = (0...100).map { "/\($0)\n X: 1\n" }.joined()
        let rules = HeaderRules(text)
        #expect(rules.rules.count == 101)
        #expect(rules.problems.isEmpty)
        #expect(rules.warnings.map(\.code) == [.manyHeaderRules])
        #expect(HeaderRules(String(text.dropLast(12))).warnings.isEmpty)
    }

    @Test func `a block that ends the file without headers is reported without a line`() {
        let rules = HeaderRules("/a\n X: 1\n/b c")
        #expect(rules.problems.map(\.code) == [.ruleWithoutHeaders])
        #expect(rules.problems.first?.line == nil)
        #expect(rules.problems.first?.text == "/b c")
    }

    @Test func `a header that HTTP cannot carry is not sent`() {
        var headers: [HeaderField] = []
        HeaderRules("/a\n X(Y): 1\n X: 2\n").apply(to: &headers, path: "/a", host: "")
        #expect(headers == [HeaderField("x", "2")])
    }

    @Test func `a star in a host runs on into the path, as it does upstream`() {
        var headers: [HeaderField] = []
        HeaderRules("https://*.a.example/p\n X: 1\n").apply(to: &headers, path: "/x.a.example/p", host: "other")
        #expect(headers == [HeaderField("x", "1")])
    }

    @Test func `the rules behind an answer can be listed`() {
        let rules = HeaderRules("/*\n A: 1\n/p\n B: 1\nhttps://h/p\n C: 1\n/q\n D: 1\n")
        #expect(rules.matches(path: "/p", host: "h").map(\.line) == [1, 3, 5])
        #expect(rules.matches(path: "/p", host: "other").map(\.line) == [1, 3])
        #expect(rules.matches(path: "/q", host: "h").map(\.line) == [1, 7])
    }

    @Test func `every problem has a sentence`() {
        let text = "about\n: x\n X: 1\n/a\n/b\n  x\n Y:\n A B: 1\nhttps://a:1/\nftp://x\n/*/*\n/*/:splat\n"
        let problems = HeaderRules(text).problems
        #expect(Set(problems.map(\.code)).count >= 10)
        #expect(problems.allSatisfy { $0.message.hasSuffix(".") })
    }
}

@Suite struct HostSignatureTests {
    @Test func `without host rules every host has the same signature`() {
        let rules = HeaderRules("/*\n X: 1\n")
        #expect(rules.hostSignature("a.example") == 0)
        #expect(rules.hostSignature("b.example") == 0)
    }

    @Test func `hosts that no rule tells apart share a signature`() {
        let rules = HeaderRules("https://a.example/*\n X: 1\nhttps://:sub.b.example/\n Y: 1\n")
        #expect(rules.hostSignature("a.example") == 0b01)
        #expect(rules.hostSignature("x.b.example") == 0b10)
        #expect(rules.hostSignature("y.b.example") == 0b10)
        #expect(rules.hostSignature("localhost") == 0)
    }

    @Test func `a rule that copies a part of the host forbids sharing where it matches`() {
        let rules = HeaderRules("https://:sub.b.example/\n Y: :sub\n")
        #expect(rules.hostSignature("x.b.example") == nil)
        #expect(rules.hostSignature("localhost") == 0)
    }

    @Test func `more than sixty-four host patterns forbid sharing`() {
        let rule = { (count: Int) in HeaderRules((0..<count).map { "https://h\($0)/\n X: 1\n" }.joined()) }
        #expect(rule(64).hostSignature("h63") == 1 << 63)
        #expect(rule(65).hostSignature("h64") == nil)
    }

    @Test func `equal signature and path mean equal headers`() {
        let rules = HeaderRules(
            """
            https://a.example/*
              A: :splat
            https://*.a.example/p
              B: 1
            https://:x.b.example/:page
              C: :page
            https://x*.z/q
              D: 1
            """)
        let hosts = ["a.example", "x.a.example", "x.b.example", "y.b.example", "x.z", "xy", "other"]
        let paths = ["/p", "/q", "/", "/.a.example/p", "/x.a.example/p", "/.z/q"]
        var seen: [String: [HeaderField]] = [:]
        for host in hosts {
            for path in paths {
                var headers: [HeaderField] = []
                rules.apply(to: &headers, path: path, host: host)
                guard let signature = rules.hostSignature(host) else { continue }
                let key = "\(signature) \(path)"
                #expect(seen[key, default: headers] == headers, "\(host)\(path)")
                seen[key] = headers
            }
        }
        #expect(seen.count > paths.count)
    }
}

@Suite struct RedirectRuleTests {
    private func location(_ file: String, _ target: String, host: String = "example.com", scheme: String = "https")
        -> String?
    {
        let request = AssetRequest(method: "GET", target: target, host: host, scheme: scheme)
        let action = RedirectRules(file).action(
            path: request.target.path, query: request.target.query, origin: request.origin)
        if case .redirect(_, let location, _)? = action?.kind { return location }
        return nil
    }

    @Test(
        "a target is written relative on its own origin only",
        arguments: [
            ("https://example.com/b", "example.com", "https", "/b"),
            ("https://EXAMPLE.com:443/b", "example.com", "https", "/b"),
            ("https://example.com/b", "example.com", "http", "https://example.com/b"),
            ("https://example.com:8443/b", "example.com", "https", "https://example.com:8443/b"),
            ("//example.com/b", "example.com", "http", "/b"),
            ("//Other.example/b", "example.com", "http", "http://other.example/b"),
            ("https://user@e.example", "example.com", "https", "https://user@e.example/"),
            ("/b/../c?d'#e", "example.com", "https", "/c?d%27#e"),
        ])
    func origins(target: String, host: String, scheme: String, expected: String) {
        #expect(location("/a \(target)\n", "/a", host: host, scheme: scheme) == expected)
    }

    @Test(
        "a captured value cannot lead off the site",
        arguments: [
            "/s//evil.example", "/s///evil.example", "/s/%2F%2Fevil.example", "/s/\\evil.example", "/s/%5Cevil.example",
            "/s/@evil.example", "/s/..//evil.example/s//x",
        ])
    func openRedirects(target: String) {
        for file in ["/s/* /:splat\n", "/s/* /t/:splat\n", "/s/* /:splat/x 301\n"] {
            guard let location = location(file, target) else { continue }
            #expect(location.hasPrefix("/"))
            #expect(!location.hasPrefix("//") && !location.hasPrefix("/\\"))
        }
    }

    @Test func `a line after a dynamic one has the slashes of its target squeezed too`() {
        #expect(location("/a //e.example/x\n", "/a") == "https://e.example/x")
        #expect(location("/s/* /t\n/a //e.example/x\n", "/a") == "/e.example/x")
    }

    @Test func `a value that cannot be a host leaves the request alone`() {
        #expect(location("/x/* https://:splat/\n", "/x/a%20b") == nil)
        #expect(location("/x/* https://:splat/\n", "/x/a.example:99999") == nil)
        #expect(location("/x/* https://:splat/\n", "/x/a.example:8443") == "https://a.example:8443/")
    }

    @Test func `only a target with a host depends on the origin`() {
        let rules = RedirectRules("/a /b\n/c https://e.example/\n")
        let origin = RequestOrigin(scheme: "https", host: "h")
        let dependsOnOrigin = ["/a", "/c"].map { path -> Bool? in
            guard case .redirect(_, _, let depends)? = rules.action(path: path, query: "", origin: origin)?.kind else {
                return nil
            }
            return depends
        }
        #expect(dependsOnOrigin == [false, true])
    }

    @Test(
        "a status is read as JavaScript reads numbers",
        arguments: [
            ("301", 301), ("301.0", 301), ("301.", 301), ("+301", 301), ("0x12d", 301), ("0X12D", 301), ("0o455", 301),
            ("0b100101101", 301), ("3.01e2", 301), ("0301", 301), ("3_01", nil), ("301!", nil), ("inf", nil),
            ("nan", nil),
            ("0x", nil), ("0x-1", nil), ("-301", -301), ("e3", nil), (".", nil), ("1.2.3", nil), (".301e3", 301),
        ] as [(String, Double?)])
    func numbers(text: String, expected: Double?) {
        #expect(JavaScriptNumber.parse(text) == expected)
    }

    @Test func `doubtful lines are kept and warned about`() {
        let long = "/long /" + String(repeating: "x", count: 1000)
        let rules = RedirectRules("\(long)\n/:a/:a /x\n/late /y\n/short /z\n")
        #expect(rules.problems.isEmpty)
        #expect(rules.rules.count == 4)
        #expect(rules.warnings.map(\.code) == [.longRedirect, .deadPattern, .staticAfterDynamic, .staticAfterDynamic])
        #expect(rules.warnings.map(\.line) == [1, 2, 3, 4])
    }

    @Test func `a refused rewrite still takes its source`() {
        let rules = RedirectRules("/a https://e.example/ 200\n/a /b\n")
        #expect(rules.problems.map(\.code) == [.rewriteToAbsoluteURL, .duplicateFrom])
    }

    @Test func `the two-thousand-and-first static line is dropped and reading goes on`() {
        let text = (0...2000).map { "/\($0) /x\n" }.joined() + "/d/* /y\n"
        let rules = RedirectRules(text)
        #expect(rules.rules.count == 2001)
        #expect(rules.problems == [RuleProblem(.tooManyStaticRules)])
        #expect(rules.rules.last?.kind == .dynamic)
    }
}

@Suite struct WorkerFirstRuleTests {
    @Test(
        "a list with a fault is refused",
        arguments: [
            ([], ["empty_list"]),
            (["!/a"], ["only_negative_rules"]),
            (Array(repeating: "/a", count: 101), ["too_many_rules"]),
            (["api/*"], ["invalid_rule"]),
            (["/" + String(repeating: "a", count: 100)], ["rule_too_long"]),
            (["/a", "/a"], ["duplicate_rule"]),
            (["/api/*", "/api/users/*", "/api/"], ["redundant_rule", "redundant_rule"]),
            (["x", "/b", "/b"], ["invalid_rule", "duplicate_rule"]),
            (["/api/*", "!/api/docs"], []),
            (["/a*", "!/a/b"], []),
            (["/" + String(repeating: "a", count: 99)], []),
        ] as [([String], [String])])
    func faults(list: [String], codes: [String]) {
        #expect(WorkerFirstRules.problems(in: list).map(\.code.rawValue) == codes)
    }

    @Test(
        "a star takes any run",
        arguments: [
            ("/a*c/d", "/abc/bc/d", true), ("/a*c/d", "/ac/d/", false), ("*", "/", nil), ("/*x*y", "/1x2y", true),
            ("/*x*y", "/1y2x", false), ("/a*a", "/a", false), ("/:id", "/5", false), ("/**", "/", true),
            ("/*ab*ab", "/ab", false), ("/*ab*ab", "/abab", true),
        ] as [(String, String, Bool?)])
    func stars(rule: String, path: String, expected: Bool?) {
        let rules = try? WorkerFirstRules([rule])
        #expect(rules.map { $0.positiveMatch(path) != nil } == expected)
    }
}
