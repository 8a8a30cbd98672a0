import Testing

@testable import Workers

@Suite struct KVKeyTests {
    @Test(arguments: ["a", "...", "é", "\u{0}", String(repeating: "k", count: 512), String(repeating: "é", count: 256)])
    func `takes any text of up to 512 bytes`(text: String) throws {
        #expect(try KVKey(text, for: .get).text == text)
    }

    @Test func `compares bytes, not what a reader sees`() throws {
        let composed = try KVKey("é", for: .get)
        let decomposed = try KVKey("e\u{301}", for: .get)
        #expect("é" == "e\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, composed]).count == 2)
        #expect(decomposed < composed)
        // In UTF-16 it is the other way round.
        #expect(try KVKey("\u{FB00}", for: .get) < KVKey("\u{10348}", for: .get))
        #expect(try KVKey("a", for: .get) < KVKey("aa", for: .get))
    }
}

@Suite struct KVRangeTests {
    @Test func `a prefix covers exactly the keys that begin with it`() {
        let range = KVRange(prefix: "ab", after: nil)
        #expect(range == KVRange(prefix: "ab", after: Array("a".utf8)))
        #expect(range.lower == Array("ab".utf8))
        #expect(range.upper == Array("ac".utf8))
        #expect(KVRange(prefix: "", after: nil).lower == [])
        #expect(KVRange(prefix: "", after: nil).upper == [0xFF])
    }

    @Test func `a cursor moves the beginning behind its key`() {
        #expect(KVRange(prefix: "ab", after: Array("abc".utf8)).lower == Array("abc\u{0}".utf8))
        #expect(KVRange(prefix: "", after: Array("a".utf8)).lower == Array("a\u{0}".utf8))
    }
}

@Suite struct KVCursorTests {
    @Test(arguments: ["a", "é", "\u{0}", "\u{10FFFF}", String(repeating: "k", count: 512)])
    func `leads back to its key`(text: String) throws {
        let cursor = KVCursor.text(after: try KVKey(text, for: .get))
        #expect(try KVCursor.parse(cursor) == Array(text.utf8))
    }

    @Test(arguments: ["a", "1", "161a", "16g", "26", "261", "1 61", String(repeating: "1", count: 2049)])
    func `refuses what no page gave`(text: String) {
        #expect(throws: WorkersError(.error, "KV GET failed: 400 Invalid cursor.")) { try KVCursor.parse(text) }
    }

    @Test func `none and the empty one mean the beginning`() throws {
        #expect(try KVCursor.parse(nil) == nil)
        #expect(try KVCursor.parse("") == nil)
    }
}

@Suite struct KVBindingTests {
    @Test func `a namespace that the configuration lacks is reported at start-up`() async throws {
        let bindings = Bindings(["OTHER": .text("x")])
        let missing = try bindings.kv("SESSIONS")
        _ = try bindings.kv("OTHER")
        let problems = #expect(throws: MissingBindings.self) { try bindings.verify() }
        #expect(
            problems?.description == """
                SESSIONS is missing in the configuration; the Worker needs it with the kind kv_namespace.
                OTHER has the kind var in the configuration; the Worker needs the kind kv_namespace.
                """)
        await #expect(throws: WorkersError.self) { _ = try await missing.get("k") }
    }

    @Test func `values without types are text or refused`() throws {
        guard case .text("x") = try KVValue(.string("x")) else { throw WorkersError(.error, "no text") }
        for json in [JSON.null, .integer(1), .object([]), .array([]), .bool(true)] {
            #expect(throws: WorkersError.kvUnsupportedValue) { try KVValue(json) }
        }
    }
}
