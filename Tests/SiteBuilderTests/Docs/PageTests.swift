import Foundation
import SiteBuilder
import Testing

@Suite struct PageTests {
    @Test func `a page is the layout with its values put in, and text is escaped`() async throws {
        let site = DocsSite(["index.md": "---\ntitle: A < B\ndescription: Says \"hi\"\n---\n# Hello\n"])
        let page = try #require(try await site.build()["docs/index.html"])
        #expect(
            page == """
                <html lang="en"><title>A &lt; B · Lily &amp; pad</title><meta name="description" content="Says &quot;hi&quot;">\
                <link rel="canonical" href="https://example.com/docs/"><script src="/assets/docs.js"></script><body class="docs-index">\
                <main><h1 id="hello">Hello</h1>
                </main></body></html>
                """)
    }

    @Test(
        "files map to addresses without .html",
        arguments: [
            ("index", "docs/index.html", "/docs/"), ("guide", "docs/guide.html", "/docs/guide"),
            ("a/index", "docs/a/index.html", "/docs/a/"), ("a/b c", "docs/a/b c.html", "/docs/a/b%20c"),
        ])
    func addresses(page: String, file: String, url: String) async throws {
        let output = try await DocsSite(["\(page).md": "# Page\n"]).build()
        #expect(output[file]?.contains("href=\"https://example.com\(url)\"") == true)
    }

    @Test func `names that begin with an underscore or a dot are not pages`() async throws {
        let output = try await DocsSite(["_draft.md": "# No\n", ".x/y.md": "# No\n", "_parts/z.md": "# No\n"]).build()
        #expect(
            output.files.map(\.path) == [
                "404.html", "docs/index.html", "docs/search-index.json", "llms.txt", "sitemap.xml",
            ])
    }

    @Test func `headings get ids like GitHub's and a link to themselves`() async throws {
        let text =
            "# One\n\n## What's *new* in `v2`?\n\n## Usage\n\n## Usage\n\n## Usage 1\n\n### Größe & Ärger\n\n## ???\n"
        let content = try await DocsSite(["index.md": text]).build().content()
        #expect(
            content == """
                <h1 id="one">One</h1>
                <h2 id="whats-new-in-v2">What's <em>new</em> in <code>v2</code>? <a class="anchor" href="#whats-new-in-v2" aria-label="Link to this section">#</a></h2>
                <h2 id="usage">Usage <a class="anchor" href="#usage" aria-label="Link to this section">#</a></h2>
                <h2 id="usage-1">Usage <a class="anchor" href="#usage-1" aria-label="Link to this section">#</a></h2>
                <h2 id="usage-1-1">Usage 1 <a class="anchor" href="#usage-1-1" aria-label="Link to this section">#</a></h2>
                <h3 id="größe--ärger">Größe &amp; Ärger <a class="anchor" href="#gr%C3%B6%C3%9Fe--%C3%A4rger" aria-label="Link to this section">#</a></h3>
                <h2 id="section">??? <a class="anchor" href="#section" aria-label="Link to this section">#</a></h2>

                """)
    }

    @Test func `the outline nests level three below level two`() async throws {
        let output = try await DocsSite(["index.md": "# T\n### z\n## a\n### b\n### c\n#### d\n## e\n"]).build()
        let page = try #require(output["docs/index.html"])
        let outline = page.components(separatedBy: "</main>")[1].components(separatedBy: "</body>")[0]
        #expect(
            outline == """
                <nav class="outline" aria-label="On this page"><p class="outline-title">On this page</p><ul>\
                <li><a href="#z">z</a></li><li><a href="#a">a</a><ul><li><a href="#b">b</a></li><li><a href="#c">c</a></li></ul></li>\
                <li><a href="#e">e</a></li></ul></nav>
                """)
    }

    @Test func `tables, task lists, strikethrough, bare links and footnotes are understood`() async throws {
        let text = """
            # T

            | a | b |
            |--:|:-:|
            | 1 | ~~2~~ |

            - [ ] open
            - [x] done

            See https://example.org and this.[^n]

            [^n]: The note.
            """
        let content = try await DocsSite(["index.md": text]).build().content()
        for part in [
            "<div class=\"table\" tabindex=\"0\"><table>", "<td align=\"right\">1</td>",
            "<td align=\"center\"><del>2</del></td>", "</table></div>",
            "<li class=\"task\"><input type=\"checkbox\" disabled=\"\" /> open</li>",
            "<li class=\"task\"><input type=\"checkbox\" checked=\"\" disabled=\"\" /> done</li>",
            "<a href=\"https://example.org\" rel=\"noopener\">https://example.org</a>",
            "<sup class=\"footnote-ref\"><a href=\"#fn-n\" id=\"fnref-n\" data-footnote-ref>1</a></sup>",
            "<li id=\"fn-n\">\n<p>The note. <a href=\"#fnref-n\" class=\"footnote-backref\"",
        ] {
            #expect(content.contains(part), "\(part)")
        }
    }

    @Test func `quotes and dashes stay as they were typed`() async throws {
        let content = try await DocsSite(["index.md": "# T\n\n\"a\" -- 'b'...\n"]).build().content()
        #expect(content.contains("<p>&quot;a&quot; -- 'b'...</p>"))
    }

    @Test func `raw HTML is left out and named, comments go silently`() async throws {
        let site = DocsSite([
            "index.md":
                "---\ntitle: T\n---\n\n<!-- note -->\n\nUse `List<Int>` or <b>bold</b> <!-- x -->\n\n<div>\n</div>\n"
        ])
        let output = try await site.build()
        #expect(output.content() == "<h1>T</h1>\n\n<p>Use <code>List&lt;Int&gt;</code> or bold </p>\n\n")
        #expect(
            output.warnings.map(DocsSite.line) == [
                "site/docs/index.md:7:20: warning: Raw HTML is left out of the page. [Write it in Markdown, or as code between backticks.]",
                "site/docs/index.md:9:1: warning: Raw HTML is left out of the page. [Write it in Markdown, or as code between backticks.]",
            ])
    }

    @Test func `the title comes from front matter, else from the first heading, else from the file's name`()
        async throws
    {
        let output = try await DocsSite([
            "a.md": "---\ntitle: T\n---\n# H\n", "b.md": "# H `x` [l](a.md)\n", "c.md": "text\n",
        ]).build()
        #expect(output["docs/a.html"]?.contains("<title>T ·") == true)
        #expect(output["docs/b.html"]?.contains("<title>H x l ·") == true)
        #expect(output["docs/c.html"]?.contains("<title>c ·") == true)
        #expect(output.content("docs/c.html") == "<h1>c</h1>\n<p>text</p>\n")
        #expect(output.warnings.map(\.place) == ["site/docs/c.md"])
    }

    @Test func `the first paragraph describes a page that has no description`() async throws {
        let long = String(repeating: "word ", count: 60)
        let output = try await DocsSite([
            "index.md": "# T\n\nA *short* one.\n\nTwo.\n", "b.md": "# B\n\n\(long)\n", "c.md": "# C\n",
        ]).build()
        #expect(output["docs/index.html"]?.contains("content=\"A short one.\"") == true)
        #expect(output["docs/b.html"]?.contains("word word…\">") == true)
        #expect(output["docs/c.html"]?.contains("content=\"About it.\"") == true)
    }

    @Test func `code without a highlighter is plain, escaped, and says its language`() async throws {
        let content = try await DocsSite([
            "index.md": "# T\n\n```c++ title=\"x\"\na < b && \"c\"\n```\n\n    indented\n"
        ]).build().content()
        #expect(
            content.hasSuffix(
                """
                <pre class="code" data-language="c++" tabindex="0"><code>a &lt; b &amp;&amp; &quot;c&quot;
                </code></pre>
                <pre class="code" tabindex="0"><code>indented
                </code></pre>

                """))
    }
}
