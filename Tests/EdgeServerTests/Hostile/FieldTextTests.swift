import NIOCore
import NIOHTTP1
import Testing

@testable import EdgeServer

/// Values with bytes that HTTP gives no meaning to (RFC 9110 §5.5).
@Suite struct FieldTextTests {
    private func head(_ value: [UInt8]) throws -> HTTPRequestHead? {
        var buffer = ByteBuffer(string: "GET / HTTP/1.1\r\nX: ")
        buffer.writeBytes(value)
        buffer.writeString("\r\n\r\n")
        var parser = RequestParser(limits: HTTPLimits())
        guard case .head(let head)? = try parser.next(&buffer) else { return nil }
        return head
    }

    @Test(
        "are passed on byte for byte",
        arguments: [
            Array("plain".utf8), Array("é ü 漢 😀".utf8), [0xE9, 0x74, 0xE9], [0xC0, 0xAF], [0xED, 0xA0, 0x80],
            [0xFF, 0x41, 0x80],
            [0xC3], [0xF4, 0x90, 0x80, 0x80], Array("\u{10FE80}\u{10FEFF}".utf8), Array("\u{10FFFD}\u{10FE7F}".utf8),
            Array("é".utf8) + [0xE9] + Array("\u{10FEE9}".utf8),
        ])
    func passed(value: [UInt8]) throws {
        let head = try #require(try head(value))
        var buffer = ByteBuffer()
        buffer.writeFields(head.headers)
        #expect(Array(buffer.readableBytesView) == Array("X: ".utf8) + value + Array("\r\n\r\n".utf8))
    }

    @Test func `UTF-8 is the text it is, and no two values are one text`() throws {
        #expect(try head(Array("é".utf8))?.headers.first(name: "x") == "é")
        #expect(try head([0xE9])?.headers.first(name: "x") == "\u{10FEE9}")
        #expect(try head(Array("\u{10FEE9}".utf8))?.headers.first(name: "x") != "\u{10FEE9}")
    }
}
