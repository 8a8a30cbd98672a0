import Foundation
import SiteBuilder
import Testing

@Suite struct RebuildTests {
    @Test func `a second build of the same files changes nothing`() async throws {
        let builder = DocsBuilder()
        let site = DocsSite(["a.md": "# A\n", "b.md": "# B\n"])
        let first = try await builder.build(site.input)
        #expect(first.changed == first.files.map(\.path))
        let second = try await builder.build(site.input)
        #expect(second.changed.isEmpty && second.removed.isEmpty)
        #expect(second.files == first.files)
    }

    @Test func `a changed page changes itself and the search index`() async throws {
        let builder = DocsBuilder()
        var site = DocsSite(["a.md": "# A\n", "b.md": "# B\n"])
        _ = try await builder.build(site.input)
        site.files["docs/a.md"] = Array("# A\n\nMore words.\n".utf8)
        let output = try await builder.build(site.input)
        #expect(output.changed == ["docs/a.html", "docs/search-index.json", "llms.txt"])
        #expect(output.files == (try await site.build()).files)
    }

    @Test func `removing a page removes its file, and breaks links to it`() async throws {
        let builder = DocsBuilder()
        var site = DocsSite(["a.md": "# A\n\n[l](b.md)\n", "b.md": "# B\n"])
        _ = try await builder.build(site.input)
        site.files["docs/b.md"] = nil
        await #expect(throws: BuildFailure.self) { try await builder.build(site.input) }
        site.files["docs/a.md"] = Array("# A\n".utf8)
        let output = try await builder.build(site.input)
        #expect(output.removed == ["docs/b.html"])
        #expect(output.files == (try await site.build()).files)
    }

