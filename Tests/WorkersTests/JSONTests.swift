import Testing
import Workers

@Suite struct JSONParsingTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-1", "12.5", "\"\"", "[]", "{}", "[1,[2,{\"a\":null}]]",
        "{\"b\":1,\"a\":\"x\"}", "9223372036854775807",
    ])
    func `what is written comes back as it was`(text: String) throws {
        #expect(try JSON(parsing: text).text == text)
    }

    @Test func `numbers are whole where they can be`() throws {
        #expect(try JSON(parsing: "1e3") == .number(1000))
        #expect(try JSON(parsing: "1e3").integer == 1000)
        #expect(try JSON(parsing: "9223372036854775808") == .number(9223372036854775808))
        #expect(try JSON(parsing: "-0") == .number(-0.0))
    }

    @Test(arguments: [
        (#""\n\t\"\\\/\b\f\r""#, "\n\t\"\\/\u{8}\u{C}\r"), (#""é\u0041""#, "éA"),
        (#""\ud83d\ude00""#, "😀"), (#""\ud83d x""#, "\u{FFFD} x"), (#""a\ude00""#, "a\u{FFFD}"),
    ])
    func `escapes are undone`(text: String, expected: String) throws {
        #expect(try JSON(parsing: text) == .string(expected))
    }

    @Test func `the last of several members with one name counts and keeps the place of the first`() throws {
        #expect(try JSON(parsing: #"{"a":1,"b":2,"a":3}"#).text == #"{"a":3,"b":2}"#)
    }

    @Test func `two spellings of an accented letter are two names`() throws {
        let object = try JSON(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(object.members?.count == 2)
        #expect(object["\u{E9}"]?.integer == 1)
        #expect(object["e\u{301}"]?.integer == 2)
    }

    @Test(arguments: [
        ("", "Unexpected end of JSON input (line 1, column 1)"),
        ("{\n  \"a\" 1}", "Unexpected token '1' in JSON (line 2, column 7)"),
        ("[1,]", "Unexpected token ']' in JSON (line 1, column 4)"),
        ("01", "Unexpected token '1' in JSON (line 1, column 2)"),
        ("1.", "Unexpected end of JSON input (line 1, column 3)"),
        ("nul", "Unexpected end of JSON input (line 1, column 4)"),
        ("\"a", "Unterminated string in JSON (line 1, column 3)"),
        ("\"\u{1}\"", "Bad control character in string literal in JSON (line 1, column 2)"),
        ("\"\\x\"", "Bad escaped character in JSON (line 1, column 3)"),
        ("1 2", "Unexpected token '2' in JSON (line 1, column 3)"),
    ])
    func `a slip is named with its place`(text: String, message: String) {
        let error = #expect(throws: WorkersError.self) { try JSON(parsing: text) }
        #expect(error == WorkersError(.syntaxError, message))
    }

    @Test func `depth is bounded`() {
        #expect(throws: WorkersError.self) { try JSON(parsing: String(repeating: "[", count: 100_000)) }
    }

    @Test func `ill-formed UTF-8 is refused`() {
        #expect(throws: WorkersError.self) { try JSON(parsing: [0x22, 0xFF, 0x22] as [UInt8]) }
    }
}
