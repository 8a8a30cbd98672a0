import Testing

@testable import SiteBuilder

@Suite struct SiteConfigurationTests {
    private func read(_ text: String, missing: Set<String> = []) throws -> SiteConfiguration {
        try SiteConfiguration.read(Array(text.utf8)) { !missing.contains($0) }
    }

    private let top = """
        title = "Lilypad"
        description = "Watches over functions."
        base_url = "https://example.com"

        """

    @Test func `a full file becomes a value`() throws {
        let site = try read(
            top + """
                language = "pt-BR"
                [client]
                entry = "app/start.tsx"
                routes = ["/projects", "/sign-in/callback"]
                splitting = false
                [docs]
                path = "/handbook"
                [[docs.section]]
                title = "Start"
                pages = ["index", "guides/routing"]
                [budgets]
                first_load_script = "110 kB"
                lazy_script = "16 KiB"
                styles = 20000
                """)
        #expect(site.language == "pt-BR")
        #expect(site.client?.entry == "app/start.tsx")
        #expect(site.client?.html == "app/index.html")
        #expect(site.client?.routes == ["/projects", "/sign-in/callback"])
        #expect(site.client?.splitting == false)
        #expect(site.docs?.path == "/handbook")
        #expect(site.docs?.sections == [.init(title: "Start", pages: ["index", "guides/routing"])])
        #expect(site.budgets.firstLoadScript == 110_000)
        #expect(site.budgets.lazyScript == 16_384)
        #expect(site.budgets.styles == 20_000)
        #expect(site.budgets.docsPage == nil)
    }

    @Test func `a site may have neither client nor docs`() throws {
        let site = try read(top)
        #expect(site.client == nil && site.docs == nil)
    }

    @Test func `all problems come at once, each at its line`() {
        let text = """
            titel = "Lilypad"
            base_url = "https://example.com/"

            [client]
            routes = ["/a", "b", "/c/*"]
            spliting = true

            [budgets]
            docs_page = "big"
            """
        #expect(
            reported { _ = try read(text) } == """
                site/site.toml: error: `title` is missing.
                site/site.toml: error: `description` is missing.
                site/site.toml:1:1: error: `titel` is not a known key.
                  1 | titel = "Lilypad"
                    | ^
                  hint: Did you mean `title`?
                site/site.toml:2:1: error: `base_url` must not end in a slash.
                  2 | base_url = "https://example.com/"
                    | ^
                  hint: Write "https://example.com".
                site/site.toml:5:17: error: A route begins with a slash.
                  5 | routes = ["/a", "b", "/c/*"]
                    |                 ^
                  hint: Write "/b".
                site/site.toml:5:22: error: A route is a prefix and has no `*`.
                  5 | routes = ["/a", "b", "/c/*"]
                    |                      ^
                  hint: Everything below it belongs to it already.
                site/site.toml:6:1: error: `spliting` is not a known key.
                  6 | spliting = true
                    | ^
                  hint: Did you mean `splitting`?
                site/site.toml:9:1: error: `budgets.docs_page` is not a size.
                  9 | docs_page = "big"
                    | ^
                  hint: Write bytes as a number, or "110 kB" or "110 KiB".
                """)
    }

    @Test func `text that is no TOML is shown where it breaks`() {
        let report = reported { _ = try read("title = \"a\"\nbase_url = \n") }
        #expect(report.hasPrefix("site/site.toml:2:"))
        #expect(report.contains("2 | base_url = "))
    }

    @Test(
        "refuses a base URL that is more or less than scheme and host",
        arguments: [
            "example.com", "ftp://example.com", "https://", "https://example.com/path", "https://example.com?a=b",
            "https://Example.com", "https://a b.com", "https://user@example.com", "https://example.com:0",
            "https://.com",
        ])
    func refusesBaseURL(url: String) {
        let report = reported { _ = try read("title=\"a\"\ndescription=\"b\"\nbase_url=\"\(url)\"\n") }
        #expect(report.contains("site/site.toml:3:1: error: `base_url`"), "\(report)")
    }

    @Test(
        "takes a scheme and a host", arguments: ["https://example.com", "http://127.0.0.1:8787", "https://a-b.example"])
    func takesBaseURL(url: String) throws {
        #expect(try read("title=\"a\"\ndescription=\"b\"\nbase_url=\"\(url)\"\n").baseURL == url)
    }

    @Test(
        "refuses routes that would hide files or mean something else",
        arguments: [
            #"["/"]"#, #"["/docs"]"#, #"["/docs/a"]"#, #"["/assets"]"#, #"["/assets/x"]"#, #"["/a/"]"#, #"["/a b"]"#,
            #"["/:id"]"#, #"["/a//b"]"#, #"["/a/../b"]"#, #"["/a", "/a"]"#, #"["/a", "/a/b"]"#, #"["/a?b"]"#, #"[1]"#,
            #""/a""#,
        ])
    func refusesRoutes(routes: String) {
        let report = reported { _ = try read(top + "[client]\nroutes = \(routes)\n[docs]\n") }
        #expect(report.contains("site/site.toml:5:"), "\(report)")
    }

    @Test func `a named file that is missing is reported at its key, a default one at its table`() {
        let report = reported {
            _ = try read(top + "[client]\nentry = \"app/start.tsx\"\n", missing: ["app/start.tsx", "app/app.css"])
        }
        #expect(report.contains("site.toml:5:1: error: There is no file app/start.tsx in the site folder"))
        #expect(report.contains("site.toml:4:2: error: There is no file app/app.css in the site folder"))
    }

    @Test func `navigation names existing pages once, without their ending`() {
        let report = reported {
            _ = try read(
                top
                    + "[docs]\n[[docs.section]]\ntitle = \"A\"\npages = [\n\"a.md\",\n\"b\",\n\"c\",\n\"c\",\n\"../d\"]\n",
                missing: ["docs/b.md"])
        }
        #expect(report.contains("site.toml:8:1: error: Pages are listed without `.md`."))
        #expect(report.contains("site.toml:9:1: error: There is no page docs/b.md."))
        #expect(report.contains("site.toml:11:1: error: `c` is listed twice."))
        #expect(report.contains("site.toml:12:1: error: `docs.section.pages` must be a path inside the site folder"))
    }

    @Test func `a key in the wrong table is sent to the right one`() {
        let report = reported { _ = try read(top + "[docs]\nroutes = [\"/a\"]\n") }
        #expect(report.contains("`routes` belongs to [client]."))
    }
}

@Suite struct ByteSizeTests {
    @Test(
        "reads sizes as people write them",
        arguments: [
            ("110 kB", 110_000), ("110KiB", 112_640), ("1.5 MB", 1_500_000), ("12", 12), ("7 B", 7),
            ("1 MiB", 1_048_576),
            ("1_000", 1000), ("0.5 kb", 500),
        ])
    func reads(text: String, bytes: Int) {
        #expect(ByteSize.parse(text) == bytes)
    }

    @Test("refuses what is no size", arguments: ["", "kB", "1 GBit", "-1 kB", "1.2.3 kB", "ten"])
    func refuses(text: String) {
        #expect(ByteSize.parse(text) == nil)
    }

    @Test(
        "writes three digits or so",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1049, "1.0 kB"), (99_949, "99.9 kB"), (99_950, "100 kB"),
            (187_400, "187 kB"), (999_499, "999 kB"), (999_500, "1.00 MB"), (2_310_000, "2.31 MB"),
        ])
    func writes(bytes: Int, text: String) {
        #expect(ByteSize.text(bytes) == text)
    }
}
