import NIOHTTP1

/// The first line of a response (RFC 9112 §4): a version, three digits, and a reason that nobody needs.
struct ResponseStatusLine {
    let version: HTTPVersion
    /// 100 to 999; the reason is kept for a number nobody knows.
    let status: HTTPResponseStatus

    /// Whether a line may begin with these bytes. A server of another protocol may wait for us before it ends its first.
    static func canBegin(with bytes: UnsafeRawBufferPointer) -> Bool {
        let protocolName: StaticString = "HTTP/"
        let count = min(bytes.count, protocolName.utf8CodeUnitCount)
        return bytes.prefix(count).elementsEqual(UnsafeRawBufferPointer(start: protocolName.utf8Start, count: count))
    }

    /// - Throws: `HTTPSyntaxError`.
    init(_ line: UnsafeRawBufferPointer) throws {
        // `HTTP/1.1 200`; servers that have no reason often leave out the space before it, too.
        guard line.count >= 12, line[8] == 0x20, line.count == 12 || line[12] == 0x20 else {
            throw HTTPSyntaxError.malformed
        }
        version = try RequestStartLine.version(UnsafeRawBufferPointer(rebasing: line[..<8]))
        var code = 0
        for byte in line[9..<12] {
            guard byte >= 0x30, byte <= 0x39 else { throw HTTPSyntaxError.malformed }
            code = code * 10 + Int(byte - 0x30)
        }
        guard code >= 100 else { throw HTTPSyntaxError.malformed }
        let reason = UnsafeRawBufferPointer(rebasing: line[min(13, line.count)...])
        switch FieldBytes.content(of: reason) {
        case .forbidden: throw HTTPSyntaxError.malformed
        case .ascii, .text:
            status = HTTPResponseStatus(statusCode: code, reasonPhrase: String(decoding: reason, as: UTF8.self))
        }
    }
}
