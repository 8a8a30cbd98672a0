import Foundation
import Testing

@testable import SiteBuilder

/// The Python with Pygments that the tests use.
enum TestPython {
    static let path: String = {
        if let given = ProcessInfo.processInfo.environment["LILYPAD_PYTHON"] { return given }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent(".toolchain/python/bin/python").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
        }
        return "/usr/bin/python3"
    }()

    /// `nil` when there is no Pygments.
    static let pygments: String? = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-I", "-c", "import pygments; print(pygments.__version__)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
    }()

    static func highlighting(cache: String?, python: String = path) -> DocsInput.Highlighting {
        DocsInput.Highlighting(python: python, version: pygments ?? "", cacheFile: cache, processes: 2)
    }
}

@Suite(.enabled(if: TestPython.pygments != nil, "needs a Python with Pygments")) struct HighlightTests {
    private static let text =
        "# T\n\n```swift\nlet a = \"<b>\" // c\n```\n\n```nonesuch\na < b\n```\n\n```text\n1\n```\n"
    private static let warning =
        "site/docs/index.md:7:1: warning: Pygments knows no language `nonesuch`; the code stays plain. [Write `text` if that is meant.]"

    private func site(cache: String?, python: String = TestPython.path, text: String = text) -> DocsSite {
        var site = DocsSite(["index.md": text])
        site.highlighting = TestPython.highlighting(cache: cache, python: python)
        return site
    }

    @Test func `code is coloured by classes, and an unknown language stays plain with a warning`() async throws {
        let output = try await site(cache: nil).build()
        let content = output.content()
        let code = try #require(
            content.firstMatch(of: /<pre class="code" data-language="swift" tabindex="0"><code>(.*)\n<\/code><\/pre>/)?
                .1)
        #expect(code.hasPrefix("<span class=\"kd\">let</span> "))
        #expect(code.hasSuffix("<span class=\"c1\">// c</span>"))
        // Without its tags the code is what it was.
        #expect(code.replacing(/<[^>]*>/, with: "") == "let a = &quot;&lt;b&gt;&quot; // c")
        #expect(
            content.contains(
                "<pre class=\"code\" data-language=\"nonesuch\" tabindex=\"0\"><code>a &lt; b\n</code></pre>"))
        #expect(output.warnings.map(DocsSite.line) == [Self.warning])
    }

    @Test func `without new code no Python starts, and the bytes and warnings are the same`() async throws {
        let folder = try TemporaryFolder()
        let cache = "\(folder.path)/new/cache"
        let cold = try await site(cache: cache).build()
        let warm = try await site(cache: cache, python: "/nonexistent").build()
        #expect(warm.files == cold.files)
        #expect(warm.warnings == cold.warnings)
    }

    @Test(
        "a damaged cache is computed anew and repaired",
        arguments: ["empty", "cut", "flipped", "garbage", "header"])
    func damage(kind: String) async throws {
        let folder = try TemporaryFolder()
        let cache = "\(folder.path)/cache"
        let expected = try await site(cache: cache).build().files
        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: cache)))
        switch kind {
        case "empty": bytes = []
        case "cut": bytes.removeLast(5)
        case "flipped": for index in 16..<bytes.count { bytes[index] ^= 1 }
        case "garbage": bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        default: bytes[3] = 0
        }
        try folder.write("cache", bytes)
        #expect(try await site(cache: cache).build().files == expected)
        #expect(try await site(cache: cache, python: "/nonexistent").build().files == expected)
    }

    @Test func `a builder kept alive colours new code with the Python it has`() async throws {
        let builder = DocsBuilder()
        for number in 0..<5 {
            let output = try await builder.build(site(cache: nil, text: "# T\n\n```python\nx = \(number)\n```\n").input)
            #expect(output.content().contains("x <span class=\"o\">=</span> <span class=\"mi\">\(number)</span>"))
        }
        await builder.close()
        let output = try await builder.build(site(cache: nil, text: "# T\n\n```python\nx = 77\n```\n").input)
        #expect(output.content().contains("<span class=\"mi\">77</span>"))
    }

    @Test func `many pieces of code over several processes come back to their places`() async throws {
        var pages: [String: String] = [:]
        for page in 0..<40 {
            pages["p\(page).md"] =
                "# P\n\n" + (0..<10).map { "```python\nx = \(page * 100 + $0)\n```\n" }.joined(separator: "\n")
        }
        pages["big.md"] = "# B\n\n```python\n" + String(repeating: "value = 'text' + 1\n", count: 20_000) + "```\n"
        var site = DocsSite(pages)
        site.highlighting = TestPython.highlighting(cache: nil)
        let output = try await site.build()
        for page in 0..<40 {
            for piece in 0..<10 {
                #expect(
                    output.content("docs/p\(page).html").contains("<span class=\"mi\">\(page * 100 + piece)</span>"))
            }
        }
    }

    @Test func `another Pygments than the pinned one is refused`() async {
        var site = site(cache: nil)
        site.highlighting?.version = "0.1"
        #expect(
            await site.complaints() == [
                "site/docs: error: Pygments \(TestPython.pygments!) was found where 0.1 is pinned. [Run `lilypad setup`.]"
            ])
    }

    @Test func `a Python that ends in the middle is an error the first time, and is replaced when it served before`()
        async throws
    {
        let folder = try TemporaryFolder()
        let python = "\(folder.path)/python"
        // Answers one batch properly, then leaves: without a word, or before the first.
        let script = """
            #!/bin/sh
            if [ -e "\(folder.path)/useless" ]; then echo \(TestPython.pygments!); exit 0; fi
            exec "\(TestPython.path)" "$@"
            """
        try folder.write("python", Array(script.utf8))
        #expect(chmod(python, 0o755) == 0)
        let builder = DocsBuilder()
        _ = try await builder.build(site(cache: nil, python: python, text: "# T\n\n```python\na = 1\n```\n").input)
        try folder.write("useless", [])
        let second = try await builder.build(
            site(cache: nil, python: python, text: "# T\n\n```python\na = 2\n```\n").input)
        #expect(second.content().contains("<span class=\"mi\">2</span>"))
        let complaints = await site(cache: nil, python: python).complaints()
        #expect(
            complaints == [
                "site/docs: error: The Python that colours code ended early. [Build again; if it persists, run `lilypad setup`.]"
            ])
    }

    @Test(
        "a Python that does not work is an error in words",
        arguments: ["/nonexistent/python", "/bin/false", "/bin/cat"])
    func broken(python: String) async {
        let complaints = await site(cache: nil, python: python).complaints()
        #expect(complaints.count == 1)
        #expect(complaints[0].hasPrefix("site/docs: error: "), "\(complaints)")
        #expect(complaints[0].contains("lilypad setup"))
    }
}

