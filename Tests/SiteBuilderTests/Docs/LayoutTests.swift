import SiteBuilder
import Testing

@Suite struct LayoutTests {
    private func complaints(layout: String) async -> [String] {
        var site = DocsSite([:])
        site.files["docs/_layout.html"] = Array(layout.utf8)
        return await site.complaints()
    }

    @Test func `an unknown placeholder is an error with its place and the likely name`() async {
        #expect(
            await complaints(layout: "{{title}}{{head}}\n <p>{{contents}} {{ content }}\n{{x") == [
                "site/docs/_layout.html:2:5: error: The layout has no placeholder {{contents}}. [Did you mean {{content}}?]",
                "site/docs/_layout.html:3:1: error: The {{ that begins here has no }}.",
            ])
    }

    @Test func `a layout without the content is refused`() async {
        #expect(
            await complaints(layout: "{{title}}{{head}}") == [
                "site/docs/_layout.html: error: The layout has no {{content}}. [Every page needs it; see the documentation.]"
            ])
    }

    @Test func `a missing layout is named`() async {
        var site = DocsSite([:])
        site.files["docs/_layout.html"] = nil
        #expect(await site.complaints() == ["site/docs/_layout.html: error: The layout of the pages is missing."])
    }

    @Test func `navigation, previous and next follow site.toml`() async throws {
        let site = DocsSite(
            [
                "index.md": "# Start & go\n", "b.md": "# B\n", "c.md": "---\nnav: false\n---\n# C\n", "d.md": "# D\n",
                "e.md": "# E\n",
            ],
            sections: [.init(title: "First", pages: ["index", "b"]), .init(title: "Second", pages: ["c", "d"])])
        let output = try await site.build()
        let page = try #require(output["docs/b.html"])
        #expect(
            page.contains(
                """
                <nav class="docs-nav" aria-label="Documentation"><p class="nav-title">First</p><ul><li><a href="/docs/">Start &amp; go</a></li>\
                <li><a aria-current="page" href="/docs/b">B</a></li></ul><p class="nav-title">Second</p><ul><li><a href="/docs/d">D</a></li></ul></nav>
                """))
        #expect(
            page.contains(
                """
                <nav class="previous-next" aria-label="Previous and next page"><a class="previous" rel="prev" href="/docs/"><span>Previous</span> \
                Start &amp; go</a><a class="next" rel="next" href="/docs/d"><span>Next</span> D</a></nav>
                """))
        #expect(output["docs/e.html"]?.contains("previous-next") == false)
        #expect(output["docs/e.html"]?.contains("aria-current") == false)
    }

    @Test func `a navigation entry without a page is an error in site.toml`() async {
        let site = DocsSite(["guide.md": "# G\n"], sections: [.init(title: "S", pages: ["index", "giude", "index"])])
        var input = site.input
        input.configurationText = "[[docs.section]]\ntitle = \"S\"\npages = [\"index\", \"giude\", \"index\"]\n"
        do {
            _ = try await DocsBuilder().build(input)
            Issue.record("a missing page passed")
        } catch {
            #expect(
                (error as? BuildFailure)?.diagnostics.map(DocsSite.line) == [
                    "site/site.toml:3:10: error: The navigation lists `index` twice.",
                    "site/site.toml:3:19: error: The navigation lists `giude`, but there is no giude.md. [Did you mean `guide`?]",
                ])
        }
    }

    @Test func `the 404 page keeps out of search engines and leads on`() async throws {
        let page = try #require(try await DocsSite([:]).build()["404.html"])
        #expect(page.contains("<script src=\"/assets/docs.js\"></script><meta name=\"robots\" content=\"noindex\">"))
        #expect(page.contains("<body class=\"docs-404\">"))
        #expect(page.contains("<div data-docs-search></div>"))
        #expect(page.contains("<a href=\"/docs/\">Start</a>"))
    }

    @Test func `the sitemap is dated only by front matter`() async throws {
        let output = try await DocsSite(["a&b.md": "---\ndate: 2026-01-31\n---\n# A\n"]).build()
        #expect(
            output["sitemap.xml"] == """
                <?xml version="1.0" encoding="UTF-8"?>
                <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
                <url><loc>https://example.com/</loc></url>
                <url><loc>https://example.com/docs/a%26b</loc><lastmod>2026-01-31</lastmod></url>
                <url><loc>https://example.com/docs/</loc></url>
                </urlset>

                """)
    }

    @Test func `a bracket in a title ends no link of llms.txt, also where an accent follows it`() async throws {
        let site = DocsSite(["index.md": "# Start\n", "a.md": "---\ntitle: \"x]\u{301} [y]\"\n---\n# A\n"])
        let text = try #require(try await site.build()["llms.txt"])
        let link = "- [x\\]\u{301} \\[y\\]]("
        #expect(text.utf8.split(separator: 0x0A).contains { $0.starts(with: link.utf8) })
    }

    @Test func `llms.txt lists the pages by section`() async throws {
        let site = DocsSite(
            ["index.md": "# Start\n\nHow it begins.\n", "x.md": "---\ntitle: A [b]\ndescription: Says x.\n---\n"],
            sections: [.init(title: "First", pages: ["index"])])
        #expect(
            try await site.build()["llms.txt"] == """
                # Lily & pad

                > About it.

                ## First

                - [Start](https://example.com/docs/): How it begins.

                ## More

                - [A \\[b\\]](https://example.com/docs/x): Says x.

                """)
    }
}
