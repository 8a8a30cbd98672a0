import StaticAssets
import Testing

@testable import SiteBuilder

@Suite struct HeaderBlocksTests {
    private let own: [HeaderBlock] = .standard(
        baseURL: "https://example.com", inlineScripts: ["sha256-abc="], immutable: true)

    /// What an asset server sends for a path under our rules and the user's.
    private func sent(_ path: String, host: String = "localhost", user: String = "") -> [String: String] {
        let files = RuleFiles(headers: Array(user.utf8), redirects: nil, folder: "site/public")
        let text = own.merged(withUser: files.headerBlocks).headersFile()
        let rules = HeaderRules(text)
        #expect(rules.problems.isEmpty && rules.warnings.isEmpty)
        var fields = [HeaderField("cache-control", "public, max-age=0, must-revalidate")]
        rules.apply(to: &fields, path: path, host: host)
        var result: [String: String] = [:]
        for field in fields {
            let name = field.name.lowercased()
            result[name] = result[name].map { $0 + ", " + field.value } ?? field.value
        }
        return result
    }

    @Test func `the import map is allowed and nothing else inline`() throws {
        let policy = try #require(sent("/")["content-security-policy"])
        #expect(policy.contains("script-src 'self' 'sha256-abc=';"))
        #expect(policy.contains("style-src 'self';"))
        #expect(!policy.contains("unsafe"))
    }

    @Test func `hashed files are kept for a year, pages are asked for again`() {
        #expect(sent("/assets/a-12345678.js")["cache-control"] == "public, max-age=31536000, immutable")
        #expect(sent("/docs/a")["cache-control"] == "public, max-age=0, must-revalidate")
    }

    @Test func `HSTS is sent by the published host alone`() {
        #expect(sent("/", host: "example.com")["strict-transport-security"] == "max-age=31536000")
        #expect(sent("/", host: "localhost")["strict-transport-security"] == nil)
        for baseURL in ["http://example.com", "https://example.com:8443"] {
            let rules: [HeaderBlock] = .standard(baseURL: baseURL, inlineScripts: [], immutable: false)
            #expect(rules.map(\.path) == ["/*"])
        }
    }

    @Test func `a user's header replaces ours instead of being added to it`() {
        #expect(sent("/docs/a", user: "/docs/*\n  Referrer-Policy: no-referrer\n")["referrer-policy"] == "no-referrer")
        #expect(sent("/x", user: "/docs/*\n  Referrer-Policy: no-referrer\n")["referrer-policy"] != "no-referrer")
    }

    @Test func `a user's block for one of our paths loses nothing of ours`() {
        let headers = sent("/", user: "/*\n  X-Mine: 1\n  Referrer-Policy: no-referrer\n")
        #expect(headers["x-mine"] == "1")
        #expect(headers["referrer-policy"] == "no-referrer")
        #expect(headers["x-content-type-options"] == "nosniff")
    }

    @Test func `a user can take a header of ours away`() {
        #expect(sent("/", user: "/*\n  ! Permissions-Policy\n")["permissions-policy"] == nil)
        #expect(sent("/a", user: "/a\n  ! Permissions-Policy\n")["permissions-policy"] == nil)
    }

    @Test func `hashed files stay immutable unless a rule for them says otherwise`() {
        let everything = "/*\n  Cache-Control: max-age=60\n"
        #expect(sent("/a", user: everything)["cache-control"] == "max-age=60")
        #expect(sent("/assets/a.js", user: everything)["cache-control"] == "public, max-age=31536000, immutable")
        let assets = everything + "/assets/*\n  Cache-Control: no-store\n"
        #expect(sent("/assets/a.js", user: assets)["cache-control"] == "no-store")
        #expect(sent("/assets/a.js", user: "/*.js\n  Cache-Control: no-store\n")["cache-control"] == "no-store")
    }

    @Test func `a user's headers that we do not set are added up as the format says`() {
        let user = "/a/*\n  X-One: 1\n/a/b\n  X-One: 2\n"
        #expect(sent("/a/b", user: user)["x-one"] == "1, 2")
    }

    @Test func `of two blocks for one path the last counts`() {
        #expect(sent("/a", user: "/a\n  X-One: 1\n/a\n  X-Two: 2\n")["x-one"] == nil)
    }
}

