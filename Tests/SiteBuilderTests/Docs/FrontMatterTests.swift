import SiteBuilder
import Testing

@Suite struct FrontMatterTests {
    @Test(
        "a mistake in the front matter is an error at its place",
        arguments: [
            ("title: a: b", "2:9: error: This is not YAML"),
            ("title: [oops", "2:13: error: This is not YAML"),
            ("titel: x", "2:1: error: The front matter has no key `titel`. [Did you mean `title`?]"),
            ("title: x\nnav: 7", "3:6: error: `nav` must be true or false."),
            ("title: [a]", "2:8: error: `title` must be text."),
            ("title:", "error: `title` must be text."), ("title: true", "2:8: error: `title` must be text."),
            ("title: x\ndate: 2026-02-29", "3:7: error: `date` must be a day of the calendar."),
            ("title: a\nsearch: true\ntitle: b", "4:1: error: `title` occurs more than once."),
            ("- a", "2:1: error: The front matter must be a list"),
        ])
    func mistakes(yaml: String, complaint: String) async {
        let complaints = await DocsSite(["index.md": "---\n\(yaml)\n---\n# T\n"]).complaints()
        #expect(complaints.count == 1)
        #expect(complaints.first?.contains(complaint) == true, "\(complaints)")
    }

    @Test(
        "what reads as text is a title",
        arguments: [
            ("title: 404", "404"), ("title: \"true\"", "true"), ("title: 2026-01-01", "2026-01-01"),
            ("title: >\n  a\n  b", "a b"),
        ])
    func titles(yaml: String, title: String) async throws {
        let page = try await DocsSite(["index.md": "---\n\(yaml)\n---\n"]).build()["docs/index.html"]
        #expect(page?.contains("<title>\(title) ·") == true)
    }

    @Test(
        "line ends and a byte order mark do not matter",
        arguments: ["---\r\ntitle: T\r\n---\r\n\r\ntext\r\n", "\u{FEFF}---\ntitle: T\n---  \ntext"])
    func endings(text: String) async throws {
        let output = try await DocsSite(["index.md": text]).build()
        #expect(output.content() == "<h1>T</h1>\n<p>text</p>\n")
        #expect(output.warnings.isEmpty)
    }

    @Test func `front matter without an end is an error on the first line`() async {
        let complaints = await DocsSite(["index.md": "---\ntitle: T\n\n# T\n"]).complaints()
        #expect(
            complaints.count == 1
                && complaints[0].hasPrefix(
                    "site/docs/index.md:1:1: error: The front matter that begins here has no end.")
        )
    }

    @Test func `every mistake of every page is reported`() async {
        let complaints = await DocsSite(["a.md": "---\nx: 1\nnav: 2\n---\n# A\n", "b.md": "---\ny: 1\n---\n# B\n"])
            .complaints()
        #expect(complaints.map { $0.prefix(18) } == ["site/docs/a.md:2:1", "site/docs/a.md:3:6", "site/docs/b.md:2:1"])
    }
}
