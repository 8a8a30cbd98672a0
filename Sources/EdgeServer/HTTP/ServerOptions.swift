import NIOHTTP1

/// `OPTIONS *`: what the server can do as a whole, whatever it serves (RFC 9112 §3.2.4, RFC 9110 §9.3.7).
///
/// The server answers for itself; no handler and no origin sees the request. A client cannot tell this proxy from an
/// origin, so that `*` means the proxy, as with `Max-Forwards: 0` (RFC 9110 §7.6.2).
enum ServerOptions {
    static func isAsked(_ head: HTTPRequestHead) -> Bool {
        head.method == .OPTIONS && head.uri.utf8.elementsEqual("*".utf8)
    }

    static func answer(_ exchange: Exchange) {
        exchange.note = AnswerNote(source: "server", detail: "options")
        exchange.respond(ResponseHead(status: 204, headers: fields, contentLength: nil), body: nil)
    }

    /// What the server itself passes on; which of them a path takes is its handler's to say.
    private static let fields = [(name: "allow", value: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")]
}