@Suite struct RuleFilesTests {
    private func report(headers: String? = nil, redirects: String? = nil) -> String {
        RuleFiles(
            headers: headers.map { Array($0.utf8) }, redirects: redirects.map { Array($0.utf8) }, folder: "site/public"
        ).problems.map { $0.rendered() }.joined(separator: "\n")
    }

    @Test func `what a server would silently drop is an error at its line`() {
        #expect(
            report(headers: "/a\n  X-One 1\n  X-Two: 2\n").hasPrefix(
                "site/public/_headers:2:3: error: "))
        #expect(report(redirects: "# old\n/a /b 404\r\n").contains("2 | /a /b 404\n"))
        #expect(report(redirects: "/a /b\n/a /c\n").hasPrefix("site/public/_redirects:2:1: error: "))
    }

    @Test func `what a server accepts and nobody means is a warning`() {
        #expect(report(redirects: "/:id/:idx /b\n").hasPrefix("site/public/_redirects:1:1: warning: "))
    }

    @Test func `correct files have no problems`() {
        #expect(report(headers: "/a\n  X: 1\n", redirects: "/a /b 301\n/c/* /d/:splat\n") == "")
    }

    @Test func `the limits count the rules of the build, too`() {
        let blocks = (0..<100).map { HeaderBlock("/\($0)", [("X", "1")]) }
        #expect(RuleFiles.limits(headers: blocks.headersFile(), redirects: "", folder: "site/public").isEmpty)
        let more = blocks + [HeaderBlock("/more", [("X", "1")])]
        #expect(RuleFiles.limits(headers: more.headersFile(), redirects: "", folder: "site/public").count == 1)
        let routes = (0..<60).map { "/r\($0)" }
        let user = (0..<41).map { "/u\($0)/* /v" }.joined(separator: "\n")
        let redirects = GeneratedRedirects.file(routes: routes, user: user)
        #expect(RuleFiles.limits(headers: "", redirects: redirects, folder: "site/public").count == 1)
    }
}

@Suite struct GeneratedRedirectsTests {
    private func target(_ path: String, routes: [String], user: String? = nil) -> String? {
        let rules = RedirectRules(GeneratedRedirects.file(routes: routes, user: user))
        #expect(rules.problems.isEmpty && rules.warnings.isEmpty)
        guard
            let action = rules.action(path: path, query: "", origin: RequestOrigin(scheme: "https", host: "a.example"))
        else { return nil }
        return "\(action.kind)"
    }

    @Test func `deep links of the client lead to its page, other paths do not`() {
        let routes = ["/projects", "/sign-in"]
        #expect(target("/projects", routes: routes) == target("/projects/a/b", routes: routes))
        #expect(target("/projects", routes: routes) != nil)
        #expect(target("/sign-in/callback", routes: routes) != nil)
        #expect(target("/projectsx", routes: routes) == nil)
        #expect(target("/other", routes: routes) == nil)
    }

    @Test func `the file keeps the user's text between static and dynamic rules`() {
        #expect(
            GeneratedRedirects.file(routes: ["/p"], user: "/old /new 301 # moved\n/a/* /b/:splat") == """
                # Made by the build from `routes` in site.toml. Rules of your own belong in site/public/_redirects.
                /p / 200

                # site/public/_redirects
                /old /new 301 # moved
                /a/* /b/:splat

                # Everything below the client's routes
                /p/* / 200

                """)
    }

    @Test func `a user's rule for a route is the only one`() {
        let text = GeneratedRedirects.file(routes: ["/p"], user: "/p /q 301\n/p/* /q/:splat 301\n")
        #expect(!text.contains("/ 200"))
    }

    @Test func `archives are brought back by name`() {
        let text = AssetsIgnore.file(archives: ["files/a b.tar.gz"], user: "drafts/\n")
        #expect(text.hasSuffix("*.br\n*.gz\n!/files/a\\ b.tar.gz\n\n# site/public/.assetsignore\ndrafts/\n"))
    }
}

@Suite struct RuleFilePlacesTests {
    @Test func `a path without headers is shown itself, not where its absence is noticed`() {
        let text = "/a\n  X-A: 1\n\n/b\n\n/c\n  X-C: 1\n\n/d\n"
        let problems = RuleFiles(headers: Array(text.utf8), redirects: nil, folder: "site/public").problems
        #expect(problems.map(\.place) == ["site/public/_headers:4:1", "site/public/_headers:9:1"])
        #expect(problems.map(\.sourceLine) == ["/b", "/d"])
    }
}
