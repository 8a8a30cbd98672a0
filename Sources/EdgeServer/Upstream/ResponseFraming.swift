import NIOHTTP1

/// How long a response's body is, and whether its connection stays (RFC 9112 §6.3, §9.3).
///
/// Stricter than the parser: what two readers could frame differently is refused, because a cache would keep it.
struct ResponseFraming: Equatable {
    enum Body: Equatable {
        case none
        case length(Int)
        case chunked
        /// The end of the connection is the end of the body.
        case untilClose
    }

    let body: Body
    let keepsAlive: Bool

    /// - Throws: `UpstreamFailure.malformed`.
    init(of head: HTTPResponseHead, to method: HTTPMethod) throws(UpstreamFailure) {
        var length: Int?
        var isChunked = false
        var closes = false
        var asksToKeep = false
        for (name, value) in head.headers {
            guard !value.hasControls else { throw .malformed("a field has control characters") }
            // The length sorts out nearly every field before a comparison.
            switch name.utf8.count {
            case 10 where name.isField("connection"):
                if value.hasToken("close") { closes = true }
                if value.hasToken("keep-alive") { asksToKeep = true }
            case 14 where name.isField("content-length"):
                guard let number = ResponseFraming.length(value), length == nil || length == number else {
                    throw .malformed("its length is contradictory")
                }
                length = number
            case 17 where name.isField("transfer-encoding"):
                guard !isChunked, value.isField("chunked") else { throw .malformed("its transfer coding is unknown") }
                isChunked = true
            default: break
            }
        }
        let status = Int(head.status.code)
        guard (100...999).contains(status) else { throw .malformed("its status is not a status") }
        // RFC 9112 §6.1: HTTP/1.0 knows no transfer codings, and both fields together are an attempt to smuggle.
        guard !isChunked || (head.version.minor > 0 && length == nil) else {
            throw .malformed("its length is contradictory")
        }
        if method == .HEAD || status < 200 || status == 204 || status == 304 {
            body = .none
        } else if isChunked {
            body = .chunked
        } else {
            body = length.map(Body.length) ?? .untilClose
        }
        // A 204 with a transfer coding is forbidden (RFC 9112 §6.1); whatever follows it is nobody's answer.
        let mayHaveMore = isChunked && (status < 200 || status == 204)
        keepsAlive = !closes && !mayHaveMore && body != .untilClose && (head.version.minor > 0 || asksToKeep)
    }

    /// Digits and nothing else; the same number several times in a list is one number (RFC 9112 §6.3).
    private static func length(_ text: String) -> Int? {
        if let number = digits(text[...]) { return number }
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { digits($0.trimmingWhitespace) }
        guard let first = numbers.first, numbers.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    private static func digits(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
