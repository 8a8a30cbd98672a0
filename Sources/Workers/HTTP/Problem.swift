import HTTPTypes

/// An error answer of an API: RFC 9457 `application/problem+json` with a stable code.
///
/// ```swift
/// throw Problem(.notFound, code: "not_found", "There is no project called “lamp”.")
/// ```
/// The message is for people and may change; clients branch on `code`. Neither holds secrets or request content.
public struct Problem: Error, Sendable, Hashable {
    public var status: HTTPResponse.Status
    /// A stable identifier in snake case.
    public var code: String
    /// One plain sentence.
    public var message: String
    /// What to do about it, when there is something to do.
    public var hint: String?
    /// Fields the status calls for, such as `Allow` with 405 (RFC 9110 §15.5.6).
    public var headers: Headers

    public init(
        _ status: HTTPResponse.Status, code: String, _ message: String, hint: String? = nil, headers: Headers = [:]
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint
        self.headers = headers
    }

    /// The answer to a request whose body is longer than its reader takes.
    package init(_ error: BodyTooLarge) {
        self.init(.contentTooLarge, code: "body_too_large", error.description)
    }

    /// The problem as a response.
    public var response: Response {
        var members: [JSON.Member] = [
            .init("title", .string(status.reasonPhrase)),
            .init("status", .integer(status.code)),
            .init("code", .string(code)),
            .init("detail", .string(message)),
        ]
        if let hint { members.append(.init("hint", .string(hint))) }
        var response = Response.json(.object(members), status: status)
        response.headers[.contentType] = "application/problem+json"
        for field in headers { response.headers[field.name] = field.value }
        return response
    }
}
