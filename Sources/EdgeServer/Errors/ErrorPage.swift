import HTTPTypes
import Workers

/// The answer to a request whose handler failed.
///
/// While developing it shows the error, in the form that the client asks for. In production it shows nothing but a reference
/// to the log: the text of an error may quote what another user sent.
public enum ErrorPage {
    /// Who sees the error.
    public enum Audience: Sendable, Hashable {
        case developer
        /// Everybody; the reference stands in the log beside the error.
        case everybody(reference: String)
    }

    /// What was asked, for the page.
    public struct Asked: Sendable, Hashable {
        public var method: String
        /// Path and query, as sent.
        public var target: String
        /// The `Accept` fields, joined by commas.
        public var accept: String?

        public init(method: String, target: String, accept: String?) {
            self.method = method
            self.target = target
            self.accept = accept
        }

        public init(_ request: Request) {
            let url = request.url
            method = request.method.rawValue
            target = url.path + (url.query.map { "?" + $0 } ?? "")
            accept = request.headers[.accept]
        }
    }

    public static func response(to asked: Asked, _ error: UncaughtError, for audience: Audience) -> Response {
        let format = AcceptedFormat(accept: asked.accept)
        var response: Response
        switch (audience, format) {
        case (.developer, .html): response = page(asked, error)
        case (.developer, .json): response = details(asked, error)
        case (.developer, .text): response = .text(text(asked, error))
        case (.everybody(let reference), .json): response = bareDetails(error, reference)
        case (.everybody(let reference), _):
            response = .text("\(title(error)) (error \(error.code))\nReference: \(reference)\n")
        }
        response.status = .init(code: error.status)
        response.headers[.cacheControl] = "no-store"
        response.headers[.vary] = "Accept"
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    private static func title(_ error: UncaughtError) -> String {
        error.status == 503 ? "The service is unavailable" : "Internal server error"
    }

    // MARK: For programs

    private static func details(_ asked: Asked, _ error: UncaughtError) -> Response {
        let details: [JSON.Member] = [
            .init("name", .string(error.type)),
            .init("message", .string(error.message)),
            .init("code", .integer(error.code)),
            .init("request", .string("\(asked.method) \(asked.target)")),
        ]
        return problem(error, "The handler threw an error that nothing caught.", [.init("error", .object(details))])
    }

    private static func bareDetails(_ error: UncaughtError, _ reference: String) -> Response {
        problem(error, "The request could not be answered.", [.init("reference", .string(reference))])
    }

    /// RFC 9457.
    private static func problem(_ error: UncaughtError, _ detail: String, _ more: [JSON.Member]) -> Response {
        let code = error.code == 1102 ? "limit_exceeded" : "internal_error"
        let members: [JSON.Member] = [
            .init("title", .string(title(error))), .init("status", .integer(error.status)),
            .init("code", .string(code)), .init("detail", .string(detail)),
        ]
        var response = Response.json(.object(members + more))
        response.headers[.contentType] = "application/problem+json"
        return response
    }

    private static func text(_ asked: Asked, _ error: UncaughtError) -> String {
        "\(error.type): \(error.message)\n\n\(asked.method) \(asked.target)\nerror \(error.code)\n"
    }

    // MARK: For people

    private static func page(_ asked: Asked, _ error: UncaughtError) -> Response {
        let status = "Error \(error.code) · status \(error.status)"
        let advice =
            error.code == 1102
            ? "The call used more than its limits allow. The log has the figures."
            : "The handler threw this and nothing caught it. Swift keeps no stack with an error; the log has the same text."
        var page = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        page += "<title>\(escaped(error.type)) · \(escaped(asked.method)) \(escaped(asked.target))</title>\n"
        page += "<style>\(styles)</style>\n</head>\n<body>\n<main>\n"
        page += "<p class=\"code\">\(status)</p>\n<h1>\(escaped(error.type))</h1>\n"
        page += "<pre>\(escaped(error.message))</pre>\n"
        page += "<h2>Request</h2>\n<p><code>\(escaped(asked.method)) \(escaped(asked.target))</code></p>\n"
        page += "<p class=\"advice\">\(escaped(advice))</p>\n</main>\n</body>\n</html>\n"
        return Response(
            headers: [.contentType: "text/html; charset=utf-8", .contentSecurityPolicy: policy],
            body: Body(text: page))
    }

    /// Nothing but the styles below: what the error quotes can neither run nor load nor send anything.
    static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private static let styles = """
        :root{color-scheme:light dark}
        body{margin:0;font:16px/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}
        main{max-width:60rem;margin:0 auto;padding:3rem 1.5rem}
        h1{margin:0 0 1rem;font-size:1.6rem;overflow-wrap:anywhere}h2{margin:2rem 0 .5rem;font-size:1rem}
        pre,code{font:14px/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
        pre{margin:0;padding:1rem;border-left:4px solid #c62828;background:color-mix(in srgb,CanvasText 6%,Canvas)}
        .code{margin:0 0 .25rem;font-weight:600;color:color-mix(in srgb,#c62828 80%,CanvasText)}
        .advice{margin-top:2rem}
        """

    /// For text and for quoted attributes. Control characters, which HTML does not allow, become U+FFFD.
    package static func escaped(_ text: String) -> String {
        var output = ""
        output.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            case "\n", "\t": output.unicodeScalars.append(scalar)
            case "\r": break
            case "\u{00}"..<"\u{20}", "\u{7F}"..."\u{9F}": output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
