import Foundation
import HTTPTypes
import Workers

/// What a call of the REST interface answers.
enum RESTAnswer: Sendable {
    /// In the envelope.
    case result(JSON, info: JSON? = nil)
    /// As it is: the value of a key.
    case raw(Response)
}

/// The object around every answer but the value of a key. See Cloudflare's documentation, "Make API calls", "Responses".
enum Envelope {
    static func success(_ result: JSON, info: JSON?) -> Response {
        var members: [JSON.Member] = [
            .init("success", .bool(true)), .init("errors", .array([])), .init("messages", .array([])),
            .init("result", result),
        ]
        if let info { members.append(.init("result_info", info)) }
        return .json(.object(members))
    }

    static func failure(_ error: RESTError) -> Response {
        let described = JSON.object([.init("code", .integer(error.code)), .init("message", .string(error.message))])
        let members: [JSON.Member] = [
            .init("success", .bool(false)), .init("errors", .array([described])), .init("messages", .array([])),
            .init("result", .null),
        ]
        var response = Response.json(.object(members), status: error.status)
        for field in error.headers { response.headers[field.name] = field.value }
        return response
    }

    /// - Parameter milliseconds: since 1970.
    static func date(_ milliseconds: Int) -> JSON {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return .string(Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(style))
    }
}
