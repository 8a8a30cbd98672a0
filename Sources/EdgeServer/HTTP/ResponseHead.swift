import NIOCore

/// The head of a response as bytes, without the fields that differ from one answer to the next (`Date`, `Connection`)
/// and without the empty line that ends it. Made once where an answer is used often.
public struct ResponseHead: Sendable {
    public let status: Int
    let bytes: ByteBuffer

    /// - Parameters:
    ///   - headers: names and values in the order they are sent. Values with line breaks or NUL would let content become
    ///     framing (RFC 9110 §5.5); such a field is left out.
    ///   - contentLength: `nil` where the length is unknown or the status has no content.
    public init(status: Int, headers: [(name: String, value: String)], contentLength: Int?) {
        self.status = status
        var buffer = ByteBufferAllocator().buffer(capacity: 384)
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status))
        buffer.writeStaticString(" ")
        buffer.writeString(ResponseHead.reason(status))
        buffer.writeStaticString("\r\n")
        for (name, value) in headers where ResponseHead.isSafe(name, value) {
            buffer.writeString(name)
            buffer.writeStaticString(": ")
            buffer.writeString(value)
            buffer.writeStaticString("\r\n")
        }
        if let contentLength {
            buffer.writeStaticString("content-length: ")
            buffer.writeString(String(contentLength))
            buffer.writeStaticString("\r\n")
        }
        bytes = buffer
    }

    /// Fields that describe the connection and its framing are the server's own business (RFC 9110 §7.6.1).
    static func isFraming(_ lowercasedName: String) -> Bool {
        switch lowercasedName {
        case "connection", "content-length", "date", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
            "trailer", "te":
            true
        default: false
        }
    }

    private static func isSafe(_ name: String, _ value: String) -> Bool {
        !name.isEmpty && !name.utf8.contains(where: { $0 <= 0x20 || $0 == 0x3A || $0 >= 0x7F })
            && !value.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 })
    }

    /// The reason phrases of RFC 9110 §15; clients ignore them, people read them.
    static func reason(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
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
        default: ""
        }
    }

    /// Whether a response with this status can have content (RFC 9110 §6.4.1).
    static func hasContent(_ status: Int) -> Bool { status >= 200 && status != 204 && status != 304 }
}
