import SiteBuilder
import Testing

@Suite struct DiagnosticTests {
    @Test func `a diagnostic shows the place, the line and the fix`() {
        let diagnostic = Diagnostic(
            file: "site/site.toml", line: 12, column: 3, message: "base_url needs a scheme.",
            hint: "Write https://example.com.", sourceLine: "\t base_url = \"example.com\"")
        #expect(
            diagnostic.rendered() == """
                site/site.toml:12:3: error: base_url needs a scheme.
                  12 | \t base_url = "example.com"
                     | \t ^
                  hint: Write https://example.com.
                """)
    }

    @Test func `a diagnostic without a place speaks of the file`() {
        #expect(Diagnostic(.warning, file: "dist", message: "is large.").rendered() == "dist: warning: is large.")
    }
}
