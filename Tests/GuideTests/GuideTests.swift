import FoundationEssentials
import Testing

/// The Swift code of the documentation is code of this folder, which is compiled and tested: nothing a reader copies is
/// only prose.
@Suite struct GuideTests {
    static let pages = [
        "write-a-worker", "kv", "r2", "queues", "cache-api", "rate-limiting", "service-bindings", "scheduled", "fetch",
    ]

    @Test("every Swift block of a page is code that the tests run", arguments: pages)
    func isTested(page: String) throws {
        let blocks = CodeBlock.swift(in: try Repository.lines("site/docs/\(page).md"))
        #expect(!blocks.isEmpty, "site/docs/\(page).md has no Swift code")
        let sources = try Repository.guideSources()
        for problem in CodeBlock.problems(blocks, in: sources, page: "site/docs/\(page).md") {
            Issue.record(Comment(rawValue: problem))
        }
    }

    private static let source = [
        "struct A {", "    func one() {", "        two()", "", "        three()", "    }", "}",
    ]

    @Test func `indentation does not matter, order and completeness do`() {
        let same = CodeBlock(line: 1, lines: ["two()", "", "three()"])
        #expect(CodeBlock.problems([same], in: [Self.source], page: "p.md").isEmpty)
        let deeper = CodeBlock(line: 1, lines: ["  func one() {", "      two()"])
        #expect(CodeBlock.problems([deeper], in: [Self.source], page: "p.md").isEmpty)
        for lines in [["three()", "", "two()"], ["two()", "three()"], ["func one() {", "two()"]] {
            #expect(CodeBlock.problems([CodeBlock(line: 1, lines: lines)], in: [Self.source], page: "p.md").count == 1)
        }
    }

    @Test func `a block that is not there is named by its line and its first line`() {
        let page = ["Text", "", "```swift", "two()", "```", "", "```swift", "four()", "```", "```toml", "x = 1", "```"]
        let blocks = CodeBlock.swift(in: page)
        #expect(blocks.map(\.line) == [3, 7])
        #expect(
            CodeBlock.problems(blocks, in: [Self.source], page: "p.md") == [
                "p.md:7: no file of Tests/GuideTests has the code that begins with `four()`."
            ])
    }
}

/// A fenced block of Swift in a page.
struct CodeBlock {
    /// The number of the fence's line, counted from 1.
    var line: Int
    var lines: [String]

    /// All blocks whose fence says `swift`, in order.
    static func swift(in page: [String]) -> [CodeBlock] {
        var blocks: [CodeBlock] = []
        var open: (isSwift: Bool, block: CodeBlock)?
        for (index, line) in page.enumerated() {
            if let (isSwift, block) = open {
                if line == "```" {
                    if isSwift { blocks.append(block) }
                    open = nil
                } else {
                    open?.block.lines.append(line)
                }
            } else if line.hasPrefix("```") {
                open = (line == "```swift", CodeBlock(line: index + 1, lines: []))
            }
        }
        return blocks
    }

    /// A sentence for each block that stands in none of the sources.
    static func problems(_ blocks: [CodeBlock], in sources: [[String]], page: String) -> [String] {
        blocks.compactMap { block in
            let lines = withoutIndentation(block.lines[...])
            if sources.contains(where: { has(lines, in: $0) }) { return nil }
            return "\(page):\(block.line): no file of Tests/GuideTests has the code that begins with "
                + "`\(lines.first ?? "")`."
        }
    }

    private static func has(_ lines: [String], in source: [String]) -> Bool {
        guard let first = lines.first, source.count >= lines.count else { return false }
        return (0...source.count - lines.count).contains { start in
            // The cheap comparison first: few lines end like the one that is looked for.
            source[start].hasSuffix(first) && withoutIndentation(source[start..<start + lines.count]) == lines
        }
    }

    /// The lines without the spaces that all of them begin with.
    private static func withoutIndentation(_ lines: ArraySlice<String>) -> [String] {
        let common = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { String($0.dropFirst(common)) }
    }
}

private enum Repository {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    static func lines(_ path: String) throws -> [String] {
        let text = try String(contentsOfFile: root + "/" + path, encoding: .utf8)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The code that pages may show: all files beside this one.
    static func guideSources() throws -> [[String]] {
        let folder = "Tests/GuideTests"
        return try FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)
            .filter { $0.hasSuffix(".swift") && $0 != "GuideTests.swift" }.sorted()
            .map { try lines(folder + "/" + $0) }
    }
}