@Suite struct HighlightCacheTests {
    private func key(_ cache: HighlightCache, _ text: String) -> HighlightKey {
        Array(text.utf8).withUnsafeBufferPointer { cache.key(language: "swift", html: $0) }
    }

    @Test func `entries are found again, under the same versions only`() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/cache"
        for number in 0..<3 {
            var cache = HighlightCache(file: file, salt: "1")
            cache.add(key(cache, "code \(number)"), .coloured(Array("html \(number)".utf8)))
            cache.save(inUse: [])
        }
        var cache = HighlightCache(file: file, salt: "1")
        cache.add(key(cache, "odd"), .unknownLanguage)
        cache.save(inUse: [])
        cache = HighlightCache(file: file, salt: "1")
        for number in 0..<3 { #expect(cache[key(cache, "code \(number)")] == .coloured(Array("html \(number)".utf8))) }
        #expect(cache[key(cache, "odd")] == .unknownLanguage)
        #expect(cache[key(cache, "code 4")] == nil)
        let other = HighlightCache(file: file, salt: "2")
        #expect(other[key(other, "code 1")] == nil)
    }

    @Test func `a file that outgrew its use keeps only what is used`() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/cache"
        let large = [UInt8](repeating: 65, count: 1000)
        func open() -> HighlightCache { HighlightCache(file: file, salt: "1", neverPrunedBelow: 10_000) }
        var cache = open()
        let keys = (0..<20).map { key(cache, "\($0)") }
        for key in keys { cache.add(key, .coloured(large)) }
        cache.save(inUse: keys)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)).count > 20_000)
        cache = open()
        cache.add(key(cache, "new"), .coloured([66]))
        cache.save(inUse: [key(cache, "new"), key(cache, "7")])
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)).count < 2_000)
        cache = open()
        #expect(cache[key(cache, "new")] == .coloured([66]))
        #expect(cache[key(cache, "7")] == .coloured(large))
        #expect(cache[key(cache, "8")] == nil)
    }
}
