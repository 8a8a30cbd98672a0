import HTTPCaching
import Testing

@Suite struct BlanksTests {
    @Test(arguments: [
        ("", ""), (" \t ", ""), ("a", "a"), (" a b\t", "a b"), ("\u{A0}a", "\u{A0}a"), ("a \u{301}", "a \u{301}"),
    ])
    func `spaces and tabs go from both ends, and nothing else`(text: String, trimmed: String) {
        #expect(text.trimmedOfBlanks.utf8.elementsEqual(trimmed.utf8))
    }

    /// Trimming with `dropLast` would take minutes for this one, and seconds for a header field of the usual limit.
    @Test func `many blanks cost what they are long`() {
        let blanks = String(repeating: " ", count: 500_000)
        #expect(("a" + blanks).trimmedOfBlanks == "a")
        #expect((blanks + "a" + blanks).dropFirst().trimmedOfBlanks == "a")
    }
}
