import Testing
import WranglerConfig

@Suite struct TOMLDocumentTests {
    @Test func `values of every type are read`() throws {
        let document = try TOMLDocument(
            parsing: """
                s = "a\\tb"
                i = 0x1F
                f = 1.5
                b = true
                d = 2025-06-01
                t = 1979-05-27T07:32:00.5+01:30
                l = ["x", 1]
                o = { k = "v" }
                """)
        #expect(document.root["s"]?.string == "a\tb")
        #expect(document.root["i"]?.integer == 31)
        #expect(document.root["f"]?.number == 1.5)
        #expect(document.root["b"]?.boolean == true)
        #expect(document.root["d"] == .date("2025-06-01"))
        #expect(document.root["t"]?.date == "1979-05-27T07:32:00.5+01:30")
        #expect(document.root["l"]?.array == [.string("x"), .integer(1)])
        #expect(document.root["l"]?[1] == .integer(1))
        #expect(document.root["l"]?.strings == nil)
        #expect(document.root["o"]?["k"]?.string == "v")
    }

    @Test func `a byte order mark and Windows line ends are accepted`() throws {
        let document = try TOMLDocument(parsing: "\u{FEFF}a = 1\r\nb = 2\r\n")
        #expect(document.root["b"]?.integer == 2)
        #expect(try #require(document.position(of: ["b"])) == (2, 1))
        #expect(document.line(1) == "a = 1")
    }

    @Test func `keys are listed in the order in which they are written`() throws {
        let document = try TOMLDocument(parsing: "z = 1\na = 2\n[m]\ny = 1\nb = 2\n")
        #expect(document.keys() == ["z", "a", "m"])
        #expect(document.keys(of: ["m"]) == ["y", "b"])
    }

    @Test func `every key has a place`() throws {
        let document = try TOMLDocument(
            parsing: """
                # [not.a.table]
                name = "x"   # name = 2
                  "quoted key" . inner = 1
                text = \"""
                [fake]
                key = 1 \\"\"" \"""
                raw = '''
                [[fake]]''''
                list = [ # comment with ]
                  "a", 'b#',
                  { k = [1, 2], j = 2 },
                ]
                [a.b]
                c = 1
                [[points]]
                x = 1
                [[points]]
                x = 2
                [points.more]
                y = 1
                [[points.sub]]
                z = 1
                """)
        func place(_ path: [TOMLKey]) -> [Int] {
            document.position(of: path).map { [$0.line, $0.column] } ?? []
        }
        #expect(place(["name"]) == [2, 1])
        #expect(place(["quoted key", "inner"]) == [3, 18])
        #expect(place(["fake"]) == [])
        #expect(place(["list", 1]) == [10, 8])
        #expect(place(["list", 2, "k", 1]) == [11, 13])
        #expect(place(["list", 2, "j"]) == [11, 17])
        #expect(place(["a"]) == [13, 2])
        #expect(place(["a", "b"]) == [13, 4])
        #expect(place(["a", "b", "c"]) == [14, 1])
        #expect(place(["points"]) == [15, 3])
        #expect(place(["points", 1]) == [17, 3])
        #expect(place(["points", 1, "x"]) == [18, 1])
        #expect(place(["points", 1, "more", "y"]) == [20, 1])
        #expect(place(["points", 1, "sub", 0, "z"]) == [22, 1])
        #expect(place(["points", 0, "more"]) == [])
    }

    @Test func `columns count characters, not bytes`() throws {
        let document = try TOMLDocument(parsing: "o = { \"é\u{301}🇩🇪\" = 1, k = 2 }\n")
        #expect(try #require(document.position(of: ["o", "k"])) == (1, 17))
    }

