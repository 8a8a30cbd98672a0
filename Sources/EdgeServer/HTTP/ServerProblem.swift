import NIOCore
import NIOHTTP1

/// A request that the server refuses before anybody else sees it.
struct ServerProblem: Error, Equatable {
    let status: Int
    let code: String
    let message: String

    static let headTimeout = ServerProblem(
        status: 408, code: "head_timeout", message: "The request's head did not arrive in time.")
    static let bodyTooLarge = ServerProblem(
        status: 413, code: "body_too_large", message: "The request's body is larger than this server takes.")

    init(status: Int, code: String, message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// What the parser refused; `nil` for errors of the connection itself, which nobody can be told about.
    init?(parserError error: any Error) {
        if case HTTPParserError.headerOverflow = error {
            self.init(
                status: 431, code: "headers_too_large",
                message: "The request's header fields are too large or too many.")
        } else if case HTTPParserError.invalidVersion = error {
            self.init(status: 505, code: "version_not_supported", message: "This server speaks HTTP/1.1.")
        } else if error is HTTPParserError || error is NIOHTTPDecoderError {
            self.init(status: 400, code: "malformed_request", message: "The request is not well-formed HTTP/1.1.")
        } else {
            return nil
        }
    }

    /// What the parser lets through and the standard does not.
    init?(head: HTTPRequestHead, summary: RequestSummary, limits: HTTPLimits) {
        if head.uri.utf8.count > limits.target {
            self.init(
                status: 414, code: "target_too_long",
                message: "The request's target is longer than \(limits.target) bytes.")
        } else if head.version.major != 1 {
            self.init(status: 505, code: "version_not_supported", message: "This server speaks HTTP/1.1.")
        } else if summary.hostCount > 1 || (summary.hostCount == 0 && head.version.minor >= 1) {
            // RFC 9112 §3.2: exactly one Host field.
            self.init(status: 400, code: "host_required", message: "A request needs exactly one Host field.")
        } else if let host = summary.host, !ServerProblem.isHost(host) {
            self.init(status: 400, code: "bad_host", message: "The Host field is not a host with an optional port.")
        } else if summary.hasUnknownCoding {
            // RFC 9112 §6.1.
            self.init(
                status: 501, code: "transfer_coding_unknown",
                message: "This server takes no transfer coding but chunked.")
        } else if summary.isChunked, head.version.minor == 0 {
            // RFC 9112 §6.1: HTTP/1.0 has no transfer codings, so somebody on the way may see another end of the message.
            self.init(status: 400, code: "bad_framing", message: "A request of HTTP/1.0 cannot be chunked.")
        } else if summary.hasBadLength || (summary.isChunked && summary.contentLength != nil) {
            // RFC 9112 §6.1: both together are an attempt to smuggle, or a broken sender.
            self.init(status: 400, code: "bad_framing", message: "The request's length is contradictory.")
        } else if !ServerProblem.isTarget(head.uri) {
            self.init(
                status: 400, code: "bad_target", message: "The request's target has to be a path that begins with “/”.")
        } else {
            return nil
        }
    }

    /// The bytes of RFC 3986 §3.2.2 and a port; an empty field is allowed (RFC 9110 §7.2).
    static func isHost(_ host: String) -> Bool {
        host.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x3A, 0x41...0x5B, 0x61...0x7A: true  // digits, colon, letters, [
            case 0x21, 0x24...0x2E, 0x3B, 0x3D, 0x5D, 0x5F, 0x7E: true  // ! $ % & ' ( ) * + , - . ; = ] _ ~
            default: false
            }
        }
    }

    /// Origin form (RFC 9112 §3.2.1) without control characters, spaces and a fragment.
    static func isTarget(_ uri: String) -> Bool {
        uri.utf8.first == 0x2F && uri.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x23 }
    }

    var answer: (head: ResponseHead, body: ByteBuffer) {
        let title = ResponseHead.reason(status)
        let text =
            "{\"title\":\"\(title)\",\"status\":\(status),\"code\":\"\(code)\",\"detail\":\"\(message)\"}"
        let body = ByteBuffer(string: text)
        let head = ResponseHead(
            status: status,
            headers: [("content-type", "application/problem+json"), ("cache-control", "no-store")],
            contentLength: body.readableBytes)
        return (head, body)
    }
}
