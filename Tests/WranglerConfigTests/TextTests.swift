import Testing

@testable import WranglerConfig

@Suite struct TextTests {
    @Test func `control characters are escaped in JSON`() {
        #expect(JSONText.string("a\\\n\u{1}é") == #""a\\\n\u0001é""#)
    }

    @Test(
        "a slip of the fingers is recognised, another word is not",
        arguments: [
            ("titel", "title"), ("/stat", "/status"), ("giude", "guide"),
            ("kvNamespaces", "kv_namespaces"), ("vra", "var"),
            ("abc", nil), ("weather", nil),
        ])
    func suggests(word: String, meant: String?) {
        let known = ["/status", "guide", "kv_namespaces", "title", "var"]
        #expect(Suggestion.nearest(to: word, among: known) == meant)
    }
}
