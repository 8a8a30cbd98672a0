import Testing

@testable import SiteBuilder

@Suite struct ReadingOrderTests {
    private func problem(
        _ line: Int, _ column: Int, _ message: String, file: String = "site/app/a.ts"
    ) -> Diagnostic {
        Diagnostic(file: file, line: line, column: column, message: message)
    }

    private func messages(_ problems: [Diagnostic]) -> [String] {
        problems.inReadingOrder().map(\.message)
    }

    @Test func `a syntax error is said once, in the words of the type checker`() {
        let found = messages([
            problem(26, 7, "Variable declaration expected. (TS1134)"),
            problem(26, 9, "Variable declaration expected. (TS1134)"),
            problem(26, 7, "Expected identifier but found \"=\"."),
            problem(26, 9, "Expected \";\" but found \"3\"."),
        ])
        #expect(found == ["Variable declaration expected. (TS1134)"])
    }

    @Test func `what the bundler says elsewhere in a file that cannot be parsed follows from that`() {
        let found = messages([
            problem(43, 10, "JSX element 'section' has no corresponding closing tag. (TS17008)"),
            problem(60, 9, "Expected closing JSX tag."),
            problem(3, 1, "There is no module \"./b\".", file: "site/app/b.ts"),
        ])
        #expect(
            found == [
                "JSX element 'section' has no corresponding closing tag. (TS17008)",
                "There is no module \"./b\".",
            ])
    }

    @Test func `two type errors of one line are both said, the bundler's about it is not`() {
        let found = messages([
            problem(1, 10, "No matching export."),
            problem(1, 10, "'b' has no exported member 'c'. (TS2724)"),
            problem(1, 20, "Type 'string' is not assignable to type 'number'. (TS2322)\n  Because."),
            problem(2, 1, "There is no file x.png."),
        ])
        #expect(found.count == 3 && !found.contains("No matching export."))
    }

    @Test func `while the settings of TypeScript cannot be read, nothing else it says counts`() {
        let found = messages([
            problem(1, 27, "Cannot use JSX. (TS17004)"),
            problem(2, 1, "'}' expected. (TS1005)", file: "site/tsconfig.json"),
            problem(4, 1, "There is no page.", file: "site/docs/a.md"),
        ])
        #expect(found == ["There is no page.", "'}' expected. (TS1005)"])
    }
}
