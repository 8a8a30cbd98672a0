import HTTPCaching
import HTTPTypes
import Testing

/// The fields that decide about caching.
@Suite struct FieldFuzzTests {
    private static let directives = [
        "max-age=3600, private=\"a, b\"", "no-cache=\"set-cookie\", s-maxage=\"5\"",
        "public, max-age=1;a=b, stale-if-error=2",
    ]
    private static let tokens = [
        ",", "=", "\"", "\\", ";", " ", "max-age", "s-maxage=", "no-store", "private=", "\"a,b\"",
        "stale-while-revalidate=3",
        "2147483648", "99999999999999999999", "1.5", "-1", "?1", "(a b)", ":YQ==:",
    ]

    @Test func `delta seconds are never negative and never beyond 2^31`() {
        var fuzzer = Fuzzer(longest: 40)
        let failure = fuzzer.run(["0", "3600", "2147483648", "99999999999"]) { input in
            guard let seconds = DeltaSeconds.parse(String(decoding: input, as: UTF8.self)) else { return true }
            return (0...DeltaSeconds.longest).contains(seconds)
        }
        #expect(failure == nil)
    }

    @Test func `the items of a list are never empty, have no blanks around them, and are the items of their list`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(Self.directives + ["a,,b", "\"\\\"\", c"], tokens: Self.tokens) { input in
            let text = String(decoding: input, as: UTF8.self)
            let items = QuotedList.items(text)
            guard items.allSatisfy({ !$0.isEmpty && $0 == $0.trimmedOfBlanks }) else { return false }
            // A quote that does not end swallows what is put behind it.
            return QuotedList.isOpenEnded(text) || QuotedList.items(items.joined(separator: ", ")) == items
        }
        #expect(failure == nil)
    }

    @Test func `a directive is not lost behind others, and numbers are seconds`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(Self.directives, tokens: Self.tokens) { input in
            let text = String(decoding: input, as: UTF8.self)
            let names = ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"]
            for control in [CacheControl(lines: [text]), CacheControl(targeted: [text])].compactMap({ $0 }) {
                for name in names {
                    if let seconds = control.seconds(name), !(0...DeltaSeconds.longest).contains(seconds) {
                        return false
                    }
                    if let longest = control.longest(name), longest < control.seconds(name) ?? 0 { return false }
                }
            }
            let forbidding = CacheControl(lines: ["no-store, \(text)"])
            let behind = CacheControl(lines: [text, "no-store"])
            return forbidding.has("no-store") && behind.has("no-store")
        }
        #expect(failure == nil)
    }

    @Test func `ranges lie in the content and do not multiply it`() {
        var fuzzer = Fuzzer(longest: 300)
        let tokens = ["bytes=", "-", ",", " ", "0", "9", "10", "99999999999999999999", "="]
        let failure = fuzzer.run(["bytes=0-9", "bytes=5-", "BYTES=-5,0-0"], tokens: tokens) { input in
            let text = String(decoding: input, as: UTF8.self)
            if let closed = ByteRanges.closed(text), closed.isEmpty { return false }
            return [0, 1, 10, 1 << 50].allSatisfy { size in
                guard case .ranges(let ranges) = ByteRanges(text, size: size) else { return true }
                let inside = ranges.allSatisfy { !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= size }
                guard inside, (1...ByteRanges.most).contains(ranges.count) else { return false }
                return ranges.count == 1 || ranges.reduce(0) { $0 + $1.count } <= size
            }
        }
        #expect(failure == nil)
    }

    @Test func `a content range is written as it was read`() {
        var fuzzer = Fuzzer(longest: 100)
        let tokens = ["bytes ", "-", "/", "*", "0", "9", "99999999999999999999", " "]
        let failure = fuzzer.run(["bytes 0-4/10", "bytes 5-9/*"], tokens: tokens) { input in
            guard let range = ContentRange(String(decoding: input, as: UTF8.self)) else { return true }
            return ContentRange(range.text) == range && !range.range.isEmpty
                && range.size.map { range.range.upperBound <= $0 } ?? true
        }
        #expect(failure == nil)
    }

    @Test func `a tag is found in every list that holds it`() {
        var fuzzer = Fuzzer(longest: 200)
        let tokens = ["\"", "W/", ",", " ", "*", "\"x\"", "\"x\", ", "\\"]
        let failure = fuzzer.run(["\"a\", W/\"b,c\"", "*", "W/\"\""], tokens: tokens) { input in
            let text = String(decoding: input, as: UTF8.self)
            guard EntityTag.list([text, "W/\"x\""], weaklyHas: "\"x\"") else { return false }
            return !EntityTag.stronglyEqual(text, text) || EntityTag.isStrong(text)
        }
        #expect(failure == nil)
    }
}
