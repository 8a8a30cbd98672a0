import HTTPTypes
import Workers

/// A request that a test expects, with the answers to it.
///
/// The answers are given in turn; the last one is given as often as `times` allows.
public struct ExpectedRequest: Sendable {
    /// Answers one request; the request's body is complete in memory.
    public typealias Answer = @Sendable (Request) async throws -> Response

    let method: HTTPRequest.Method
    let url: String
    let headers: Headers
    let body: [UInt8]?
    var answer: Answer = { _ in Response() }
    /// Seconds by the test's clock before the answer begins.
    var delay = 0.0
    /// How often the request may come; `nil` for any number, also none.
    var times: Int? = 1

    /// `GET https://api.example.com/users with accept: text/html`.
    var text: String {
        var text = "\(method.rawValue) \(url)"
        if !headers.isEmpty { text += " with " + headers.map { "\($0.name): \($0.value)" }.joined(separator: ", ") }
        if let body { text += " and a body of \(body.count) bytes" }
        return text
    }

    /// Why a request is not the expected one; `nil` when it is.
    func difference(from request: RecordedRequest) -> String? {
        if request.method != method { return "the method is \(request.method.rawValue)" }
        if request.url.text != url { return "the URL is \(request.url.text)" }
        for field in headers {
            let found = request.headers[field.name]
            if found != field.value {
                return "\(field.name) is \(found.map { "“\($0)”" } ?? "missing") instead of “\(field.value)”"
            }
        }
        if let body, request.body != body {
            return
                "the body is “\(RecordedRequest.preview(request.body))” instead of “\(RecordedRequest.preview(body))”"
        }
        return nil
    }
}

/// A request that was made in a test.
public struct RecordedRequest: Sendable {
    public let method: HTTPRequest.Method
    public let url: RequestURL
    /// As they would be sent.
    public let headers: Headers
    public let body: [UInt8]

    /// The body as UTF-8.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// `POST https://api.example.com/users (17 bytes)`.
    var line: String { "\(method.rawValue) \(url.text)" + (body.isEmpty ? "" : " (\(body.count) bytes)") }

    static func preview(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(200), as: UTF8.self)
        return bytes.count > 200 ? text + "…" : text
    }
}
