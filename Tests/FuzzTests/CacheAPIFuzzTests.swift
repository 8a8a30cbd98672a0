import HTTPCaching
import HTTPTypes
import Testing

@testable import Workers

/// Ranges and conditions as the Cache API and R2 read them.
@Suite struct CacheAPIFuzzTests {
    private static let ranges = ["bytes=0-9", "bytes=5-", "bytes=-5", "Bytes = 0-0 , 3-4,-1"]
    private static let tokens = ["bytes=", "-", ",", " ", "0", "9", "10", "99999999999999999999", "=", "items="]

    @Test func `ranges of the Cache API lie in the content and are what was asked for`() {
        var fuzzer = Fuzzer(longest: 200)
        let failure = fuzzer.run(Self.ranges, tokens: Self.tokens) { input in
            let text = String(decoding: input, as: UTF8.self)
            return [0, 1, 10, Int.max].allSatisfy { size in
                guard case .ranges(let ranges) = Workers.ByteRanges(text, size: size) else { return true }
                return !ranges.isEmpty && ranges.count <= 64
                    && ranges.allSatisfy { !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= size }
            }
        }
        #expect(failure == nil)
    }

    @Test func `a range of R2 lies in the object`() {
        var fuzzer = Fuzzer(longest: 200)
        let failure = fuzzer.run(Self.ranges, tokens: Self.tokens) { input in
            guard let range = R2Range([.range: String(decoding: input, as: UTF8.self)]) else { return true }
            guard (try? range.validate()) != nil else { return false }
            return [0, 1, 10, Int.max].allSatisfy { size in
                guard let bytes = try? range.resolved(in: size) else { return true }
                return bytes.lowerBound >= 0 && bytes.upperBound <= size
            }
        }
        #expect(failure == nil)
    }

    @Test func `a tag is found in the lists that hold it`() {
        var fuzzer = Fuzzer(longest: 200)
        let tags = ["\"a\", W/\"b,c\"", "*", "W/\"\""]
        let tokens = ["\"", "W/", ",", " ", "*", "\"x\"", "\"x\", "]
        let failure = fuzzer.run(tags, tokens: tokens) { input in
            let list = String(decoding: input, as: UTF8.self)
            let around = EntityTag.list([list, "W/\"x\""], weaklyHas: "\"x\"")
            guard let etags = try? R2ETagField.parse(list, name: "if-match") else { return around }
            return around && !etags.isEmpty && (!etags.contains(.any) || etags.count == 1)
        }
        #expect(failure == nil)
    }

    @Test func `metadata from fields is the metadata that is written to them`() {
        var fuzzer = Fuzzer(longest: 300)
        let examples = ["text/html\nde\nattachment\ngzip\nno-store\nSun, 06 Nov 1994 08:49:37 GMT"]
        let failure = fuzzer.run(examples, tokens: ["\n", "\u{E9}", "Thu, 01 Jan 1970 00:00:00 GMT"]) { input in
            let parts = String(decoding: input, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            guard parts.count == 6 else { return true }
            let names: [HTTPField.Name] = [
                .contentType, .contentLanguage, .contentDisposition, .contentEncoding, .cacheControl, .expires,
            ]
            var headers = Headers()
            for (name, value) in zip(names, parts) { headers.append(HTTPField(name: name, value: String(value))) }
            let metadata = R2HTTPMetadata(headers)
            var written = Headers()
            metadata.write(to: &written)
            return R2HTTPMetadata(written) == metadata
        }
        #expect(failure == nil)
    }
}
