import Synchronization

extension Problem {
    /// The problem as a response to a call: the document also has the request's id, as `request_id`, when the `RequestID`
    /// middleware has given one, so that a report can be matched to the log.
    public func response<Env>(for call: Call<Env>) -> Response {
        var response = response
        guard let id = call.requestID, var text = response.body.buffered.map({ String(decoding: $0, as: UTF8.self) }),
            text.hasSuffix("}")
        else { return response }
        text.removeLast()
        text += ",\"request_id\":\(JSON.string(id).text)}"
        response.body = Body(text: text)
        return response
    }
}

/// Remembers which problem became the response, for a middleware further out that logs it: a response has no code.
final class ProblemNote: CallKey, Sendable {
    typealias Value = ProblemNote

    private let last = Mutex<String?>(nil)

    /// The code of the last problem.
    var code: String? { last.withLock { $0 } }

    func note(_ problem: Problem) { last.withLock { $0 = problem.code } }
}
