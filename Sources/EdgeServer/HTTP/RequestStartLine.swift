import NIOHTTP1

#if canImport(Glibc)
    import Glibc
#endif

/// The first line of a request (RFC 9112 §3): three parts with exactly one space between them.
struct RequestStartLine {
    let method: HTTPMethod
    /// Visible ASCII characters and nothing else.
    let target: String
    /// 1.0 or 1.1.
    let version: HTTPVersion

    init(method: HTTPMethod, target: String, version: HTTPVersion) {
        self.method = method
        self.target = target
        self.version = version
    }

    init(_ line: UnsafeRawBufferPointer, longestMethod: Int, longestTarget: Int) throws {
        var space = 0
        while space < line.count, FieldBytes.isToken(line[space]) { space += 1 }
        guard space <= longestMethod else { throw HTTPSyntaxError.methodTooLong }
        guard space > 0, space < line.count, line[space] == 0x20 else { throw HTTPSyntaxError.malformed }
        let begin = space + 1
        var end = begin
        while end < line.count, line[end] > 0x20, line[end] < 0x7F { end += 1 }
        guard end > begin, end < line.count, line[end] == 0x20 else { throw HTTPSyntaxError.malformed }
        guard end - begin <= longestTarget else { throw HTTPSyntaxError.targetTooLong }
        version = try RequestStartLine.version(UnsafeRawBufferPointer(rebasing: line[(end + 1)...]))
        method = RequestStartLine.method(UnsafeRawBufferPointer(rebasing: line[..<space]))
        target = String(decoding: UnsafeRawBufferPointer(rebasing: line[begin..<end]), as: UTF8.self)
    }

    /// `HTTP/`, a digit, a point and a digit, in this case (RFC 9112 §2.3).
    ///
    /// - Throws: `versionNotSupported` for all but 1.0 and 1.1. A later minor version could be answered as 1.1, but nobody
    ///   sends one.
    static func version(_ bytes: UnsafeRawBufferPointer) throws -> HTTPVersion {
        guard bytes.count == 8, let base = bytes.baseAddress, memcmp(base, "HTTP/", 5) == 0, bytes[6] == 0x2E,
            isDigit(bytes[5]), isDigit(bytes[7])
        else { throw HTTPSyntaxError.malformed }
        switch (bytes[5], bytes[7]) {
        case (0x31, 0x31): return .http1_1
        case (0x31, 0x30): return .http1_0
        default: throw HTTPSyntaxError.versionNotSupported
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// Any token is a method (RFC 9110 §9.1); the frequent ones are known without making a string of them.
    private static func method(_ bytes: UnsafeRawBufferPointer) -> HTTPMethod {
        if let base = bytes.baseAddress {
            switch bytes.count {
            case 3 where memcmp(base, "GET", 3) == 0: return .GET
            case 4 where memcmp(base, "POST", 4) == 0: return .POST
            case 4 where memcmp(base, "HEAD", 4) == 0: return .HEAD
            default: break
            }
        }
        return HTTPMethod(rawValue: String(decoding: bytes, as: UTF8.self))
    }
}
