import SiteBuilder
import Testing

@Suite struct LinkTests {
    @Test(
        "addresses of pages become their URLs",
        arguments: [
            ("b.md", "/docs/b"), ("./b.md#two", "/docs/b#two"), ("a/index.md", "/docs/a/"),
            ("a/c.md?x=1&y=2#top", "/docs/a/c?x=1&amp;y=2#top"),
            ("#here", "#here"), ("index.md", "/docs/"), ("/docs/b#two", "/docs/b#two"), ("/status/x", "/status/x"),
            ("/", "/"),
            ("/robots.txt", "/robots.txt"), ("mailto:a@b.c", "mailto:a@b.c"), ("a%20b.md", "/docs/a%20b"),
        ])
    func rewritten(address: String, url: String) async throws {
        let site = DocsSite([
            "index.md": "# T\n\n## Here\n\n[l](\(address))\n", "b.md": "# B\n\n## Two\n", "a/index.md": "# A\n",
            "a/c.md": "# C\n",
            "a b.md": "# AB\n",
        ])
        #expect(try await site.build().content().contains("<p><a href=\"\(url)\">l</a></p>"))
    }

    @Test func `a link from a folder finds its way up`() async throws {
        let output = try await DocsSite(["a/b/c.md": "# C\n\n[l](../../index.md) [m](../d.md)\n", "a/d.md": "# D\n"])
            .build()
        #expect(output.content("docs/a/b/c.html").contains("<a href=\"/docs/\">l</a> <a href=\"/docs/a/d\">m</a>"))
    }

    @Test func `links to other sites are marked and otherwise left alone`() async throws {
        let content = try await DocsSite(["index.md": "# T\n\n[l](https://x.org/?a=1&b=2#c \"t\") [m](//y.org)\n"])
            .build().content()
        #expect(
            content.contains(
                "<a href=\"https://x.org/?a=1&amp;b=2#c\" title=\"t\" rel=\"noopener\">l</a> <a href=\"//y.org\" rel=\"noopener\">m</a>"
            ))
    }

    @Test(
        "an address that leads nowhere is an error with its place and a hint",
        arguments: [
            ("[l](guid.md)", "16: error: There is no page `guid.md`. [Did you mean `guide.md`?]"),
            ("[l](guide)", "16: error: There is no file `guide`. [Did you mean `guide.md`?]"),
            ("[l](a)", "16: error: There is no file `a`. [Did you mean `a/index.md`?]"),
            ("[l](deep.md)", "16: error: There is no page `deep.md`. [Did you mean `a/deep.md`?]"),
            ("[l](guide.md#instal)", "16: error: guide.md has no heading `#instal`. [Did you mean `#install`?]"),
            ("[l](#nope-at-all)", "16: error: This page has no heading `#nope-at-all`."),
            ("![i](logo.pgn)", "17: error: There is no image `logo.pgn`. [Did you mean `logo.png`?]"),
            (
                "![i](https://x.org/i.png)",
                "17: error: Images from other sites are blocked by the site's content security policy."
            ),
            (
                "[l](/docs/guide.html)",
                "16: error: The site has nothing at `/docs/guide.html`. [Did you mean `/docs/guide`?]"
            ),
            ("[l](/stats)", "16: error: The site has nothing at `/stats`. [Did you mean `/status`?]"),
            ("[l](../app/main.tsx)", "16: error: The address leads out of the documentation folder."),
            ("[l](javascript:alert(1))", "16: error: The address is empty, or of a kind that pages must not link to."),
        ])
    func broken(link: String, complaint: String) async {
        var site = DocsSite([
            "index.md": "# T\n\nSome text\nthen **x** \(link) on\n", "guide.md": "# G\n\n## Install\n",
            "a/index.md": "# A\n", "a/deep.md": "# D\n",
        ])
        site.files["docs/logo.png"] = [1, 2, 3]
        #expect(await site.complaints() == ["site/docs/index.md:4:\(complaint)"])
    }

    @Test func `all broken links of all pages are reported at once, in order`() async {
        let site = DocsSite([
            "b.md": "---\ntitle: B\n---\n\n# B\n\n- [x](no.md)\n- ![y](no.png)\n\n> [z][r]\n\n[r]: none.md\n",
            "a.md": "# A [l](gone.md)\n\n[m](b.md#q)\n",
        ])
        #expect(
            await site.complaints().map { $0.prefix { $0 != "`" } } == [
                "site/docs/a.md:1:9: error: There is no page ", "site/docs/a.md:3:5: error: b.md has no heading ",
                "site/docs/b.md:7:7: error: There is no page ", "site/docs/b.md:8:8: error: There is no image ",
                "site/docs/b.md:10:3: error: There is no page ",
            ])
    }

    @Test func `a diagnostic shows the line with the address marked`() async throws {
        do {
            _ = try await DocsSite(["index.md": "# T\n\nSée [l](no.md)\r\n"]).build()
            Issue.record("a broken link passed")
        } catch let failure as BuildFailure {
            #expect(failure.diagnostics.map(\.sourceLine) == ["Sée [l](no.md)"])
            #expect(failure.diagnostics.map(\.column) == [9])
        }
    }

    @Test func `images and files are published under the hash of their bytes`() async throws {
        var site = DocsSite(["a/index.md": "# T\n\n![An *image*](img/My%20plan.png \"t\") [zip](../data.zip)\n"])
        site.files["docs/a/img/My plan.png"] = Array("picture".utf8)
        site.files["docs/data.zip"] = Array("zip".utf8)
        site.files["docs/unused.png"] = [0]
        let output = try await site.build()
        let names = output.files.map(\.path).filter { $0.hasPrefix("assets/") }
        // SHA-256 of "picture" and "zip".
        #expect(names.count == 2)
        let image = try #require(names.first { $0.hasSuffix(".png") })
        let zip = try #require(names.first { $0.hasSuffix(".zip") })
        #expect(image.wholeMatch(of: /assets\/My-plan-[0-9a-f]{16}\.png/) != nil)
        #expect(
            output.content("docs/a/index.html").contains(
                "<p><img src=\"/\(image)\" alt=\"An image\" title=\"t\" loading=\"lazy\" /> <a href=\"/\(zip)\">zip</a></p>"
            ))
    }

    @Test func `a link inside an image's text does not shift the places of others`() async {
        var site = DocsSite(["index.md": "# T\n\n![a [b](index.md) c](i.png) [x](no.md)\n"])
        site.files["docs/i.png"] = [1]
        #expect(await site.complaints().map { $0.prefix(24) } == ["site/docs/index.md:3:33:"])
    }

    @Test func `a page that cannot be read does not make links to its headings wrong`() async {
        var site = DocsSite(["index.md": "# T\n\n[l](b.md#x)\n"])
        site.files["docs/b.md"] = [0x23, 0x20, 0xFF]
        #expect(
            await site.complaints() == ["site/docs/b.md:1:3: error: The file is not UTF-8 here. [Save it as UTF-8.]"])
    }

    @Test func `two pages with one address are refused`() async {
        let site = DocsSite(["a.md": "# A\n", "a/index.md": "# A\n"])
        #expect(
            await site.complaints() == [
                "site/docs/a/index.md: error: This page and a.md would have the same address. [Rename one of them.]"
            ])
    }
}
