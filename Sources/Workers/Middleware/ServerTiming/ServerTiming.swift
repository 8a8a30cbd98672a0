import HTTPTypes
import Synchronization

/// Tells browsers where the time went: the `Server-Timing` field (W3C Server Timing §3), which developer tools draw.
///
/// ```swift
/// let router = try Router<Env> { routes in
///     routes.use(ServerTiming())
///     routes.get("/report") { call in
///         let rows = await call.measure("db", "Rows of the report") { ["a", "b"] }
///         return .text("\(rows.count) rows")
///     }
/// }
/// ```
/// `total` is added by itself. Times tell strangers something about the server, data that exists for instance; use
/// `isShown` to keep them to those who may know.
public struct ServerTiming<Env: Sendable>: Middleware {
    private let now: (@Sendable () -> Double)?
    private let isShown: @Sendable (Call<Env>) -> Bool

    /// - Parameters:
    ///   - now: a clock in seconds; the context's if not given, which can be set back.
    ///   - isShown: whether this caller gets the field.
    public init(
        now: (@Sendable () -> Double)? = nil, isShown: @escaping @Sendable (Call<Env>) -> Bool = { _ in true }
    ) {
        self.now = now
        self.isShown = isShown
    }

    public func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response {
        guard isShown(call) else { return try await next(call) }
        let context = call.context
        let timings = Timings(now: now ?? { context.now })
        var call = call
        call.values[Timings.self] = timings
        var response = try await next(call)
        response.headers.append(HTTPField(name: .serverTiming, value: timings.text))
        return response
    }
}

/// The measurements of one call.
private final class Timings: CallKey, Sendable {
    typealias Value = Timings

    let now: @Sendable () -> Double
    private let start: Double
    private let entries = Mutex<[String]>([])

    init(now: @escaping @Sendable () -> Double) {
        self.now = now
        start = now()
    }

    func add(_ name: String, _ description: String?, seconds: Double) {
        guard ByteClass.isToken(name) else { return }
        let text = "\(name);dur=\(Self.milliseconds(seconds))"
        let note = description.map { ";desc=\(AuthorizationField.quoted($0))" } ?? ""
        entries.withLock { $0.append(text + note) }
    }

    /// The field's value.
    var text: String {
        let total = "total;dur=\(Self.milliseconds(now() - start))"
        return entries.withLock { ($0 + [total]).joined(separator: ", ") }
    }

    /// With one decimal. A clock that was set back must not show as negative.
    private static func milliseconds(_ seconds: Double) -> String {
        let tenths = Int(min(max(0, seconds) * 10_000, 1e15).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension Call {
    /// Runs `work` and shows the time it took in `Server-Timing`, if the `ServerTiming` middleware is around.
    ///
    /// - Parameters:
    ///   - name: a token (letters, digits, `-`, `_`); another is not shown.
    ///   - description: shown instead of the name by developer tools. ASCII.
    public func measure<Result, Failure: Error>(
        _ name: String, _ description: String? = nil, _ work: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        guard let timings = values[Timings.self] else { return try await work() }
        let start = timings.now()
        defer { timings.add(name, description, seconds: timings.now() - start) }
        return try await work()
    }
}

extension HTTPField.Name {
    static let serverTiming = HTTPField.Name("Server-Timing")!
}
