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

    /// What the parser refused.
    init(_ error: HTTPSyntaxError) {
        switch error {
        case .malformed, .incomplete:
            self.init(
                status: 400, code: "malformed_request", message: "The request is not well-formed HTTP/1.1.")
        case .contradictoryLength:
            self.init(status: 400, code: "bad_framing", message: "The request's length is contradictory.")
        case .methodTooLong:
            // RFC 9112 §3: not 400, for a method longer than any that is known.
            self.init(status: 501, code: "method_too_long", message: "The request's method is too long.")
        case .targetTooLong:
            self.init(status: 414, code: "target_too_long", message: "The request's target is too long.")
        case .fieldsTooLarge:
            self.init(
                status: 431, code: "headers_too_large",
                message: "The request's header fields are too large or too many.")
        case .versionNotSupported:
            self.init(status: 505, code: "version_not_supported", message: "This server speaks HTTP/1.1.")
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
        } else if let host = summary.host, !HostField.isValid(host) {
            self.init(status: 400, code: "bad_host", message: "The Host field is not a host with an optional port.")
        } else if let problem = ServerProblem(framing: summary, head.version) {
            self = problem
        } else if summary.hasUnknownExpectation {
            self.init(
                status: 417, code: "expectation_unknown", message: "This server knows no expectation but 100-continue.")
        } else if head.method == .CONNECT {
            self.init(status: 501, code: "method_not_implemented", message: "This server opens no tunnels.")
        } else if !ServerProblem.isTarget(head.uri), !ServerOptions.isAsked(head) {
            self.init(
                status: 400, code: "bad_target", message: "The request's target has to be a path that begins with “/”.")
        } else {
            return nil
        }
    }

    /// A length that could be read in two ways (RFC 9112 §6.1, §6.3): an attempt to smuggle, or a broken sender.
    private init?(framing summary: RequestSummary, _ version: HTTPVersion) {
        guard summary.hasBadFraming(version) else { return nil }
        if case .others = summary.codings {
            self.init(
                status: 501, code: "transfer_coding_unknown",
                message: "This server takes no transfer coding but chunked.")
        } else if summary.isChunked, version == .http1_0 {
            // HTTP/1.0 has no transfer codings, so somebody on the way may see another end of the message.
            self.init(status: 400, code: "bad_framing", message: "A request of HTTP/1.0 cannot be chunked.")
        } else {
            self.init(HTTPSyntaxError.contradictoryLength)
        }
    }

    /// Origin form (RFC 9112 §3.2.1) without control characters, spaces, a fragment and what is not ASCII. Everything that
    /// looks a target up may so compare it as text.
    static func isTarget(_ uri: String) -> Bool {
        uri.utf8.first == 0x2F && uri.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x23 }
    }

    var answer: (head: ResponseHead, body: ByteBuffer) { answer(with: []) }

    /// - Parameter fields: further ones for the head.
    func answer(with fields: [(name: String, value: String)]) -> (head: ResponseHead, body: ByteBuffer) {
        let body = body
        let head = ResponseHead(
            status: status, headers: ServerProblem.fields + fields, contentLength: body.readableBytes)
        return (head, body)
    }

    static let fields = [
        (name: "content-type", value: "application/problem+json"), (name: "cache-control", value: "no-store"),
    ]

    /// RFC 9457 §3.
    var body: ByteBuffer {
        let title = ResponseHead.reason(status)
        return ByteBuffer(
            string: "{\"title\":\"\(title)\",\"status\":\(status),\"code\":\"\(code)\",\"detail\":\"\(message)\"}")
    }
}
