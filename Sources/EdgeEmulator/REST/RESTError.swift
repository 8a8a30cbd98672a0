import HTTPTypes
import Workers

/// A call that was refused: the status that clients act upon, Cloudflare's number, one sentence.
///
/// Clients repeat 408, 409, 429 and everything from 500 on, so what will not get better by waiting is never one of these.
struct RESTError: Error, Sendable, Equatable {
    var status: HTTPResponse.Status
    var code: Int
    var message: String
    /// Fields that the status calls for.
    var headers: Headers = [:]

    init(_ status: HTTPResponse.Status, _ code: Int, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    // MARK: Any call

    static let missingCredentials = RESTError(
        .badRequest, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
    static let wrongCredentials = RESTError(.forbidden, 10000, "Authentication error")

    static func noRoute(_ path: String) -> RESTError {
        RESTError(.notFound, 7003, "Could not route to \(path), perhaps your object identifier is invalid?")
    }

    static func method(_ method: String, allowed: [String]) -> RESTError {
        let list = allowed.joined(separator: ", ")
        var error = RESTError(.methodNotAllowed, 10405, "Method \(method) is not allowed here; there is \(list).")
        error.headers[.allow] = list
        return error
    }

    static func tooManyCalls(retryAfter seconds: Int) -> RESTError {
        var error = RESTError(
            .tooManyRequests, 10429, "Rate limited. Please wait and consider throttling your requests.")
        error.headers[.retryAfter] = String(seconds)
        return error
    }

    static func bodyTooLarge(_ limit: Int, code: Int = 10001) -> RESTError {
        RESTError(.contentTooLarge, code, "The body of this call takes at most \(limit) bytes.")
    }

    /// The store failed; the same call may succeed later.
    static func storeFailed(_ reason: String) -> RESTError { RESTError(.internalServerError, 15000, reason) }

    // MARK: KV

    /// An argument that KV does not take.
    static func argument(_ message: String) -> RESTError { RESTError(.badRequest, 10001, message) }

    static let missingKey = RESTError(.notFound, 10009, "get: 'key not found'")

    static func missingNamespace(_ operation: String) -> RESTError {
        RESTError(.notFound, 10013, "\(operation): 'namespace not found'")
    }

    static func titleTaken(_ operation: String) -> RESTError {
        RESTError(
            .badRequest, 10014,
            "\(operation): 'A namespace with this account ID and title already exists'")
    }

    /// What the rules of KV refuse. The store's own texts begin with the operation and the status.
    init(kv error: WorkersError) {
        let text = error.message
        guard text.hasPrefix("KV "), let range = text.range(of: " failed: "),
            let status = Int(text[range.upperBound...].prefix { $0 != " " })
        else {
            self = .argument(text)
            return
        }
        let sentence = text[range.upperBound...].drop { $0 != " " }.dropFirst()
        let code = status == 429 ? 10429 : status >= 500 ? 15000 : 10001
        self.init(HTTPResponse.Status(code: status), code, String(sentence))
        if status == 429 { headers[.retryAfter] = "1" }
    }

    // MARK: Queues

    /// A body, or a member of it, that Queues do not take.
    static func queueBody(_ message: String) -> RESTError { RESTError(.badRequest, 10207, message) }

    static func missingQueue(code: Int) -> RESTError { RESTError(.notFound, code, "Queue not found.") }

    /// Something of a queue that `wrangler.toml` decides.
    static func fixed(_ message: String) -> RESTError {
        RESTError(.badRequest, 10207, message + " Change it there, and start again.")
    }

    /// What the rules of queues refuse.
    init(queue error: WorkersError) {
        var message = error.message
        if let range = message.range(of: " failed: "), message.hasPrefix("Queue send") {
            message = String(message[range.upperBound...])
        }
        switch error.code {
        case QueueErrorCode.unknown: self = .storeFailed(message)
        case let code?: self.init(.badRequest, code, message)
        case nil: self = .queueBody(message)
        }
    }
}
