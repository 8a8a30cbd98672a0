import NIOHPACK
import NIOHTTP1

/// The head of a request as HTTP/2 sends it, as the head that every handler knows (RFC 9113 §8.3.1).
///
/// The library has refused by then: unknown, missing, repeated and late pseudo-fields, names in upper case, fields of the
/// connection, `TE` other than `trailers`, line breaks and NUL in values.
struct HTTP2Request {
    let head: HTTPRequestHead
    let summary: RequestSummary
    /// Bytes of names and values.
    let size: Int
    /// Why it is refused.
    let problem: ServerProblem?

    /// - Parameters:
    ///   - endsStream: whether there is no body.
    ///   - isSecure: whether it came over TLS.
    init(_ fields: HPACKHeaders, endsStream: Bool, isSecure: Bool, limits: HTTPLimits) {
        var method = ""
        var scheme = ""
        var path = ""
        var authority: String?
        var cookies: [String] = []
        var headers = HTTPHeaders()
        headers.reserveCapacity(fields.count)
        var size = 0
        var count = 0
        var isClean = true
        for (name, value, _) in fields {
            size += name.utf8.count + value.utf8.count
            switch name {
            case ":method": method = value
            case ":scheme": scheme = value
            case ":path": path = value
            case ":authority":
                authority = value
                // First, as a client of HTTP/1.1 sends it.
                headers.add(name: "host", value: value)
            default:
                count += 1
                if !HTTP2Request.isValue(value) { isClean = false }
                if name == "cookie" { cookies.append(value) } else { headers.add(name: name, value: value) }
            }
        }
        // RFC 9113 §8.2.3: a cookie may come in pieces, which nobody but HTTP/2 knows how to put together.
        if !cookies.isEmpty { headers.add(name: "cookie", value: cookies.joined(separator: "; ")) }
        var summary = RequestSummary(headers)
        let hosts = headers["host"]
        // A Host field beside :authority may say the same again.
        let agrees = hosts.allSatisfy { $0.lowercased() == hosts.first?.lowercased() }
        if agrees, hosts.count > 1 {
            headers.replaceOrAdd(name: "host", value: hosts[0])
            summary.host = hosts[0]
            summary.hostCount = 1
        }
        // A body without a length has no length in HTTP/2 either, only no chunks.
        if summary.contentLength == nil, !endsStream { summary.codings = .chunked }
        head = HTTPRequestHead(version: .http2, method: HTTPMethod(rawValue: method), uri: path, headers: headers)
        self.summary = summary
        self.size = size
        problem = HTTP2Request.problem(
            head, summary, scheme: scheme, authority: authority, agrees: agrees, isClean: isClean, count: count,
            isSecure: isSecure, limits)
    }

    private static func problem(
        _ head: HTTPRequestHead, _ summary: RequestSummary, scheme: String, authority: String?, agrees: Bool,
        isClean: Bool, count: Int, isSecure: Bool, _ limits: HTTPLimits
    ) -> ServerProblem? {
        if count > limits.headerCount {
            return ServerProblem(
                status: 431, code: "headers_too_large",
                message: "The request's header fields are too large or too many.")
        }
        if head.uri.utf8.count > limits.target {
            return ServerProblem(
                status: 414, code: "target_too_long",
                message: "The request's target is longer than \(limits.target) bytes.")
        }
        if !isMethod(head.method.rawValue) || !isClean {
            return ServerProblem(
                status: 400, code: "malformed_request", message: "The request is not well-formed HTTP/2.")
        }
        // The scheme that a request names must not be able to say that it was protected when it was not.
        if scheme.lowercased() != "https", isSecure || scheme.lowercased() != "http" {
            return ServerProblem(
                status: 400, code: "bad_scheme", message: "The request's scheme is not that of the connection.")
        }
        guard agrees, summary.hostCount == 1, let host = summary.host, !host.isEmpty || authority == nil else {
            return ServerProblem(
                status: 400, code: "host_required", message: "A request needs exactly one authority.")
        }
        if !HostField.isValid(host) {
            return ServerProblem(
                status: 400, code: "bad_host", message: "The request's authority is not a host with an optional port.")
        }
        if summary.hasBadLength {
            return ServerProblem(status: 400, code: "bad_framing", message: "The request's length is contradictory.")
        }
        if !ServerProblem.isTarget(head.uri), !ServerOptions.isAsked(head) {
            return ServerProblem(
                status: 400, code: "bad_target", message: "The request's target has to be a path that begins with “/”.")
        }
        return nil
    }

    /// No control characters but tab, and no space around it (RFC 9113 §8.2.1, RFC 9110 §5.5).
    private static func isValue(_ value: String) -> Bool {
        if let first = value.utf8.first, let last = value.utf8.last {
            if first == 0x20 || first == 0x09 || last == 0x20 || last == 0x09 { return false }
        }
        return value.utf8.allSatisfy { $0 >= 0x20 ? $0 != 0x7F : $0 == 0x09 }
    }

    /// A token (RFC 9110 §5.6.2).
    private static func isMethod(_ method: String) -> Bool {
        !method.isEmpty
            && method.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x5E...0x7A: true  // digits, letters, ^ _ `
                case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x7C, 0x7E: true  // ! # $ % & ' * + - . | ~
                default: false
                }
            }
    }
}
