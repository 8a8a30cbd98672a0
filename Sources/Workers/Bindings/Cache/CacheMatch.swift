import HTTPCaching
import HTTPTypes

/// What a stored response answers to a request: all of it, that it has not changed, or parts of it.
package struct CacheMatch: Sendable, Hashable {
    /// Which bytes of the stored content the answer carries.
    package enum Content: Sendable, Hashable {
        case none
        case whole
        case part(Range<Int>)
        /// The parts of a `multipart/byteranges` body with the lines before each, and the line that closes it.
        case parts([Part], closing: String)
    }

    package struct Part: Sendable, Hashable {
        package var heading: String
        package var range: Range<Int>
    }

    package var status: Int
    package var headers: Headers
    package var content: Content

    /// Conditions are looked at before ranges (RFC 9110 §13.2.2), and only for a success.
    ///
    /// - Parameters:
    ///   - size: bytes of the stored content.
    ///   - now: in seconds since 1970.
    ///   - boundary: separates the parts of a multipart answer; asked for at most once, and must not occur in the content.
    package init(_ stored: StoredHead, size: Int, request: Headers, now: Double, boundary: () -> String) {
        headers = CacheMatch.headers(stored, size: size, now: now)
        status = stored.status
        content = .whole
        guard (200..<300).contains(stored.status) else { return }
        if CacheMatch.isUnchanged(stored.headers, request: request, now: now) {
            status = 304
            content = .none
            return
        }
        guard stored.status == 200, let range = request[.range],
            CacheMatch.mayUseRange(stored.headers, request: request)
        else { return }
        switch ByteRanges(range, size: size) {
        case .whole: break
        case .ranges(let ranges): serve(ranges, size: size, boundary: boundary)
        case .unsatisfiable:
            status = 416
            content = .none
            headers[.contentRange] = "bytes */\(size)"
            headers[.contentLength] = "0"
        }
    }

    private mutating func serve(_ ranges: [Range<Int>], size: Int, boundary: () -> String) {
        status = 206
        if ranges.count == 1, let range = ranges.first {
            content = .part(range)
            headers[.contentRange] = CacheMatch.contentRange(range, size: size)
            headers[.contentLength] = String(range.count)
            return
        }
        let boundary = boundary()
        let type = headers[.contentType]
        var parts: [Part] = []
        for (index, range) in ranges.enumerated() {
            var heading = index == 0 ? "--\(boundary)\r\n" : "\r\n--\(boundary)\r\n"
            if let type { heading += "Content-Type: \(type)\r\n" }
            heading += "Content-Range: \(CacheMatch.contentRange(range, size: size))\r\n\r\n"
            parts.append(Part(heading: heading, range: range))
        }
        let closing = "\r\n--\(boundary)--"
        content = .parts(parts, closing: closing)
        headers[.contentType] = "multipart/byteranges; boundary=\(boundary)"
        let length = parts.reduce(closing.utf8.count) { $0 + $1.heading.utf8.count + $1.range.count }
        headers[.contentLength] = String(length)
    }

    private static func contentRange(_ range: Range<Int>, size: Int) -> String {
        "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
    }

    /// The stored fields with the age they have now. A stored length is corrected to what there really is.
    private static func headers(_ stored: StoredHead, size: Int, now: Double) -> Headers {
        var headers = stored.headers
        if headers.contains(.contentLength) { headers[.contentLength] = String(size) }
        if !headers.contains(.date) { headers[.date] = HTTPDate.text(Int(stored.storedAt)) }
        headers[.age] = String(Int(min(stored.initialAge + max(0, now - stored.storedAt), DeltaSeconds.longest)))
        headers[.cfCacheStatus] = "HIT"
        return headers
    }

    // MARK: Conditions

    /// Whether the client has this response already. Once there is an `If-None-Match`, the date is not looked at, whatever
    /// the tags said (RFC 9110 §13.1.3).
    private static func isUnchanged(_ stored: Headers, request: Headers, now: Double) -> Bool {
        let tags = request[values: .ifNoneMatch]
        guard tags.isEmpty else {
            return stored[.eTag].map { EntityTag.list(tags, weaklyHas: $0) } ?? false
        }
        guard let since = request[.ifModifiedSince].flatMap(HTTPDate.strict),
            let modified = stored[.lastModified].flatMap({ HTTPDate.lenient($0, now: now) })
        else { return false }
        return modified <= since
    }

    /// RFC 9110 §13.1.5: parts only of the very response that the client has a part of already.
    private static func mayUseRange(_ stored: Headers, request: Headers) -> Bool {
        guard let condition = request[.ifRange] else { return true }
        if condition.contains("\"") {
            return !condition.hasPrefix("W/") && condition.trimmedOfBlanks == (stored[.eTag] ?? "").trimmedOfBlanks
        }
        return condition == stored[.lastModified]
    }
}
