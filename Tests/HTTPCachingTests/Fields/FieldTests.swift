import HTTPCaching
import Testing

@Suite struct CacheControlTests {
    private func control(_ lines: String...) -> CacheControl { CacheControl(lines: lines) }

    @Test func `directives have names without letter case, and arguments with or without quotes`() {
        let control = control("Foo=\"a\\\"b, c\", bar , baz=1", "QUX")
        #expect(control.has("foo") && control.has("bar") && control.has("baz") && control.has("qux"))
        #expect(!control.has("c") && !control.has("a"))
        #expect(control.hasArgument("foo") && !control.hasArgument("bar"))
        #expect(self.control("", " , ,").isEmpty)
    }

    @Test func `a separator that an accent follows is a separator`() {
        #expect(control("max-age=\u{301}5").seconds("max-age") == 0)
        #expect(control("private=\u{301}\"x\"").has("private"))
        #expect("a,\u{301}b,,c".membersOfList == ["a", "\u{301}b", "c"])
    }

    @Test func `what a directive is about`() {
        #expect(control("max-age=1").scope("private") == .nothing)
        #expect(control("private").scope("private") == .everything)
        #expect(control("private=\"A, b\"").scope("private") == .fields(["a", "b"]))
        #expect(control("private=a").scope("private") == .fields(["a"]))
        #expect(control("private=a, private").scope("private") == .everything)
        #expect(control("private=\" , \"").scope("private") == .everything)
        #expect(control("private=\"a").scope("private") == .everything)
    }
}

@Suite struct EntityTagTests {
    @Test(
        "strong tags",
        arguments: [("\"a\"", true), ("\"\"", true), ("W/\"a\"", false), ("a", false), ("\"", false), ("", false)])
    func strong(tag: String, isStrong: Bool) {
        #expect(EntityTag.isStrong(tag) == isStrong)
    }

    @Test func `only strong tags are strongly equal`() {
        #expect(EntityTag.stronglyEqual("\"a\"", " \"a\" "))
        #expect(!EntityTag.stronglyEqual("\"a\"", "\"b\""))
        #expect(!EntityTag.stronglyEqual("W/\"a\"", "W/\"a\""))
        #expect(!EntityTag.stronglyEqual("\"a\"", "W/\"a\""))
        #expect(!EntityTag.stronglyEqual("a", "a"))
        #expect(!EntityTag.stronglyEqual("\"\u{E9}\"", "\"e\u{301}\""))
    }
}

@Suite struct ContentRangeTests {
    @Test(
        "are read and written the same",
        arguments: ["bytes 0-4/10", "bytes 9-9/10", "bytes 0-0/*", "bytes 5-9/1000000"])
    func roundTrip(text: String) {
        #expect(ContentRange(text)?.text == text)
    }

    @Test(
        "lie within the whole, or are none",
        arguments: [
            "", "bytes", "bytes 0-4", "bytes 5-4/10", "bytes 0-10/10", "bytes */10", "bytes -4/10", "bytes 0-/10",
            "bytes a-b/10", "bytes 0-4/", "bytes 0-4/x", "items 0-4/10", "bytes=0-4/10", "bytes  0-4/10",
            "bytes 0-4 /10",
            "bytes +0-4/10", "bytes 0-9223372036854775807/*", "bytes 0-99999999999999999999/*",
        ])
    func refused(text: String) {
        #expect(ContentRange(text) == nil)
    }
}

@Suite struct WeightedListTests {
    @Test(
        "the same in other words",
        arguments: [
            ("a,b", "b , A"), ("a;q=0.5", "a; q=0.500"), ("a;q=1", "a"), ("a;q=1.000", "a"),
            ("a;x=1;q=0.5", "a;X=1;Q=.5"),
        ])
    func same(left: String, right: String) {
        #expect((WeightedList([left]).normalised == WeightedList([right]).normalised) == !right.contains("=."))
    }

    @Test(
        "the favourite",
        arguments: [
            ("a, b;q=0.9", "a"), ("a;q=0.2, b;q=0.3", "b"), ("a, b", nil), ("a, a", nil), ("*", nil), ("a;q=0", nil),
            ("", nil),
            ("a;q=2", nil), ("a;q=0.1234", nil), ("a;q=1.001", nil), ("A", "a"), ("a;q=0.5, b;q=0.5, c;q=0.6", "c"),
        ] as [(String, String?)])
    func favourite(text: String, expected: String?) {
        #expect(WeightedList([text]).favourite == expected)
    }
}
