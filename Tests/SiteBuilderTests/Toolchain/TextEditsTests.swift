import Testing

@testable import SiteBuilder

@Suite struct TextEditsTests {
    private func apply(_ list: String, to text: String) throws -> String {
        String(decoding: try TextEdits(parsing: list).apply(to: Array(text.utf8)), as: UTF8.self)
    }

    @Test func `a block replaces the one place it names`() throws {
        #expect(try apply("# why\n<<<\n b\n===\n B\n C\n>>>\n", to: "a\n b\nc\n") == "a\n B\n C\nc\n")
    }

    @Test func `a block may change every place, or take text away`() throws {
        #expect(try apply("<<< all\nx\n===\nyy\n>>>\n<<<\n-\n===\n>>>\n", to: "x-xx") == "yyyyyy")
    }

    @Test func `three dots stand for as little as fits`() throws {
        let list = "<<<\nfrom\n...\nto\n===\nnew to\n>>>\n"
        #expect(try apply(list, to: "a from 1\n2 to b to c") == "a new to b to c")
    }

    @Test func `later blocks see what earlier ones made`() throws {
        #expect(try apply("<<<\na\n===\nb\n>>>\n<<<\nb\n===\nc\n>>>\n", to: "a") == "c")
    }

    @Test("a block that does not fit is named, with how often it was found", arguments: [("b", 0), ("a a", 2)])
    func misfit(text: String, occurrences: Int) {
        #expect(throws: TextEdits.Misfit(edit: "a", occurrences: occurrences)) {
            try apply("<<<\na\n===\nc\n>>>\n", to: text)
        }
    }

    @Test func `a gap without its end does not fit`() {
        #expect(throws: TextEdits.Misfit(edit: "a", occurrences: 0)) {
            try apply("<<<\na\n...\nz\n===\nc\n>>>\n", to: "a b c")
        }
    }

    @Test(
        "a list of another form is refused with its line",
        arguments: [("text\n", 1), ("<<<\na\n===\n", 3), ("\n>>>\n", 2)])
    func malformed(list: String, line: Int) {
        #expect(throws: TextEdits.Malformed(line: line)) { try TextEdits(parsing: list) }
    }
}
