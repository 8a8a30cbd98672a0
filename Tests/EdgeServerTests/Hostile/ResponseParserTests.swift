import NIOCore
import NIOHTTP1
import Testing

@testable import EdgeServer

/// What an origin may send, and what would poison a cache.
@Suite struct ResponseParserTests {
    /// Reads to the end of the input; the connection then closes.
    private func read(_ text: String, _ methods: HTTPMethod...) throws -> String {
        var parser = ResponseParser(limits: FieldLimits(size: 4096, count: 20))
        for method in methods.isEmpty ? [.GET] : methods { parser.expect(method) }
        var buffer = ByteBuffer(bytes: text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        var parts: [String] = []
        while let part = try parser.next(&buffer) { parts.append(ResponseParserTests.text(part)) }
        if let end = try parser.finish(buffer) { parts.append(ResponseParserTests.text(end)) }
        if parser.isTunnel { parts.append("left \(buffer.readableBytes)") }
        return parts.joined(separator: ", ")
    }

    private static func text(_ part: HTTPClientResponsePart) -> String {
        switch part {
        case .head(let head): "\(head.status.code)"
        case .body(let bytes): String(buffer: bytes)
        case .end(let trailers): "end" + (trailers ?? [:]).map { " \($0.name)=\($0.value)" }.joined()
        }
    }

    @Test(
        "a response ends where its head says",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "200, hi, end"),
            ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200, end"),
            ("HTTP/1.1 200 \r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", "200, hi, end"),
            ("HTTP/1.0 200 OK\r\n\r\nuntil the end", "200, until the end, end"),
            ("HTTP/1.1 200 OK\r\n\r\n", "200, end"),
            ("HTTP/1.1 204 No Content\r\n\r\n", "204, end"),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304, end"),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n",
                "100, 103, 299, end"
            ),
            ("HTTP/1.1 999 Whatever\r\nContent-Length: 0\r\n\r\n", "999, end"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n0\r\nT: 1\r\n\r\n",
                "200, hi, end T=1"
            ),
            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nanything", "101, end, left 8"),
            ("HTTP/1.1 200 \u{E9}t\u{E9}\r\nContent-Length: 0\r\n\r\n", "200, end"),
        ])
    func reads(text: String, parts: String) throws {
        #expect(try read(text) == parts)
    }

    @Test func `HEAD has no content whatever its head says, and the next response follows`() throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(try read(text, .HEAD, .HEAD) == "200, end, 200, end")
    }

    @Test func `an opened tunnel is left alone, a refused one is a response`() throws {
        #expect(try read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbytes", .CONNECT) == "200, end, left 5")
        #expect(try read("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", .CONNECT) == "403, no, end")
    }

    @Test(
        "a response that could end in two places is refused",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
            "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 200 OK\r\nX: a\u{00}b\r\n\r\n",
            "HTTP/1.1 200 OK\r\n Content-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nX\r\n\r\n",
            "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n",
            "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1\t200 OK\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
            "http/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 O\u{01}K\r\n\r\n", "ICY 200 OK\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n", "<html>\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 100 Continue\r\n\r\n" + "HTTP",
            "HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 5000) + "\r\n\r\n",
            "HTTP/1.1 200 " + String(repeating: "a", count: 5000),
            "HTTP/1.1 200 OK\r\n" + String(repeating: "X: 1\r\n", count: 21) + "\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        ])
    func refuses(text: String) throws {
        #expect(throws: HTTPSyntaxError.self) { try read(text) }
    }

    @Test(
        "bytes that begin no status line are refused before the line ends",
        arguments: ["S", "h", "HTTQ", "\u{16}\u{3}"])
    func refusesEarly(text: String) {
        var parser = ResponseParser(limits: FieldLimits(size: 4096, count: 20))
        parser.expect(.GET)
        var buffer = ByteBuffer(string: text)
        #expect(throws: HTTPSyntaxError.malformed) { try parser.next(&buffer) }
    }
}