    @Test func `a new title changes every page that shows it`() async throws {
        let builder = DocsBuilder()
        var site = DocsSite(["a.md": "# A\n", "b.md": "# B\n"], sections: [.init(title: "S", pages: ["index", "a"])])
        _ = try await builder.build(site.input)
        site.files["docs/a.md"] = Array("# New\n".utf8)
        let output = try await builder.build(site.input)
        #expect(
            output.changed
                == [
                    "404.html", "docs/a.html", "docs/b.html", "docs/index.html", "docs/search-index.json", "llms.txt",
                    "sitemap.xml",
                ].filter { $0 != "sitemap.xml" })
        #expect(output.files == (try await site.build()).files)
    }

    @Test func `a changed picture changes its name and the pages that show it`() async throws {
        let builder = DocsBuilder()
        var site = DocsSite(["a.md": "# A\n\n![i](i.png)\n", "b.md": "# B\n"])
        site.files["docs/i.png"] = [1]
        let old = try await builder.build(site.input)
        site.files["docs/i.png"] = [2]
        let output = try await builder.build(site.input)
        #expect(output.removed == old.files.map(\.path).filter { $0.hasPrefix("assets/") })
        #expect(
            output.changed.count == 2 && output.changed[0].hasPrefix("assets/i-") && output.changed[1] == "docs/a.html")
    }

    @Test func `a changed head or layout changes every page`() async throws {
        let builder = DocsBuilder()
        let site = DocsSite(["a.md": "# A\n"])
        _ = try await builder.build(site.input)
        var input = site.input
        input.head = "<link>"
        #expect(try await builder.build(input).changed == ["404.html", "docs/a.html", "docs/index.html"])
    }

    @Test func `a folder on disk gives what the same files in memory give, and is watched by size, time and inode`()
        async throws
    {
        let folder = try TemporaryFolder()
        var site = DocsSite(["a.md": "# A\n\n![i](img/i.png)\n", "g/b.md": "# B\n", ".hidden/c.md": "# C\n"])
        site.files["docs/img/i.png"] = [1, 2, 3]
        for (path, bytes) in site.files { try folder.write(path, bytes) }
        let builder = DocsBuilder()
        var input = site.input
        input.source = .folder(folder.path)
        let expected = try await site.build().files
        #expect(try await builder.build(input).files == expected)
        // Same size, at once: only a second look at a fresh file tells.
        for title in ["B", "C", "D", "E"] {
            try folder.write("docs/g/b.md", Array("# \(title)\n".utf8))
            let output = try await builder.build(input)
            #expect(output.content("docs/g/b.html") == "<h1 id=\"\(title.lowercased())\">\(title)</h1>\n")
        }
        try FileManager.default.removeItem(atPath: "\(folder.path)/docs/g/b.md")
        #expect(try await builder.build(input).removed == ["docs/g/b.html"])
    }

    @Test func `a missing folder is an error in words`() async {
        var input = DocsSite([:]).input
        input.source = .folder("/nonexistent")
        do {
            _ = try await DocsBuilder().build(input)
            Issue.record("a missing folder passed")
        } catch {
            let message = (error as? BuildFailure)?.diagnostics.first?.message
            #expect(message == "The documentation cannot be read: /nonexistent/docs: No such file or directory")
        }
    }

    @Test func `builds asked for at once take turns`() async throws {
        let builder = DocsBuilder()
        let site = DocsSite(["a.md": "# A\n"])
        let input = site.input
        let outputs = try await withThrowingTaskGroup(of: DocsOutput.self) { group in
            for _ in 0..<8 { group.addTask { try await builder.build(input) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outputs.allSatisfy { $0.files == outputs[0].files })
        #expect(outputs.filter { $0.changed.isEmpty }.count == 7)
    }

    @Test func `pages parsed at the same time do not disturb each other`() async throws {
        let text = String(repeating: "Some ~~gone~~ text and https://example.org/x too.\n\n", count: 20)
        var pages: [String: String] = [:]
        for number in 0..<300 { pages["p\(number).md"] = "# P\n\n\(text)" }
        let output = try await DocsSite(pages).build()
        let contents = Set((0..<300).map { output.content("docs/p\($0).html") })
        #expect(contents.count == 1)
        #expect(contents.first?.components(separatedBy: "<del>gone</del>").count == 21)
        #expect(contents.first?.components(separatedBy: "<a href=\"https://example.org/x\"").count == 21)
    }
}

@Suite struct OddPageTests {
    @Test(
        "odd input makes a page or an error, never a crash",
        arguments: [
            "", "\n", "---\n---\n", "---\n---", "---", "\u{FEFF}", "a\u{0}b\n\u{0}", "\r\r\r", "<", "<a href=\"", "# ",
            "#\n", "```", "```swift\n",
            "|a|\n|-|", "![](", "[^a]: x", "[^a]\n\n[^a]: [^a]", "&#0;&lt;", "- [ ]", "\\", "<!--", "# <b>x</b>",
            "[a](<b", "* * *\n- - -\n    \n\t",
            "[x](%00.md)", "[x](%zz)", "# [^1]\n\n[^1]: n", "## ![i](i.png)",
        ])
    func survives(text: String) async {
        let complaints = await DocsSite(["odd.md": text]).complaints()
        #expect(complaints.allSatisfy { $0.hasPrefix("site/docs/odd.md") }, "\(complaints)")
    }

    @Test func `a line of a megabyte and deep nesting are only slow`() async throws {
        let site = DocsSite([
            "long.md": "# L\n\n" + String(repeating: "word ", count: 200_000),
            "quotes.md": "# Q\n\n" + String(repeating: "> ", count: 2_000) + "x\n",
            "lists.md": "# L\n\n" + (0..<200).map { String(repeating: "  ", count: $0) + "- x\n" }.joined(),
            "brackets.md": "# B\n\n" + String(repeating: "[", count: 20_000) + "\n",
            "stars.md": "# S\n\n" + String(repeating: "*a **a ", count: 5_000),
        ])
        #expect(try await site.build().files.count == 10)
    }

    @Test func `bytes that are not UTF-8 are an error with their line`() async {
        var site = DocsSite([:])
        site.files["docs/x.md"] = Array("# T\n\nab".utf8) + [0xC3, 0x28]
        #expect(
            await site.complaints() == ["site/docs/x.md:3:3: error: The file is not UTF-8 here. [Save it as UTF-8.]"])
    }

    @Test func `random bytes never crash`() async {
        var generator = SplitMix(state: 1)
        let pieces = [
            "#", " ", "\n", "[", "]", "(", ")", "`", "```", "*", "~~", "<", ">", "|", "-", "a", "é", "&amp;", "!", "\t",
            "---\n", "[^x]", ":", "\u{0}", "\r\n",
        ]
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                pieces.randomElement(using: &generator)!
            }.joined()
            _ = await DocsSite(["odd.md": text]).complaints()
        }
    }
}

/// The same numbers on every run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
