import HTTPTypes
import NIOCore
import Workers

/// The head of a response as bytes, without the fields that differ from one answer to the next (`Date`, `Connection`)
/// and without the empty line that ends it. Made once where an answer is used often.
public struct ResponseHead: Sendable {
    public let status: Int
    let bytes: ByteBuffer
    /// Whether `bytes` say already when the response was made, because it is somebody else's.
    let hasDate: Bool

    /// - Parameters:
    ///   - headers: names and values in the order they are sent. Values with line breaks or NUL would let content become
    ///     framing (RFC 9110 §5.5); such a field is left out.
    ///   - contentLength: `nil` where the length is unknown or the status has no content.
    public init(status: Int, headers: [(name: String, value: String)], contentLength: Int?) {
        self.status = status
        var sent = headers
        sent.removeAll { !ResponseHead.isSafe($0.name, $0.value) }
        hasDate = sent.contains { $0.name.isField("date") }
        let size = sent.reduce(ResponseHead.fixedSize) { $0 + ResponseHead.size($1.name, $1.value) }
        var buffer = ByteBuffer()
        buffer.writeBytes(atMost: size) { out in
            out.addStatus(status)
            for (name, value) in sent { out.addField(name, value) }
            if let contentLength { out.addLength(contentLength) }
        }
        bytes = buffer
    }

    /// The head of a Worker's response; see `write`.
    init(status: Int, headers: Headers, ray: String?, length: Int?) {
        self.status = status
        hasDate = false
        var buffer = ByteBuffer()
        buffer.writeBytes(atMost: ResponseHead.size(headers, ray: ray)) { out in
            ResponseHead.write(status, headers, ray: ray, length: length, to: &out)
        }
        bytes = buffer
    }

    /// Writes such bytes for a response that comes once.
    ///
    /// - Parameters:
    ///   - headers: their type keeps line breaks and NUL out of names and values.
    ///   - ray: the value of `CF-Ray`, instead of what `headers` say; `nil` leaves the field to them.
    ///   - out: has room for `size(headers, ray:)` bytes.
    static func write(_ status: Int, _ headers: Headers, ray: String?, length: Int?, to out: inout ByteWriter) {
        out.addStatus(status)
        for field in headers {
            let name = field.name.canonicalName
            if isFraming(name) || (ray != nil && name == "cf-ray") { continue }
            out.addField(name, field.value)
        }
        if let ray { out.addField("cf-ray", ray) }
        if let length { out.addLength(length) }
    }

    /// An upper bound of what `write` needs.
    static func size(_ headers: Headers, ray: String?) -> Int {
        var size = fixedSize + (ray.map { ResponseHead.size("cf-ray", $0) } ?? 0)
        for field in headers { size += ResponseHead.size(field.name.canonicalName, field.value) }
        return size
    }

    /// The status line with the longest reason, and a length of 19 digits.
    private static let fixedSize = 128

    private static func size(_ name: String, _ value: String) -> Int { name.utf8.count + value.utf8.count + 4 }

    /// Fields that describe the connection and its framing are the server's own business (RFC 9110 §7.6.1).
    static func isFraming(_ lowercasedName: String) -> Bool {
        // The length sorts out nearly every field before a comparison.
        switch lowercasedName.utf8.count {
        case 2: lowercasedName == "te"
        case 4: lowercasedName == "date"
        case 7: lowercasedName == "upgrade" || lowercasedName == "trailer"
        case 10: lowercasedName == "connection" || lowercasedName == "keep-alive"
        case 14: lowercasedName == "content-length"
        case 16: lowercasedName == "proxy-connection"
        case 17: lowercasedName == "transfer-encoding"
        default: false
        }
    }

    static func isSafe(_ name: String, _ value: String) -> Bool {
        !name.isEmpty && !name.utf8.contains(where: { $0 <= 0x20 || $0 == 0x3A || $0 >= 0x7F })
            && !value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 })
    }

    /// The reason phrases of RFC 9110 §15 and of its registry; clients ignore them, people read them.
    static func reason(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 102: "Processing"
        case 103: "Early Hints"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 508: "Loop Detected"
        default: ""
        }
    }

    /// Whether a response with this status can have content (RFC 9110 §6.4.1).
    static func hasContent(_ status: Int) -> Bool { status >= 200 && status != 204 && status != 304 }
}
