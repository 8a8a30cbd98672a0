import Testing

@testable import Workers

/// Keys, cursors and bodies of the bindings.
@Suite struct StoreFuzzTests {
    @Test func `a cursor names the key it was made of`() {
        var fuzzer = Fuzzer(longest: 700)
        let failure = fuzzer.run(["a", "1ff", "1"], tokens: ["1", "ff", "0", "\u{301}"]) { input in
            let text = String(decoding: input, as: UTF8.self)
            if let bytes = try? KVCursor.parse(text) {
                guard
                    KVCursor.text(after: KVKey(stored: bytes)) == text
                        || String(validating: bytes, as: UTF8.self) == nil
                else { return false }
            }
            guard let key = try? KVKey(text, for: .put) else { return text.utf8.count <= 2 || text.utf8.count > 512 }
            return (try? KVCursor.parse(KVCursor.text(after: key))).flatMap { $0 } == Array(text.utf8)
        }
        #expect(failure == nil)
    }

    @Test func `the keys with a prefix are those of its range`() {
        var fuzzer = Fuzzer(longest: 60)
        let failure = fuzzer.run(["a,ab", ",x", "é,e\u{301}"], tokens: [",", "\u{10FFFF}", "a"]) { input in
            let parts = String(decoding: input, as: UTF8.self).utf8.split(
                separator: UInt8(ascii: ","), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return true }
            let (prefix, key) = (String(Substring(parts[0])), Array(parts[1]))
            let range = KVRange(prefix: prefix, after: nil)
            let isInside = !key.lexicographicallyPrecedes(range.lower) && key.lexicographicallyPrecedes(range.upper)
            let end = R2Key(prefix).prefixEnd
            let isInR2 = !(R2Key(bytes: key) < R2Key(prefix)) && end.map { R2Key(bytes: key) < $0 } != false
            let hasPrefix = key.starts(with: prefix.utf8)
            return isInside == hasPrefix && isInR2 == hasPrefix
        }
        #expect(failure == nil)
    }

    @Test func `a message that is converted keeps its content or is refused`() {
        var fuzzer = Fuzzer(longest: 200)
        let failure = fuzzer.run(["{\"a\":1}", "\"text\"", "[1,2]"], tokens: ["\"", "{", "}", "[", "]", "null"]) {
            input in
            let text = String(decoding: input, as: UTF8.self)
            var bodies: [QueueBody] = [.text(text), .bytes(input)]
            if let json = try? JSON(parsing: input) { bodies.append(.json(json)) }
            return bodies.allSatisfy { body in
                [QueueContentType.json, .text, .bytes].allSatisfy { type in
                    guard let converted = try? body.converted(to: type) else { return true }
                    return converted.contentType == type && (converted == body || converted.text == body.text)
                }
            }
        }
        #expect(failure == nil)
    }
}
