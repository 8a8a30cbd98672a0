import NIOHTTP1

/// The fields of a request that the server itself acts on, gathered in one pass over the head.
struct RequestSummary {
    var host: String?
    var hostCount = 0
    var contentLength: Int?
    var hasBadLength = false
    var isChunked = false
    var expectsContinue = false
    var acceptEncoding: String?
    var ifNoneMatch: String?
    var range: String?
    var ifRange: String?
    var hasAuthorization = false
    var fetchMode: String?

    var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            // The length sorts out nearly every field before a comparison.
            switch name.utf8.count {
            case 4 where name.isField("host"):
                host = value
                hostCount += 1
            case 5 where name.isField("range"): range = value
            case 6 where name.isField("expect"): expectsContinue = value.isField("100-continue")
            case 8 where name.isField("if-range"): ifRange = value
            case 13 where name.isField("if-none-match"): ifNoneMatch = ifNoneMatch.map { $0 + ", " + value } ?? value
            case 13 where name.isField("authorization"): hasAuthorization = true
            case 14 where name.isField("content-length"):
                let length = RequestSummary.length(value)
                if length == nil || (contentLength != nil && contentLength != length) { hasBadLength = true }
                contentLength = length
            case 14 where name.isField("sec-fetch-mode"): fetchMode = value
            case 15 where name.isField("accept-encoding"): acceptEncoding = acceptEncoding.map { $0 + ", " + value } ?? value
            case 17 where name.isField("transfer-encoding"): isChunked = true
            default: break
            }
        }
    }

    /// RFC 9110 §8.6: digits and nothing else, no sign.
    private static func length(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}

extension String {
    /// Compares with a lower-case field name or token, ignoring the case of ASCII letters and allocating nothing.
    func isField(_ lowercased: StaticString) -> Bool {
        guard utf8.count == lowercased.utf8CodeUnitCount else { return false }
        var expected = lowercased.utf8Start
        for byte in utf8 {
            let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if folded != expected.pointee { return false }
            expected += 1
        }
        return true
    }
}