    @Test func `a mistake is shown with its place and its line`() throws {
        let error = try #require(throws: TOMLSyntaxError.self) {
            _ = try TOMLDocument(parsing: "ok = 1\nname = = 2\n")
        }
        #expect(error.line == 2)
        #expect(error.column == 8)
        #expect(error.sourceLine == "name = = 2")
        #expect(error.message.hasSuffix("."))
    }

    @Test func `NUL and bytes that are not UTF-8 are refused where they stand`() throws {
        let nul = try #require(throws: TOMLSyntaxError.self) { _ = try TOMLDocument(parsing: "a = 1\nb = \"\0\"\n") }
        #expect(nul.line == 2)
        #expect(nul.column == 6)
        var bytes = Array("a = 1\nb = \"é".utf8)
        bytes += [0xFF, 0x22, 0x0A]
        let broken = try #require(throws: TOMLSyntaxError.self) { _ = try TOMLDocument(parsing: bytes) }
        #expect(broken.line == 2)
        #expect(broken.column == 7)
    }

    @Test func `an escaped NUL is a character like any other`() throws {
        let document = try TOMLDocument(parsing: #"a = "x\u0000y""#)
        #expect(document.root["a"]?.string == "x\0y")
    }

    @Test func `keys cannot be nested without end`() throws {
        let key = Array(repeating: "a", count: 50_000).joined(separator: ".")
        for text in ["\(key) = 1", "[\(key)]", "[[\(key)]]", "a = {\(key) = 1}"] {
            let error = try #require(throws: TOMLSyntaxError.self) { _ = try TOMLDocument(parsing: text) }
            #expect(error.message == "Keys are nested too deeply.")
        }
    }

    @Test func `mistakes are named in words`() throws {
        func message(_ text: String) -> String {
            do {
                _ = try TOMLDocument(parsing: text)
                return "none"
            } catch let error as TOMLSyntaxError {
                return "\(error.line):\(error.column) \(error.message)"
            } catch { return "other" }
        }
        #expect(message("name = \"app\nb = 1\n") == "1:8 This string is not closed with \".")
        #expect(message("a = 1\na = 2\n") == "2:1 a is already defined.")
        #expect(message("[dev]\n[dev]\n") == "2:2 dev is already defined.")
        #expect(message("a = yes\n") == "1:5 A text needs quotes: \"yes\".")
        #expect(message("a = [1,\n2") == "1:5 This list is not closed with ].")
        #expect(message("a 1\n") == "1:3 A key is followed by = and a value.")
        #expect(message("a = { b = 1,\n}") == "1:13 A key is missing.")
        #expect(message("ü = 1") == "1:1 A key with letters other than a–z needs quotes.")
        #expect(message("[\na]\n") == "1:2 A key is missing.")
        #expect(message("a = " + String(repeating: "[", count: 5000)).hasSuffix("Values are nested too deeply."))
    }

    /// Texts that are not TOML 1.0, as its grammar and its prose say.
    @Test(arguments: [
        "a = 1\na = 2", "[a]\n[a]", "a = 1 b = 2", "a = [1, 2", "a = {b = 1,}", "a = {b = 1\n}", "a.b = 1\na = 2",
        "a = 1\n[a]", "[a]\nb = 1\n[a.b]", "[[a]]\n[a]", "a = []\n[[a]]", "a = {}\n[a.b]", "a = { b = 1 }\na.c = 2",
        "= 1", "a =", "a", "[a", "[]", "[a]]", "[[a]", "a = 01", "a = 1__0", "a = 1.", "a = .5", "a = +0x1",
        "a = 0b2",
        "a = 2025-13-01", "a = 2025-02-30", "a = 24:00:00", "a = \"\\q\"", "a = \"\\uD800\"", "a = 'x\ny'",
        "a = \"x\u{1}\"", "# \u{7F}", "a = 1\rb = 2", "a = TRUE", "a = 9223372036854775808", "a = 0X1", "é = 1",
        "\"\"\"a\"\"\" = 1", "[a.b]\nc = 1\n[a]\nb.d = 2", "a = \"\"\"x\"\"\"\"\"\"", "a = {b = {c = 1}, b.d = 2}",
        "a.b.c = 1\n[a.b]", "[ [a] ]\n", "a = \"x\\", "a = inf_", "a = 1e", "a = 0xg", "a = 1970-01-01T",
        "a = \"\\x41\"",
        "a = 00:00", "a = '''x", "a = 1_", "a = _1", "a = 0_1", "a = 1e_1", "a = -0b1", "a = 2025-1-1", "a..b = 1",
        "a = {,}", "a = [,]", "a = {a = 1 b = 2}", "[a]\n[[a]]", "a = [{b=1}]\n[[a]]", "a = [{b=1}]\n[a.c]",
        "a = \"\t\u{0}\"",
    ])
    func `what is not TOML is refused`(text: String) {
        #expect(throws: TOMLSyntaxError.self) { _ = try TOMLDocument(parsing: text) }
    }

    @Test(arguments: [
        "", "# only a comment", "a = \"\"\"\"x\"\"\"\"\"", "'a.b' = 1\n\"\" = 2", "a = 2025-06-01 07:32:00Z",
        "a = [1, \"x\", {}]",
        "a = [\n1, # c\n2,\n]", "1 = 1\n2.3 = 4", "[a.b.c]\n[a]", "a.b = 1\na.c = 2", "a = +inf\nb = nan",
        "[a]\nb.c = 1\n[a.d]", "a = '''\nx'''", "a = \"\"\"\\\n   x\"\"\"", "[[a.b]]\n[[a.b]]\n[a.c]", "[ a . b ]",
        "a = 07:32:00",
        "a = \"\\U0001F438\"", "inf = 1\ntrue = 2\n2025-06-01 = 3", "a = 1_000\nb = 0xDEAD_BEEF\nc = 1e6\nd = -0.0",
    ])
    func `what TOML 1.0 allows is read`(text: String) throws {
        _ = try TOMLDocument(parsing: text)
    }
}
