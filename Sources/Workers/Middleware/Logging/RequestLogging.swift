import HTTPTypes

/// Hands one value per call to a sink: what was asked, what was answered, how long it took.
///
/// ```swift
/// let router = try Router<Env> { routes in
///     routes.use(RequestLogging(sink: { entry in print(entry) }))
///     routes.get("/projects/:project") { call in .text(call.parameters["project"] ?? "") }
/// }
/// ```
/// Values of the query, bodies, cookies, credentials and other fields never get into an entry. The sink runs before the
/// response goes out, so it should only pass the entry on.
public struct RequestLogging<Env: Sendable>: Middleware {
    private let now: (@Sendable () -> Double)?
    private let sink: @Sendable (RequestLogEntry) -> Void

    /// - Parameter now: a clock in seconds; the context's if not given, which can be set back.
    public init(now: (@Sendable () -> Double)? = nil, sink: @escaping @Sendable (RequestLogEntry) -> Void) {
        self.now = now
        self.sink = sink
    }

    public func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response {
        let context = call.context
        let now = now ?? { context.now }
        let note = ProblemNote()
        var call = call
        call.values[ProblemNote.self] = note
        var entry = RequestLogEntry(call)
        let start = now()
        do {
            let response = try await next(call)
            entry.seconds = max(0, now() - start)
            entry.status = response.status.code
            entry.responseBytes = response.body.length
            // A problem may have been caught on the way; then it is not what was answered.
            entry.problem = response.status.code >= 400 ? note.code : nil
            // The id may have been given further in.
            entry.requestID = entry.requestID ?? response.headers[.xRequestID]
            sink(entry)
            return response
        } catch {
            entry.seconds = max(0, now() - start)
            entry.failure = String(describing: type(of: error))
            sink(entry)
            throw error
        }
    }
}

/// One call, for a log.
public struct RequestLogEntry: Sendable, Hashable, CustomStringConvertible {
    public var method: String
    /// As sent, percent-encoded, without the query. It may hold names of things; `route` does not.
    public var path: String
    /// The pattern of the route: `/projects/:project`. `nil` where none has the path.
    public var route: String?
    /// The names in the query, each once, in order. Their values are left out.
    public var queryNames: [String]
    /// `nil` when an error went on to the host, which answers 500.
    public var status: Int?
    /// Until the response was there, its body perhaps not sent yet.
    public var seconds = 0.0
    /// `nil` for a stream of unknown length.
    public var requestBytes: Int?
    /// `nil` for a stream of unknown length.
    public var responseBytes: Int?
    public var requestID: String?
    /// The code of the problem that was answered.
    public var problem: String?
    /// The type of the error that went on to the host. Its text is left out: it may hold anything.
    public var failure: String?

    init<Env>(_ call: Call<Env>) {
        method = call.request.method.rawValue
        path = call.request.url.path
        route = call.route?.pattern
        queryNames = []
        for item in call.request.query.items where !queryNames.contains(item.name) { queryNames.append(item.name) }
        requestBytes = call.request.body.length
        requestID = call.requestID
    }

    /// `GET /projects/lamp ?limit 200 1.5 ms`, for people. Control characters are escaped.
    public var description: String {
        var words = [method, path]
        if !queryNames.isEmpty { words.append("?" + queryNames.joined(separator: "&")) }
        words.append(status.map { String($0) } ?? failure ?? "")
        if let problem { words.append(problem) }
        words.append("\((seconds * 10_000).rounded() / 10) ms")
        let text = words.joined(separator: " ")
        return text.unicodeScalars.reduce(into: "") { output, scalar in
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            output += isControl ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
    }
}
