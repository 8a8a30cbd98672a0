import Testing

@testable import EdgeServer

@Suite struct ByteRangesTests {
    @Test(
        "reads well-formed ranges",
        arguments: [
            ("bytes=0-0", [0..<1]), ("bytes=0-99", [0..<10]), ("bytes=5-", [5..<10]), ("bytes=-3", [7..<10]),
            ("bytes=-99", [0..<10]), ("Bytes=1-2", [1..<3]), ("bytes=0-1,4-5, 8-", [0..<2, 4..<6, 8..<10]),
            ("bytes=0-1,99-", [0..<2]), ("bytes=2-3,", [2..<4]),
        ])
    func reads(field: String, expected: [Range<Int>]) {
        #expect(ByteRanges(field: field, length: 10) == .parts(expected))
    }

    @Test(
        "ignores what it does not understand",
        arguments: [
            "", "bytes", "bytes=", "bytes=a-b", "bytes=5-2", "bytes=--1", "bytes=1", "items=0-1", "bytes=0-9,0-9",
            "bytes=+1-2", "bytes=" + Array(repeating: "0-0", count: 17).joined(separator: ","),
        ])
    func ignores(field: String) {
        #expect(ByteRanges(field: field, length: 10) == .whole)
    }

    @Test("says so when nothing of it exists", arguments: ["bytes=10-", "bytes=10-20,30-", "bytes=-0"])
    func unsatisfiable(field: String) {
        #expect(ByteRanges(field: field, length: 10) == .unsatisfiable)
    }

    @Test func `an empty file has no ranges at all`() {
        #expect(ByteRanges(field: "bytes=0-", length: 0) == .unsatisfiable)
    }

    @Test func `numbers beyond Int are as good as infinite`() {
        #expect(ByteRanges(field: "bytes=2-99999999999999999999999", length: 10) == .parts([2..<10]))
    }
}

@Suite struct ContentCodingTests {
    @Test(
        "chooses as the client weighs",
        arguments: [
            ("gzip, deflate, br, zstd", ContentCoding.brotli), ("gzip", .gzip), ("br;q=0.5, gzip;q=0.8", .gzip),
            ("br;q=0, gzip;q=0", .identity), ("*", .brotli), ("*;q=0", .identity), ("gzip;q=0, *", .brotli),
            ("br;q=0, *;q=0.1", .gzip), ("identity;q=1, br;q=0.5", .identity), ("identity", .identity), ("", .identity),
            ("BR", .brotli), ("x-gzip", .gzip), ("br; q=1.000", .brotli), ("br;q=2", .identity),
            ("br;q=abc", .identity),
            ("identity;q=0, br;q=0.001", .brotli), ("deflate", .identity),
        ])
    func chooses(field: String, expected: ContentCoding) {
        #expect(ContentCoding.choose(field, from: [.brotli, .gzip]) == expected)
    }

    @Test func `a client that says nothing gets nothing packed`() {
        #expect(ContentCoding.choose(nil, from: [.brotli, .gzip]) == .identity)
    }

    @Test func `only what lies ready is chosen`() {
        #expect(ContentCoding.choose("br, gzip", from: [.gzip]) == .gzip)
        #expect(ContentCoding.choose("br, gzip", from: []) == .identity)
    }
}

@Suite struct ResponseHeadTests {
    @Test func `a field that would break the framing is left out`() {
        let head = ResponseHead(
            status: 200, headers: [("x-good", "1"), ("x-bad", "a\r\nset-cookie: b"), ("x bad", "1"), ("", "1")],
            contentLength: 0)
        #expect(String(buffer: head.bytes) == "HTTP/1.1 200 OK\r\nx-good: 1\r\ncontent-length: 0\r\n")
    }
}
